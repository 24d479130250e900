// The JavaScript API: golden parity with PyTorch for all 31 stages, cancel, recovery, errors.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { root, serve, withPage } from "./browser.mjs";

// what the server does differently: three engines whatever the machine has, each saying what it is asked; or extras that are missing
const CREW = `Object.defineProperty(WorkerNavigator.prototype, "hardwareConcurrency", { get: () => 3 });
const asked = new BroadcastChannel("asked"); let helper = false;
addEventListener("message", ({ data: { header } }) => { helper ||= /"helpers":false/.test(header); if (helper && /"alone":true/.test(header)) asked.postMessage(1); });`;
let site, crew = false, extras = null, slow = 0, log = [];
before(async () => {
  site = await serve((name, res) => {
    log.push(name);
    const answer = (type, body) => { res.writeHead(200, { "content-type": type }); res.end(body); return true; };
    if (crew && /^worker[^/]*\.js$/.test(name)) return answer("text/javascript", `${CREW}\n${fs.readFileSync(path.join(root, "dist", name))}`);
    if (extras && /teaching/.test(name)) {
      if (extras === "damaged") return answer("application/octet-stream", Buffer.alloc(1000));
      res.writeHead(404); res.end(); return true;
    }
    if (slow && /\.safetensors/.test(name)) { setTimeout(() => answer("application/octet-stream", fs.readFileSync(path.join(root, "dist", name))), slow); return true; }
    return false;
  });
});
after(() => site.close());

function golden(name) {
  const bytes = fs.readFileSync(path.join(root, "tests/golden", name));
  const n = Number(bytes.readBigUInt64LE(0)), head = JSON.parse(bytes.subarray(8, 8 + n));
  return Object.fromEntries(Object.entries(head).map(([k, v]) => {
    const [a, b] = v.data_offsets;
    return [k, [...new Float32Array(bytes.buffer.slice(bytes.byteOffset + 8 + n + a, bytes.byteOffset + 8 + n + b))]];
  }));
}

// relative L2 <= 1e-4 for every stage, the logits and the CAM; sampled places as in tests/golden/generate.py
async function parity(page, size, device) {
  const g = golden(`vgg16_${size}_packed.safetensors`);
  const r = await page.evaluate(async ({ g, size, device }) => {
    const { CnnLens } = await import("./cnn-lens.js");
    const lens = await CnnLens.load({ device });
    const bitmap = await createImageBitmap(await (await fetch("/tests/golden/photo224.png")).blob());
    const canvas = new OffscreenCanvas(size, size), c = canvas.getContext("2d");
    c.drawImage(bitmap, size === 64 ? -80 : 0, size === 64 ? -60 : 0);
    const image = await lens.setImage(c.getImageData(0, 0, size, size), { size });
    const distance = (data, want) => {
      let d = 0, s = 0;
      want.forEach((w, k) => { const v = data[(k * 1000003) % data.length]; d += (v - w) ** 2; s += w * w; });
      return Math.sqrt(d / s);
    };
    const errors = {};
    for (const [i, layer] of lens.layers().entries()) {
      const { figures: [f] } = await lens.run("feature_maps", { layer: layer.name });
      if (f.channels !== layer.channels || f.data.length !== f.channels * f.width * f.height) throw new Error(layer.name);
      errors[layer.name] = distance(f.data, g[`stage.${i}`]);
    }
    const classes = await lens.classify({ top: 1000 });
    const logits = []; for (const c of classes) logits[c.index] = c.logit;
    const l2 = (a, b) => Math.sqrt(a.reduce((s, v, i) => s + (v - b[i]) ** 2, 0) / b.reduce((s, v) => s + v * v, 0));
    errors.logits = l2(logits, g.logits);
    const cam = await lens.run("cam", { class: classes[0].index });
    errors.cam = l2([...cam.figures[0].data], g.cam);
    const out = { errors, device: lens.device, image, meta: cam.meta, first: classes[0], methods: lens.methods().map((m) => m.id) };
    delete out.image.rgba;
    lens.close();
    return out;
  }, { g, size, device });
  const worst = Object.entries(r.errors).sort((a, b) => b[1] - a[1])[0];
  console.log(`# ${size} px on ${r.device.kind} (${r.device.name}): worst ${worst[0]} ${worst[1].toExponential(1)}`);
  for (const [name, e] of Object.entries(r.errors)) assert.ok(e <= 1e-4, `${name}: ${e}`);
  return r;
}

test("all 31 stages equal PyTorch at 224 on the CPU", async () => withPage(site, {}, async (page) => {
  const r = await parity(page, 224, "cpu");
  assert.equal(r.device.kind, "cpu");
  assert.deepEqual(r.methods, ["cam", "feature_maps", "saliency", "smooth_grad", "integrated_gradients", "guided_backprop",
    "deconvnet", "grad_cam", "grad_cam_pp", "xgrad_cam", "hires_cam", "layer_cam", "score_cam", "ablation_cam", "guided_grad_cam",
    "dff", "lrp", "occlusion", "rise", "lime", "contributions", "cascade", "layer_lens", "ablation", "maximise",
    "invert", "forgetting", "dream", "style", "adversarial", "patch", "corruptions", "cue_conflict", "background", "colour", "shuffle",
    "frequency", "position", "stamp", "channel_ranking", "audit", "faithfulness", "randomisation", "tcav", "dissection"]);
  assert.ok(r.meta.weights && r.meta.ms >= 0 && r.meta.target.label);
}));

test("all 31 stages equal PyTorch at 64 on WebGPU (SwiftShader)", async () => withPage(site, { webgpu: true }, async (page) => {
  const r = await parity(page, 64, "webgpu");
  assert.equal(r.device.kind, "webgpu");
  assert.equal(r.device.software, true);
}));

test("a software adapter is not chosen unless asked for", async () => withPage(site, { webgpu: true }, async (page) => {
  const device = await page.evaluate(async () => {
    const { chooseDevice } = await import("./cnn-lens.js");
    return [await chooseDevice("auto"), await chooseDevice("webgpu")];
  });
  assert.equal(device[0].kind, "cpu");
  assert.match(device[0].reason, /software/);
  assert.equal(device[1].kind, "webgpu");
}));

test("cancel, progress, errors, and a silent or killed worker", async () => withPage(site, {}, async (page) => {
  const r = await page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js");
    const out = { weights: 0, steps: [] };
    const lens = await CnnLens.load({ device: "cpu", onProgress: () => out.weights++, silence: 3000 });
    const kind = (p) => p.then(() => "no error", (e) => e.kind);
    out.none = await kind(lens.classify());
    out.image = await lens.setImage("examples/cat.jpg", { size: 512 });
    const abort = new AbortController();
    const running = kind(lens.run("cam", {}, { signal: abort.signal, onProgress: (p) => { out.steps.push(p); if (out.steps.length === 2) { out.at = performance.now(); abort.abort(); } } }));
    out.cancelled = await running;
    out.cancelMs = performance.now() - out.at;
    out.bad = [await kind(lens.run("cam", { class: 1000 })), await kind(lens.run("nothing")), await kind(lens.run("feature_maps", { layer: "conv6_1" })),
      await kind(lens.setImage("examples/none.jpg")), await kind(lens.setImage(42)), await kind(lens.setImage("examples/cat.jpg", { size: 31 }))];
    await lens.setImage("examples/cat.jpg", { size: 96 });
    out.before = (await lens.classify({ top: 1 }))[0].index;
    // killed from outside: silent, noticed, replaced, the picture set again
    const restarted = new Promise((ok) => lens.addEventListener("restart", ok, { once: true }));
    lens.worker.terminate();
    out.killed = await kind(lens.classify({ top: 1 }));
    // asked while the new worker is still coming up: it waits, nothing is lost
    out.during = (await lens.classify({ top: 1 }))[0].index;
    await restarted;
    out.after = (await lens.classify({ top: 1 }))[0].index;
    lens.close();
    out.closed = await kind(lens.classify());
    return out;
  });
  assert.equal(r.none, "no_image");
  assert.equal(r.cancelled, "cancelled");
  console.log(`# cancelled after ${r.cancelMs.toFixed(0)} ms at 512 px`);
  assert.ok(r.cancelMs < 2000, `${r.cancelMs} ms`);
  assert.ok(r.weights > 3 && r.steps[0].total > 0);
  assert.deepEqual(r.bad, ["bad_parameter", "unknown_method", "bad_parameter", "image_missing", "unknown_source", "bad_parameter"]);
  assert.equal(r.killed, "engine_stopped");
  assert.equal(r.during, r.before);
  assert.equal(r.after, r.before);
  assert.equal(r.closed, "engine_stopped");
}));

test("a job that waits is cancelled at once, alone, and brings nothing down", async () => withPage(site, {}, async (page) => {
  const r = await page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js");
    const lens = await CnnLens.load({ device: "cpu" }), out = { restarts: 0, late: 0 };
    lens.addEventListener("restart", () => out.restarts++);
    await lens.setImage("examples/cat.jpg", { size: 64 });
    const kind = (p) => p.then(() => "done", (e) => e.kind), [first, second, long] = [1, 2, 3].map(() => new AbortController());
    let ended = false;
    const running = kind(lens.run("maximise", { side: 128, steps: 2048, class: 3 }, { signal: long.signal, onProgress: () => { if (ended) out.late++; } }));
    const waits = kind(lens.classify({ signal: first.signal })), kept = kind(lens.classify({ top: 1 })), gone = kind(lens.run("cam", {}, { signal: second.signal }));
    await new Promise((ok) => setTimeout(ok, 1000));
    first.abort(); second.abort();
    out.waiting = await Promise.race([Promise.all([waits, gone]), running.then(() => "after the long one")]);
    out.still = await Promise.race([running, new Promise((ok) => setTimeout(ok, 11_000, "runs"))]);
    long.abort();
    out.long = await running;
    ended = true;
    out.kept = await kept;
    await new Promise((ok) => setTimeout(ok, 300));
    lens.close();
    return out;
  });
  assert.deepEqual(r, { restarts: 0, late: 0, waiting: ["cancelled", "cancelled"], still: "runs", long: "cancelled", kept: "done" });
}));

test("helpers work, own arrays are nobody else's, and a replaced worker has them again", async () => withPage(site, {}, async (page) => {
  crew = true;
  const r = await page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js");
    const rel = (a, b) => { let d = 0, n = 0; a.forEach((v, i) => { d += (v - b[i]) ** 2; n += b[i] ** 2; }); return Math.sqrt(d / n); };
    let helped = 0;
    new BroadcastChannel("asked").onmessage = () => helped++;
    const own = [{ name: "features.28.weight", shape: [512, 512, 3, 3], data: new Float32Array(512 * 512 * 9).map((_, i) => Math.sin(i) * 0.03) },
      { name: "features.28.bias", shape: [512], data: new Float32Array(512).map((_, i) => Math.cos(i)) }];
    const n = 40, x = Float32Array.from({ length: n * 3 * 64 * 64 }, (_, i) => Math.sin(i * 0.37)), flat = (list) => Float32Array.from(list.flatMap((a) => [...a]));
    const ask = async (lens, alone = false) => flat(await lens.probe({ want: "logits" }, x, [64, 64], { alone }));
    const lens = await CnnLens.load({ device: "cpu", silence: 8000 }), out = { lost: null };
    const shipped = await ask(lens, true);
    for (let i = 0; i < 60 && !helped; i++) out.spread = rel(await ask(lens), shipped); // until the helpers are up
    out.helped = helped > 0;
    out.one = await lens.setArrays([own[0]]).catch((e) => e.kind);
    await lens.setArrays(own);
    const truth = await ask(lens, true);
    helped = 0;
    out.changed = rel(truth, shipped) > 0.1;
    out.own = rel(await ask(lens), truth);
    out.alone = helped === 0;
    await lens.setImage("examples/cat.jpg", { size: 64, head: "linear" });
    const linear = await lens.classify({ top: 3 }), { meta } = await lens.run("cam");
    out.weights = meta.weights.replace(/^[0-9a-f-]+/, "ID");
    const restarted = new Promise((ok) => lens.addEventListener("restart", (e) => ok(e.detail), { once: true }));
    lens.worker.terminate();
    const killed = lens.run("saliency").catch((e) => e.kind), waits = lens.classify({ top: 3 });
    out.killed = await killed;
    out.lost = (await restarted).lost;
    out.again = JSON.stringify(await waits) === JSON.stringify(linear);
    await lens.reload();
    await lens.setImage("examples/cat.jpg", { size: 64 });
    out.after = rel(await ask(lens), truth);
    lens.close();
    return out;
  });
  crew = false;
  console.log(JSON.stringify(r));
  for (const close of ["spread", "own", "after"]) { assert.ok(r[close] < 1e-4, `${close}: ${r[close]}`); delete r[close]; }
  assert.deepEqual(r, { lost: ["results"], helped: true, one: "bad_parameter", changed: true, alone: true, weights: "ID, with own features.28", killed: "engine_stopped", again: true });
}));

test("a missing or damaged extra is asked for three times, told to the job that waits, and asked for again on reload()", async () => withPage(site, {}, async (page) => {
  for (extras of ["missing", "damaged"]) {
    log = [];
    const kinds = await page.evaluate(async () => {
      const { CnnLens } = await import("./cnn-lens.js");
      window.lens = await CnnLens.load({ device: "cpu" });
      await lens.setImage("examples/cat.jpg", { head: "linear", size: 64 });
      const kinds = [];
      for (let i = 0; i < 2; i++) kinds.push(await lens.classify().then(() => "done", (e) => `${e.kind} ${Boolean(e.action?.en && e.detail)}`));
      return kinds;
    });
    const expected = extras === "missing" ? "weights_missing true" : "weights_damaged true";
    assert.deepEqual(kinds.map((k) => k.replace("wrong_hash", "damaged")), [expected, expected]);
    assert.equal(log.filter((n) => /teaching/.test(n)).length, 3);
    extras = null;
    const again = await page.evaluate(async () => { await lens.reload(); const c = await lens.classify({ top: 1 }).then((c) => c.length, (e) => e.kind); lens.close(); await caches.delete("cnn-lens-weights-1"); return c; });
    assert.equal(again, 1);
  }
}));

test("arguments of a wrong kind are refused with a reason and cost nothing", async () => withPage(site, {}, async (page) => {
  const r = await page.evaluate(async () => {
    const { CnnLens, LensError } = await import("./cnn-lens.js");
    const lens = await CnnLens.load({ device: "cpu", silence: 4000 }), x = new Float32Array(3 * 32 * 32).fill(0.1), wrong = [], details = {};
    let restarts = 0;
    lens.addEventListener("restart", () => restarts++);
    await lens.setImage("examples/cat.jpg", { size: 32 });
    const detached = () => { const image = new ImageData(32, 32); structuredClone(0, { transfer: [image.data.buffer] }); return image; };
    const film = (more) => ({ width: 2, height: 2, data: new Uint8Array(12), ...more }), bias = { name: "features.0.bias", shape: [64], data: new Float32Array(64) };
    const calls = {
      top: () => lens.classify({ top: -1 }), half: () => lens.classify({ top: 2.5 }), word: () => lens.classify({ top: "5" }), nan: () => lens.classify({ top: NaN }),
      want: () => lens.probe("logits", x, [32, 32]), none: () => lens.probe(undefined, x, [32, 32]), stage: () => lens.probe({ want: "means", stage: 99 }, x, [32, 32]),
      more: () => lens.probe({ want: "logits" }, new Float32Array(3 * 32 * 32 + 5), [32, 32]), bytes: () => lens.probe({ want: "logits" }, new Uint8Array(7), [32, 32]),
      pixels: () => lens.probe({ want: "logits" }, x.map(() => NaN), [32, 32]), size: () => lens.raw({ op: "forward", layer: "relu1_1" }, x, [NaN, 32]), sizes: () => lens.raw({ op: "forward", layer: "relu1_1" }, x, 32),
      steps: () => lens.raw({ op: "ascend", layer: "relu1_1", channel: 0, steps: 2e9, lr: 1, b1: 0.9, b2: 0.9, eps: 1e-8 }, x, [32, 32]), channel: () => lens.raw({ op: "gradient", layer: "relu5_3", channel: 9999 }, x, [32, 32]),
      method: () => lens.run(7), list: () => lens.run("saliency", [1]), huge: () => lens.run("deconvnet", { channel: 2 ** 32 + 5 }), big: () => lens.run("saliency", { class: 1n }),
      wide: () => lens.gif(film({ width: 70000 })), late: () => lens.gif(film(), { delay: -1 }), nothing: () => lens.gif(undefined), nil: () => lens.gif(null), gone: () => lens.setImage(detached()), group: () => lens.forget(7), lang: () => lens.report({ lang: "zh-CN" }),
      fit: () => lens.setImage("examples/cat.jpg", { fit: "wide" }), alone: () => lens.setArrays([bias]), name: () => lens.setArrays([{ ...bias, name: "features.0.wieght" }]), data: () => lens.setArrays([{ ...bias, data: [1, 2] }]),
      signal: () => lens.classify({ signal: "stop" }), progress: () => lens.run("cam", {}, { onProgress: 7 }), missing: () => lens.setImage("examples/nothing.jpg"),
    };
    for (const [name, call] of Object.entries(calls)) {
      const e = await call().then(() => null, (e) => e);
      if (!(e instanceof LensError) || !e.detail || !e.action?.zh) wrong.push(`${name}: ${e ? e.stack : "accepted"}`);
      details[name] = e?.detail;
    }
    const gif = await lens.gif(film(), { delay: 1000 / 30 }), alive = (await lens.classify({ top: 1 })).length, made = lens.problem("image_too_large", "600 bytes").detail;
    lens.close();
    return { wrong, restarts, gif: gif.length > 20, alive, made, told: details.missing, details };
  });
  console.log(JSON.stringify(r.details));
  assert.deepEqual([r.wrong, r.restarts, r.gif, r.alive, r.made], [[], 0, true, 1, "600 bytes"]);
  assert.match(r.told, /nothing\.jpg.*404/);
}));

test("load() settles when the worker dies, and close() leaves no worker", async () => withPage(site, {}, async (page) => {
  slow = 1500;
  const crash = () => page.workers()[0].evaluate(() => { setTimeout(() => { throw new WebAssembly.RuntimeError("unreachable"); }); });
  await page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js");
    window.CnnLens = CnnLens;
    window.loading = CnnLens.load({ device: "cpu", silence: 5000, on: { device: () => { window.up = true; } } });
  });
  await page.waitForFunction(() => window.up);
  await crash();
  slow = 0;
  assert.equal(await page.evaluate(() => window.loading.then((lens) => { window.lens = lens; window.old = lens.worker; return lens.device.kind; }, (e) => e.kind)), "cpu");
  // in the middle of a restart
  await crash();
  await page.evaluate(async () => { while (lens.worker === window.old) await new Promise((ok) => setTimeout(ok, 0)); lens.close(); });
  // while it loads, and one that cannot
  const kinds = await page.evaluate(async () => {
    const stop = new AbortController(), kind = (p) => p.then(() => "loaded", (e) => e.kind);
    const stopped = kind(CnnLens.load({ device: "cpu", signal: stop.signal }));
    stop.abort();
    return [await stopped, await kind(CnnLens.load({ device: "cpu", weights: "nowhere/" })), await kind(CnnLens.load({ device: "toaster" }))];
  });
  assert.deepEqual(kinds, ["cancelled", "weights_missing", "bad_parameter"]);
  await new Promise((ok) => setTimeout(ok, 1000));
  assert.equal(page.workers().length, 0);
}));

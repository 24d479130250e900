// The JavaScript API: golden parity with PyTorch for all 31 stages, cancel, recovery, errors.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { root, serve, withPage } from "./browser.mjs";

let site;
before(async () => { site = await serve(); });
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
  assert.deepEqual(r.bad, ["bad_parameter", "unknown_method", "bad_parameter", "image_missing", "not_an_image", "bad_parameter"]);
  assert.equal(r.killed, "engine_stopped");
  assert.equal(r.during, r.before);
  assert.equal(r.after, r.before);
  assert.equal(r.closed, "engine_stopped");
}));

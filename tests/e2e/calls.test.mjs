// Random sequences of calls on the JavaScript API against a model of what must happen: every promise settles, no worker is left, no
// request loop, no answer under another question. With a fake worker and a clock of its own, so that thousands take a minute
// (SEQUENCES=10000); fewer of them with the real engine in Chromium (REAL=12). A failure names its seed: SEED=n SEQUENCES=1 repeats it.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { root, serve, withPage } from "./browser.mjs";
import { Clock, NETWORKS, World, misshapen, random } from "./fake_worker.mjs";

const SEQUENCES = Number(process.env.SEQUENCES ?? 1500), SEED = Number(process.env.SEED ?? 1), REAL = Number(process.env.REAL ?? 12);
const MINUTE = 60_000;

class Picture {
  get [Symbol.toStringTag]() { return "ImageData"; }
  constructor(id) { this.width = this.height = 1; this.data = new Uint8ClampedArray([id, 0, 0, 255]); }
}

/** One sequence. Returns what happened, for the count. */
async function sequence(CnnLens, LensError, seed) {
  const clock = new Clock();
  clock.install();
  const world = new World(seed, clock), r = world.random, open = new Map(), seen = {};
  globalThis.Worker = world.Worker;
  const model = { net: NETWORKS[0], picture: null, second: null, gallery: [], own: {} }, trouble = { cancels: 0, reloads: 0, switches: 0, closed: false, missing: false };
  let next = 1, pending = 0, bornAtClose = null;
  const count = (word) => { seen[word] = (seen[word] ?? 0) + 1; };
  const state = () => JSON.parse(JSON.stringify(model));

  /** Follows a call until it settles; `asked` is its question, `then` what it changes. */
  const follow = (name, asked, call, then = () => {}) => {
    const id = next++, controller = new AbortController(), job = { name, controller, settled: false, cancelled: false };
    open.set(id, job);
    const late = () => assert.ok(!job.settled, `${name}: a callback of a finished job`);
    const extra = { signal: controller.signal, onProgress: late, onPartial: (_, facts) => { late(); job.number ??= facts.job; assert.equal(facts.job, job.number, "a preview of another job"); } };
    call(extra).then((answer) => {
      if (asked) {
        const { asked: told, seen: at } = answer;
        assert.deepEqual(told, asked, `${name}: an answer under another question`);
        assert.deepEqual(at, state(), `${name}: an answer about another state`);
      }
      then(answer);
      count("done");
    }, (e) => {
      assert.ok(e instanceof LensError && e.kind && e.sentence?.en, `${name}: ${e.stack}`);
      count(e.kind);
      const why = { cancelled: job.cancelled || job.switched || trouble.closed, engine_stopped: world.deaths > 0 || trouble.closed, device_lost: world.deaths > 0, bad_parameter: job.bad,
        no_image: model.picture === null, weights_missing: trouble.missing, not_an_image: false }[e.kind];
      assert.ok(why, `${name}: ${e.kind} (${e.detail}) without a reason`);
      if (job.bad) assert.ok(e.detail, "a refusal without a detail");
    }).then(() => { job.settled = true; open.delete(id); }).catch((e) => { failure ??= e; });
    return job;
  };
  let failure = null;

  const closing = new AbortController();
  let lens = null, loading = "open";
  if (r.chance(0.05)) world.network.missing = trouble.missing = true;
  if (r.chance(0.3)) world.network.slow = true;
  const lazy = r.chance(0.7), device = r.of(["cpu", "auto", "webgpu"]);
  CnnLens.load({ device, lazy, signal: closing.signal, silence: r.chance(0.3) ? 5000 : undefined }).then((l) => {
    [lens, loading] = [l, "done"];
    lens.addEventListener("restart", (e) => {
      for (const lost of e.detail.lost) if (lost === "picture") model.picture = null; else if (lost === "second picture") model.second = null;
      count("restart");
    });
    lens.loaded.catch(() => {});
  }, (e) => { loading = e; });
  const close = () => { trouble.closed = true; bornAtClose ??= world.born; if (lens) lens.close(); else closing.abort(); };

  const acts = {
    image: () => {
      const id = r.below(200), head = r.of(["default", "linear"]);
      follow("setImage", null, (extra) => lens.setImage(new Picture(id), { head }, extra), () => { model.picture = `${id} ${head}`; });
    },
    second: () => { const id = r.below(200); follow("second", null, (extra) => lens.setImage(new Picture(id), { role: "second" }, extra), () => { model.second = id; }); },
    gallery: () => {
      const id = r.below(200), group = r.of(["a", "b"]);
      follow("gallery", null, (extra) => lens.setImage(new Picture(id), { role: "gallery", group }, extra), () => { model.gallery.push(`${group} ${id}`); });
    },
    forget: () => {
      const group = r.of(["a", "b", undefined]);
      follow("forget", null, (extra) => lens.forget(group, extra), () => { model.gallery = model.gallery.filter((g) => group !== undefined && !g.startsWith(group)); });
    },
    run: () => {
      const method = r.of(["cam", "lrp", "rise"]), params = { class: r.below(1000) };
      follow("run", { method, params }, (extra) => lens.run(method, params, extra).then(({ meta }) => {
        assert.match(meta.weights ?? "", Object.keys(model.own).length ? /own features/ : /^(shipped|)$/);
        return meta;
      }));
    },
    classify: () => { const top = 1 + r.below(1000); follow("classify", { top }, (extra) => lens.classify({ top, ...extra }).then((c) => c[0])); },
    arrays: () => {
      const v = r.below(100), names = r.of([["features.0"], ["features.2"], ["features.0", "features.28"]]).map((n) => `${n}.bias`);
      follow("setArrays", null, (extra) => lens.setArrays(names.map((name) => ({ name, shape: [1], data: new Float32Array([v]) })), extra), () => { for (const n of names) model.own[n] = v; });
    },
    bad: () => {
      const call = r.of([(x) => lens.classify({ top: NaN, ...x }), (x) => lens.classify({ top: "5", ...x }), (x) => lens.run(7, {}, x), (x) => lens.probe({ want: "logits" }, new Uint8Array(5), [32, 32], x),
        (x) => lens.raw({}, new Float32Array(3), 32, x), (x) => lens.run("cam", { a: 1n }, x), (x) => lens.setArrays("all", x), () => lens.classify({ signal: {} }), (x) => lens.gif(undefined, x)]);
      follow("bad", null, call).bad = true;
    },
    cancel: async () => {
      const jobs = [...open.values()], job = r.of(jobs);
      if (!job) return;
      job.cancelled = true;
      trouble.cancels++;
      job.controller.abort();
      clock.after(() => { if (!job.settled) failure ??= new Error(`${job.name}: not settled 13 s after its cancel`); }, 13_000);
      await clock.run(0);
      // only the first can be with the worker
      if (job !== jobs[0]) assert.ok(job.settled, `${job.name}: waits although it was cancelled`);
    },
    kill: () => { const w = lens.worker; if (w) { if (r.chance(0.5)) w.silence(); else w.crash(); } },
    reload: () => { trouble.reloads++; lens.reload().catch(() => {}); },
    use: () => {
      const id = r.of(NETWORKS), lazy = r.chance(0.5);
      if (id !== model.net) {
        trouble.switches++;
        // what runs or waits is of the other network, and so are its own weights and its second head
        for (const job of open.values()) job.switched = true;
        [model.net, model.own] = [id, {}];
        if (model.picture) model.picture = model.picture.replace(/ .*/, " default");
      }
      pending++;
      lens.useNetwork(id, { lazy }).then(() => { count("used"); assert.equal(lens.network, model.net); }, (e) => {
        assert.ok({ cancelled: trouble.closed, engine_stopped: world.deaths > 0 || trouble.closed, weights_missing: trouble.missing }[e.kind], `useNetwork: ${e.stack}`);
      }).catch((e) => { failure ??= e; }).finally(() => { pending--; });
    },
    network: () => { const what = r.of(["missing", "slow"]); world.network[what] = r.chance(0.3); trouble.missing ||= world.network.missing; },
    close,
  };
  const weights = { image: 4, second: 1, gallery: 1, forget: 1, run: 5, classify: 4, arrays: 1, bad: 1, cancel: 4, kill: 1, reload: 1, use: 1, network: 1, close: 0.3 };
  const bag = Object.entries(weights).flatMap(([name, w]) => Array(Math.round(w * 20)).fill(name));

  for (let i = 4 + r.below(14); i > 0; i--) {
    await clock.run(r.of([0, 0, 5, 200, 3000, 20_000]));
    if (loading instanceof Error) break;
    if (!lens) { if (r.chance(0.05)) { close(); break; } continue; }
    await acts[r.of(bag)]();
  }
  // left alone, everything comes to an end by itself, but for a job that waits for what takes long
  await clock.run(40 * MINUTE);
  if (failure) throw failure;
  assert.notEqual(loading, "open", "load() hangs");
  if (loading instanceof Error) {
    assert.ok(loading instanceof LensError, loading.stack);
    assert.ok({ cancelled: trouble.closed, engine_stopped: world.deaths > 0, weights_missing: trouble.missing }[loading.kind], `load(): ${loading.kind} without a reason`);
  }
  assert.deepEqual([...open.values()].map((j) => j.name), [], "calls that never settle");
  assert.equal(pending, 0, "useNetwork() never settles");
  if (lens) { let still = true; lens.loaded.finally(() => { still = false; }).catch(() => {}); await clock.run(0); assert.ok(!still, "loaded never settles"); }
  close();
  await clock.run(MINUTE);
  if (failure) throw failure;
  assert.equal(world.live.size, 0, "a worker is left after close()");
  assert.equal(clock.waiting, 0, "a timer is left after close()");
  if (lens) assert.ok(world.born <= bornAtClose, "a worker was born after close()");
  assert.ok(world.loads <= world.born + trouble.reloads, "a request loop");
  assert.ok(world.born <= 1 + world.deaths + world.refusals + trouble.cancels + trouble.reloads + trouble.switches, `${world.born} workers for ${world.deaths} deaths`);
  if (lens) await assert.rejects(lens.classify(), { kind: "engine_stopped" });
  return seen;
}

test(`${SEQUENCES} random call sequences keep to the model`, async () => {
  const kept = Object.fromEntries(["setTimeout", "setInterval", "clearTimeout", "clearInterval", "Worker", "self", "ImageData", "Blob"].map((k) => [k, globalThis[k]]));
  const own = ["performance", "navigator"].map((k) => [k, Object.getOwnPropertyDescriptor(globalThis, k)]), total = {}, failed = {}, real = Date.now();
  const { CnnLens, LensError } = await import(path.join(root, "www/cnn-lens.js"));
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { deviceMemory: 8, gpu: { requestAdapter: () => new Promise((ok) => setTimeout(ok, 300, { info: { vendor: "acme" } })) } } });
  globalThis.self = { origin: "https://x.test" };
  globalThis.ImageData = Picture;
  // a blob that can be read within one turn of the clock
  globalThis.Blob = class { constructor(parts) { this.bytes = new Uint8Array(parts[0]); this.size = this.bytes.length; } async arrayBuffer() { return this.bytes.slice().buffer; } };
  let first = null;
  try {
    for (let seed = SEED; seed < SEED + SEQUENCES; seed++) {
      const seen = await sequence(CnnLens, LensError, seed).catch((e) => { (failed[e.message.split("\n")[0]] ??= []).push(seed); first ??= e; return {}; });
      for (const [k, n] of Object.entries(seen)) total[k] = (total[k] ?? 0) + n;
    }
  } finally {
    Object.assign(globalThis, kept);
    for (const [k, was] of own) if (was) Object.defineProperty(globalThis, k, was); else delete globalThis[k];
  }
  if (first) throw new Error(`seeds that fail: ${JSON.stringify(Object.entries(failed).map(([m, seeds]) => [m, seeds.length, seeds.slice(0, 3)]), null, 1)}`, { cause: first });
  console.log(`# ${SEQUENCES} sequences: ${JSON.stringify(total)}; ${((Date.now() - real) / 1000).toFixed(0)} s`);
  // a model test that reaches nothing proves nothing
  for (const reached of ["done", "cancelled", "engine_stopped", "no_image", "bad_parameter", "restart", "used"]) assert.ok(total[reached] > SEQUENCES / 50, `hardly ever ${reached}`);
});

test("helpers only where there is the memory for them", async () => {
  const { affordsHelpers } = await import(path.join(root, "www/cnn-lens.js"));
  const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15";
  const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", linux = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
  const android = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148";
  const cases = [[{ deviceMemory: 8, userAgent: android }, true], [{ deviceMemory: 4, userAgent: linux }, true], [{ deviceMemory: 2, userAgent: windows }, false],
    [{ userAgent: windows }, true], [{ userAgent: linux }, true], [{ userAgent: mac, maxTouchPoints: 0 }, true], [{ userAgent: mac, maxTouchPoints: 5 }, false],
    [{ userAgent: android }, false], [{ userAgent: iphone, maxTouchPoints: 5 }, false], [{ userAgent: "" }, false], [{}, false]];
  for (const [navigator, affords] of cases) assert.equal(affordsHelpers(navigator), affords, JSON.stringify(navigator));
});

test("the fake worker refuses messages of another shape", () => {
  assert.equal(misshapen({ type: "cancel", job: 3 }, "to_worker"), null);
  for (const m of [{ type: "cancel" }, { type: "sing" }, { type: "cancel", job: 3, why: "x" }, { type: "classify", job: 1, top: "5" }]) assert.ok(misshapen(m, "to_worker"));
});

// ---- the real engine ---------------------------------------------------------------------------------------------------

let site, gone = false, slow = 0;
before(async () => {
  site = await serve((name, res) => {
    if (!name?.includes(".safetensors") || (!gone && !slow)) return false;
    if (gone) { res.writeHead(404); res.end(); return true; }
    const file = path.join(root, "dist", name);
    setTimeout(() => { res.writeHead(200, { "content-type": "application/octet-stream" }); res.end(fs.readFileSync(file)); }, slow);
    return true;
  });
});
after(() => site.close());

test(`${REAL} random call sequences on the real engine`, async () => withPage(site, {}, async (page) => {
  const r = random(7);
  await page.exposeFunction("network", (g, s) => { [gone, slow] = [g, s]; });
  for (let n = 0; n < REAL; n++) {
    const plan = Array.from({ length: 6 + r.below(6) }, () => [r.of(["image", "image", "run", "run", "classify", "probe", "cancel", "cancel", "arrays", "kill", "bad", "network", "reload"]), r.next(), r.of([0, 0, 30, 300])]);
    const out = await page.evaluate(async ({ plan, close }) => {
      const { CnnLens, LensError } = await import("./cnn-lens.js");
      const lens = await CnnLens.load({ device: "cpu", lazy: true, silence: 8000 }), wrong = [], open = [];
      const x = new Float32Array(2 * 3 * 32 * 32).map((_, i) => Math.sin(i));
      const own = [{ name: "features.0.weight", shape: [64, 3, 3, 3], data: new Float32Array(1728).fill(0.01) }, { name: "features.0.bias", shape: [64], data: new Float32Array(64) }];
      const follow = (name, call, check = () => true) => {
        const controller = new AbortController(), job = { name, controller, settled: false };
        job.promise = call({ signal: controller.signal, onProgress: () => { if (job.settled) wrong.push(`${name}: progress after its end`); } })
          .then((v) => { if (!check(v)) wrong.push(`${name}: an answer under another question`); }, (e) => { if (!(e instanceof LensError)) wrong.push(`${name}: ${e}`); })
          .finally(() => { job.settled = true; });
        open.push(job);
      };
      const acts = {
        image: (v) => follow("image", (e) => lens.setImage(new ImageData(new Uint8ClampedArray(4 * 32 * 32).fill(v * 255), 32, 32), { size: 32, head: v < 0.2 ? "linear" : "default" }, e), (a) => a.size === 32),
        run: (v) => { const c = Math.floor(v * 1000); follow("run", (e) => lens.run("saliency", { class: c }, e), ({ meta }) => meta.method === "saliency" && meta.params.class === c && meta.target.index === c); },
        classify: (v) => { const top = 1 + Math.floor(v * 50); follow("classify", (e) => lens.classify({ top, ...e }), (c) => c.length === top); },
        probe: () => follow("probe", (e) => lens.probe({ want: "logits" }, x, [32, 32], e), (a) => a.length === 2),
        cancel: (v) => open[Math.floor(v * open.length)]?.controller.abort(),
        arrays: () => follow("arrays", (e) => lens.setArrays(own, e)),
        kill: () => lens.worker?.terminate(),
        bad: () => follow("bad", (e) => lens.classify({ top: -1, ...e }), () => false),
        network: (v) => network(v < 0.3, v > 0.7 ? 300 : 0),
        reload: () => { lens.reload().catch(() => {}); },
      };
      for (const [act, v, pause] of plan) {
        await acts[act](v);
        await new Promise((ok) => setTimeout(ok, pause));
      }
      await network(false, 0);
      if (close) lens.close();
      const all = Promise.all(open.map((j) => j.promise)).then(() => "settled");
      const end = await Promise.race([all, new Promise((ok) => setTimeout(ok, 90_000, "hangs"))]);
      lens.close();
      await caches.delete("cnn-lens-weights-1");
      return { wrong, end, open: open.filter((j) => !j.settled).map((j) => j.name) };
    }, { plan, close: r.chance(0.3) });
    assert.deepEqual(out, { wrong: [], end: "settled", open: [] }, `sequence ${n}: ${JSON.stringify(plan)}`);
  }
  await new Promise((ok) => setTimeout(ok, 1000));
  assert.equal(page.workers().length, 0, "a worker is left");
}));

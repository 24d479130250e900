// What the engine promises beside its numbers: flat memory, few launches, batches on every core, both SIMD builds, streaming.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { root, serve, withPage } from "./browser.mjs";

// counts a GPU worker's launches, submits and bytes; posted on a channel when asked
const COUNTER = `
const N = { dispatches: 0, submits: 0, empty: 0, live: 0, peak: 0 }, size = new WeakMap();
const wrap = (c, name, f) => { const o = c.prototype[name]; c.prototype[name] = function (...a) { return f.call(this, o, a); }; };
wrap(GPUDevice, "createBuffer", function (o, a) { const b = o.apply(this, a); size.set(b, a[0].size); N.live += a[0].size; N.peak = Math.max(N.peak, N.live); return b; });
wrap(GPUBuffer, "destroy", function (o, a) { N.live -= size.get(this) ?? 0; size.delete(this); return o.apply(this, a); });
let pending = 0; // launches recorded since the last submit: burn's runtime also submits an empty list before an upload
wrap(GPUQueue, "submit", function (o, a) { if (pending) N.submits++; else N.empty++; pending = 0; return o.apply(this, a); });
wrap(GPUComputePassEncoder, "dispatchWorkgroups", function (o, a) { N.dispatches++; pending++; return o.apply(this, a); });
const channel = new BroadcastChannel("count"); channel.onmessage = () => channel.postMessage(N);
`;
let site, slow;
before(async () => {
  site = await serve((name, res) => {
    if (name === "worker.js") {
      res.writeHead(200, { "content-type": "text/javascript" });
      res.end(`if (self.GPUDevice) {${COUNTER}}\n${fs.readFileSync(path.join(root, "dist/worker.js"))}`);
      return true;
    }
    if (slow && name?.includes(slow)) return true; // never answered
    return false;
  });
});
after(() => site.close());

test("200 gradient steps on the CPU leave its memory where it was, under 400 MB at 224", async () => withPage(site, {}, async (page) => {
  const r = await page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js");
    const lens = await CnnLens.load({ device: "cpu" });
    const noise = (n) => Float32Array.from({ length: 3 * n * n }, (_, i) => Math.sin(i * 1.3));
    const ascend = (n, steps) => lens.raw({ op: "ascend", layer: "relu5_3", channel: 63, steps, lr: 0.05, b1: 0.9, b2: 0.999, eps: 1e-8 }, noise(n), [n, n]);
    const before = (await ascend(48, 3)).memory;
    const after = (await ascend(48, 200)).memory;
    const large = (await ascend(224, 2)).memory, larger = (await ascend(224, 2)).memory;
    lens.close();
    return { before, after, large, larger };
  });
  console.log("wasm memory, MB:", Object.entries(r).map(([k, v]) => `${k} ${(v / 1e6).toFixed(0)}`).join(", "));
  assert.equal(r.after, r.before);
  assert.equal(r.larger, r.large);
  assert.ok(r.larger < 400e6, `${r.larger}`);
}));

test("WebGPU: few launches, one submit, memory flat over 200 gradient steps", async () => withPage(site, { webgpu: true }, async (page) => {
  const r = await page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js");
    const lens = await CnnLens.load({ device: "webgpu" });
    const channel = new BroadcastChannel("count");
    const count = () => new Promise((ok) => { channel.onmessage = (e) => ok(e.data); channel.postMessage(0); });
    const x = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => Math.sin(i * 1.3));
    const forward = () => lens.raw({ op: "forward", layer: "relu5_3" }, x, [32, 32]);
    // the whole depth a few times, then many steps of three blocks: a software adapter takes a minute for 200
    const ascend = (layer, steps) => lens.raw({ op: "ascend", layer, channel: 63, steps, lr: 0.05, b1: 0.9, b2: 0.999, eps: 1e-8 }, x, [32, 32]);
    await forward();
    const a = await count(); await forward(); const b = await count();
    await ascend("relu5_3", 5); await ascend("relu3_1", 5); const c = await count(); await ascend("relu3_1", 200); const d = await count();
    lens.close();
    return { dispatches: b.dispatches - a.dispatches, submits: b.submits - a.submits, empty: b.empty - a.empty, before: c.live, after: d.live, peak: d.peak };
  });
  console.log(JSON.stringify(r));
  assert.ok(r.dispatches <= 60, `${r.dispatches} dispatches a forward`);
  assert.ok(r.submits <= 1, `${r.submits} submits a forward`);
  assert.equal(r.after, r.before);
}));

test("independent passes: spread over the cores, equal to single ones, cancelled", async () => withPage(site, {}, async (page) => {
  const r = await page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js");
    const lens = await CnnLens.load({ device: "cpu" });
    const n = 18, size = 64, one = 3 * size * size;
    const x = Float32Array.from({ length: n * one }, (_, i) => Math.sin(i * 0.37) + Math.floor(i / one) * 0.1);
    const seen = [];
    const all = await lens.probe({ want: "logits" }, x, [size, size], { onProgress: (p) => seen.push(p.done) });
    const single = (await lens.probe({ want: "logits" }, x.subarray(16 * one, 17 * one), [size, size]))[0];
    const worst = Math.max(...all[16].map((v, i) => Math.abs(v - single[i])));
    // a gradient is a derivative: the logit along it grows by its square
    const class_ = single.indexOf(Math.max(...single));
    const g = (await lens.probe({ want: "gradient", class: class_ }, x.subarray(0, 5 * one), [size, size]))[4];
    const at = x.slice(4 * one, 5 * one), h = 1e-3 / Math.sqrt(g.slice(1).reduce((s, v) => s + v * v, 0));
    const moved = (sign) => at.map((v, i) => v + sign * h * g[1 + i]);
    const pair = new Float32Array(2 * one); pair.set(moved(1)); pair.set(moved(-1), one);
    const [up, down] = await lens.probe({ want: "logits" }, pair, [size, size]);
    const slope = (up[class_] - down[class_]) / (2 * h), squared = g.slice(1).reduce((s, v) => s + v * v, 0);
    const controller = new AbortController();
    const long = lens.probe({ want: "logits" }, new Float32Array(200 * one), [size, size], { signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    const kind = await long.then(() => "finished", (e) => e.kind);
    const again = await lens.probe({ want: "logits" }, x, [size, size]);
    const out = { count: all.length, logits: all[0].length, worst, slope: slope / squared, logit: g[0] - all[4][class_], kind,
      monotone: seen.every((v, i) => !i || v >= seen[i - 1]) && seen.at(-1) === n, same: again.every((a, i) => a.every((v, k) => Math.abs(v - all[i][k]) < 1e-3)) };
    lens.close();
    return out;
  });
  console.log(JSON.stringify(r));
  assert.deepEqual([r.count, r.logits, r.kind, r.monotone, r.same], [18, 1000, "cancelled", true, true]);
  assert.ok(r.worst < 1e-4 && Math.abs(r.logit) < 1e-4, "a batch changes nothing");
  assert.ok(Math.abs(r.slope - 1) < 0.02, `finite differences: ${r.slope}`);
}));

test("the plain SIMD build, for browsers without relaxed SIMD, gives the same", async () => withPage(site, {}, async (page) => {
  const r = await page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js");
    const x = Float32Array.from({ length: 3 * 64 * 64 }, (_, i) => Math.sin(i * 0.37)), out = [];
    for (const simd of ["auto", "plain"]) {
      const lens = await CnnLens.load({ device: "cpu", simd });
      out.push({ name: lens.device.name, ...(await lens.raw({ op: "gradient", layer: "relu4_3", channel: 8 }, x, [64, 64])) });
      lens.close();
    }
    const [a, b] = out.map((o) => o.data), max = Math.max(...a.map(Math.abs));
    return { names: out.map((o) => o.name), value: out[0].value / out[1].value, error: Math.max(...a.map((v, i) => Math.abs(v - b[i]))) / max };
  });
  console.log(JSON.stringify(r));
  assert.deepEqual(r.names, ["wasm relaxed SIMD", "wasm SIMD"]);
  assert.ok(Math.abs(r.value - 1) < 1e-5 && r.error < 1e-3);
}));

test("the first block's feature maps appear while the rest is still arriving", async () => withPage(site, {}, async (page) => {
  slow = "vgg16.5"; // the last convolutions never come
  const r = await page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js");
    const lens = await CnnLens.load({ device: "cpu", lazy: true });
    await lens.setImage(new ImageData(new Uint8ClampedArray(4 * 64 * 64).fill(90), 64, 64), { size: 64 });
    const { figures } = await lens.run("feature_maps", { layer: "relu1_2" });
    const late = await Promise.race([lens.run("feature_maps", { layer: "relu5_3" }).then(() => "came"), new Promise((ok) => setTimeout(ok, 500, "waits"))]);
    lens.close();
    return { channels: figures[0].channels, late };
  });
  slow = null;
  assert.deepEqual(r, { channels: 64, late: "waits" });
}));

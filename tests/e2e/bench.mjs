// make bench: forward, gradient and 20 ascent steps through bench.html, as the peers' harness measures them; prints a table.
import { launch, serve } from "./browser.mjs";

const site = await serve();
const median = (a) => a.sort((x, y) => x - y)[a.length >> 1];
const flop = (n) => 30.69e9 * (n / 224) ** 2;
console.log("| device | side | init | forward | GFLOP/s | forward + gradient | 20 ascent steps |\n|---|---|---|---|---|---|---|");
const ROWS = [["cpu", 64, 5, true], ["cpu", 224, 5, true], ["cpu&simd=plain", 224, 5, false], ["webgpu", 64, 3, true], ["webgpu", 224, 2, false]];
const only = process.argv[2]; // a row's device, to measure nothing else
for (const [device, size, warm, ascent] of ROWS.filter(([d]) => !only || d === only)) {
  const browser = await launch({ webgpu: device.startsWith("webgpu") });
  const page = await browser.newPage();
  await page.goto(`${site.url}bench.html?device=${device}`);
  const r = await page.evaluate(async ({ size, warm, ascent }) => {
    const time = async (f) => { const t = performance.now(); await f(); return performance.now() - t; };
    const x = Float32Array.from({ length: 3 * size * size }, (_, i) => Math.sin(i * 0.01) + Math.cos(i * 0.37));
    const out = { init: await time(() => bench.init()), f: [], g: [] };
    await bench.forward(x); await bench.grad(x, 63); // first calls compile shaders and pack the adjoint's weights
    for (let i = 0; i < warm; i++) { out.f.push(await time(() => bench.forward(x))); out.g.push(await time(() => bench.grad(x, 63))); }
    if (ascent) out.a = await time(() => bench.ascend(x, 63, { steps: 20, lr: 0.05, b1: 0.9, b2: 0.999, eps: 1e-8 }));
    return out;
  }, { size, warm, ascent });
  const ms = (v) => (v === undefined ? "" : `${v.toFixed(0)} ms`), f = median(r.f);
  console.log(`| ${device} | ${size} | ${ms(r.init)} | ${ms(f)} | ${(flop(size) / f / 1e6).toFixed(1)} | ${ms(median(r.g))} | ${ms(r.a)} |`);
  await browser.close();
}
console.log("\n| activation maximisation (Lucid, 128 px) | ms per step |\n|---|---|");
if (!only || only === "cpu") {
  const browser = await launch(), page = await browser.newPage();
  await page.goto(`${site.url}bench.html?device=cpu`);
  const rows = await page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js");
    const lens = await CnnLens.load({ device: "cpu" }), rows = [];
    await lens.setImage("examples/cat.jpg");
    for (const unit of ["conv1_2:10", "conv3_3:63", "conv5_3:63", 285]) {
      const run = (steps) => lens.run("maximise", { class: unit, steps });
      await run(2); // the first call packs the adjoint's weights
      const [short, long] = [(await run(8)).meta.ms, (await run(40)).meta.ms];
      rows.push(`| ${unit} | ${((long - short) / 32).toFixed(0)} |`);
    }
    return rows;
  });
  console.log(rows.join("\n"));
  await browser.close();
}
site.close();

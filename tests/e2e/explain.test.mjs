// The methods in the page: every one runs and tells its numbers; previews, cancel, cascade, board, units and classes as targets.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage, serve, withPage, pick } from "./browser.mjs";

let site, browser;
before(async () => { site = await serve(); browser = await launch(); });
after(async () => { await browser.close(); site.close(); });
const open = (options) => openPage(browser, site, options);

// small, so that all of them take a minute
const SMALL = { integrated_gradients: { steps: 8 }, score_cam: { channels: 8 }, rise: { masks: 8 }, smooth_grad: { samples: 4 },
  deconvnet: { units: 1 }, occlusion: { detail: 0 }, lime: { segments: 16, samples: 30 }, ablation: { channels: "relu5_3:328" }, cascade: { nodes: 3 },
  maximise: { side: 64, steps: 24 }, invert: { side: 64, steps: 12 }, forgetting: { side: 32, steps: 3 }, dream: { side: 64, octaves: 2, steps: 3 },
  style: { side: 64, steps: 6 } };
const CANVASES = { deconvnet: 2, occlusion: 2, dff: 6, cascade: 14, layer_lens: 0, ablation: 0, maximise: 2, invert: 2, forgetting: 14, dream: 2, style: 2 };
const TOLD = { integrated_gradients: /completeness error: (0\.0|\d\.\d+e-[2-9])/, guided_backprop: /to the map of/, deconvnet: /Channel \d+: \(\d+, \d+\)/,
  occlusion: /windows: 49(?!\d)/, rise: /two halves/, score_cam: /channels tried: 8/, lrp: /conservation: sum \/ score: 0\.\d/, lime: /R² of the linear model: 0\.\d/,
  dff: /share not reconstructed.*: 0\.\d/, contributions: /relu1_1.*relu5_3/s, layer_lens: /relu5_3: rank \d · Egyptian cat/, maximise: /objective of the picture shown: \d/,
  invert: /relative error at the layer: 0\.\d/, forgetting: /relu1_1.*relu5_3/s, ablation: /before.*after.*tabby/s };

async function run(page, id, sets = SMALL[id] ?? {}) {
  await pick(page, id);
  for (const [name, value] of Object.entries(sets)) {
    if (await page.$eval(`#${name}`, (e) => e.tagName === "SELECT")) await page.selectOption(`#${name}`, { index: value });
    else { await page.fill(`#${name}`, String(value)); await page.press(`#${name}`, "Tab"); }
  }
  if (id === "style") {
    await page.click("#second [data-second=coffee]");
    await page.waitForSelector("#second canvas");
  }
  await page.click("#run");
}

test("every method runs from the panel, with its numbers, and in 中文", async () => {
  const page = await open();
  const ids = await page.$$eval(".menu [data-family]:not(.lab) [data-method]", (all) => all.map((b) => b.dataset.method));
  assert.equal(ids.length, 27);
  for (const id of ids) {
    await run(page, id);
    await page.waitForSelector("#result", { timeout: 60_000 }).catch((e) => { throw new Error(`${id}: ${e.message}`); });
    const text = await page.textContent("#result");
    if (TOLD[id]) assert.match(text, TOLD[id], id);
    assert.match(text, /VGG16 · Network weights \w{8} \(8\/9 bit\) · cpu/, id);
    const canvases = CANVASES[id] ?? 1;
    assert.equal(await page.locator("#result canvas").count(), canvases, id);
    if (!canvases) continue;
    const colours = await page.$eval("#result canvas", (c) => {
      const { data } = c.getContext("2d").getImageData(0, 0, c.width, c.height), seen = new Set();
      for (let i = 0; i < data.length; i += 4) seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
      return seen.size;
    });
    assert.ok(colours > 60, `${id}: ${colours} colours`);
  }
  assert.deepEqual(page.errors, []);
  await page.context().close();
  const chinese = await open({ locale: "zh-CN" });
  await pick(chinese, "occlusion");
  assert.match(await chinese.textContent("#explain"), /遮挡敏感性.*运行.*精细度.*窗口.*步长.*填充/s);
  await chinese.context().close();
});

test("a node of the cascade opens its map, its deconvnet view, and is switched off", async () => {
  const page = await open();
  await run(page, "cascade");
  await page.waitForSelector("#sankey .node.open", { timeout: 60_000 });
  assert.ok(await page.locator("#sankey .ribbon").count() > 60);
  // whole, from the pixels to the class, at every width
  for (const [width, downwards] of [[390, true], [820, true], [1280, false]]) {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForFunction((d) => document.querySelector("#sankey svg").classList.contains("downwards") === d, downwards);
    const seen = await page.$$eval("#sankey :is(svg, .column, .node)", (all) => all.map((e) => e.getBoundingClientRect()).map((r) => [r.left, r.right]));
    assert.ok(seen.every(([left, right]) => left >= 0 && right <= width), `${width}: ${JSON.stringify(seen.filter(([left, right]) => left < 0 || right > width))}`);
  }
  await page.locator("#sankey .node.open[data-unit^='relu5_2']").first().focus();
  await page.keyboard.press("Enter");
  await page.click("#node-ablate");
  await page.waitForSelector("#beside #ablated", { timeout: 30_000 });
  assert.match(await page.textContent("#ablated"), /tabby/);
  await page.click("#node-deconvnet");
  await page.waitForFunction(() => document.querySelectorAll("#beside canvas").length === 2, null, { timeout: 30_000 });
  await page.click("#node-map");
  await page.waitForFunction(() => document.querySelector("#detail h2")?.textContent.startsWith("relu5_2"), null, { timeout: 30_000 });
  await page.click("#node-target");
  assert.match(await page.textContent("#target"), /^relu5_2:\d+/);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("any class is found by name, and a clicked place of a map is a neuron to explain", async () => {
  const page = await open();
  await page.fill("#class-search", "espresso");
  await page.click("#found [data-class='967']");
  await page.waitForFunction(() => document.querySelector("#photo").ariaLabel.includes("espresso"), null, { timeout: 30_000 });
  assert.equal(await page.locator("#classes [data-class='967']").count(), 1, "listed while it is explained");
  await page.fill("#class-search", "埃及");
  await page.waitForSelector("#found [data-class='285']");
  await page.fill("#class-search", "zzzz");
  assert.match(await page.textContent(".classes"), /No class has this/);
  await page.click(".strip [data-layer=relu4_3]");
  await page.waitForFunction(() => document.querySelector("#grid-title")?.textContent.startsWith("relu4_3"), null, { timeout: 30_000 });
  await page.click("#tiles [data-channel]");
  const pick = async () => {
    const map = page.locator("#detail .pick canvas"), box = await map.boundingBox();
    await map.click({ position: { x: box.width * 0.52, y: box.height * 0.27 } });
  };
  await pick();
  await page.click("#unit-target");
  assert.match(await page.textContent("#target"), /^relu4_3:\d+@14,7/);
  await run(page, "saliency");
  await page.waitForSelector("#result", { timeout: 30_000 });
  assert.match(await page.textContent("#result .honesty"), /relu4_3:\d+@14,7/);
  // the answer took the stage: the channel is opened anew
  await page.click(".strip [data-layer=relu4_3]");
  await page.click("#tiles [data-channel]");
  await pick();
  await page.click("#unit-deconvnet");
  await page.waitForFunction(() => /\(14, 7\)/.test(document.querySelector("#result")?.textContent), null, { timeout: 30_000 });
  await page.click("#target button");
  assert.match(await page.textContent("#target"), /espresso/);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("the board compares six methods, marks one place on all, and follows the class", async () => {
  const page = await open();
  await page.click(".heat .compare-open");
  await page.click("#board [data-size='6']");
  await page.selectOption("#board [data-method=occlusion] select", "HiResCAM");
  await page.waitForFunction(() => document.querySelectorAll("#board .swap").length === 6, null, { timeout: 60_000 });
  await page.locator("#board-maps canvas").nth(1).hover();
  await page.waitForFunction(() => document.querySelectorAll("#board-maps .field circle").length === 6);
  const swap = async (m) => Number((await page.textContent(`#board-maps [data-method=${m}] .swap`)).match(/: (-?[\d.]+)$/)[1]);
  assert.ok(await swap("guided_backprop") > 0.95, "guided backpropagation hardly depends on the class");
  await page.click("#classes [data-class='285']");
  await page.waitForFunction(() => document.querySelector("#classes [data-class='285']").ariaPressed === "true" && document.querySelectorAll("#board .swap").length === 6, null, { timeout: 60_000 });
  // a channel is a target too; what cannot explain it says so
  await page.click("#board-close");
  await page.click("#tiles [data-channel]");
  await page.click("#unit-target");
  await page.click(".heat .compare-open");
  await page.waitForFunction(() => /cannot explain/.test(document.querySelector("#board-maps").textContent)
    && document.querySelectorAll("#board-maps .swap").length >= 2, null, { timeout: 60_000 }); // relevance, guided backpropagation
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("the teaching head: another network's classes, and its CAM at relu5_3", async () => {
  const page = await open();
  await page.selectOption("#head", { index: 1 });
  await page.waitForFunction(() => /relu5_3|14/.test(document.querySelector("#photo").ariaLabel) || !document.querySelector("#precomputed"), null, { timeout: 30_000 });
  await page.waitForFunction(() => !document.querySelector(".busy") && document.querySelectorAll("#classes li").length === 5, null, { timeout: 30_000 });
  assert.equal(await page.isVisible("#problem"), false);
  assert.match(await page.textContent("#classes li:first-child"), /cat|tabby|lynx/);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("previews come while a method runs, and a cancel in the middle of a batch ends it", async () => withPage(site, {}, async (page) => {
  const r = await page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js");
    const lens = await CnnLens.load({ device: "cpu" }), out = {};
    await lens.setImage("examples/cat.jpg");
    await lens.classify({ top: 1 });
    const x = new Float32Array(3 * 224 * 224), forward = [];
    for (let i = 0; i < 3; i++) { const t = performance.now(); await lens.raw({ op: "forward", layer: "pool5" }, x, [224, 224]); forward.push(performance.now() - t); }
    out.forward = Math.min(...forward);
    for (const [id, params] of [["occlusion", {}], ["smooth_grad", {}], ["rise", {}], ["lime", { segments: 4 }], ["score_cam", {}], ["integrated_gradients", {}]]) {
      const abort = new AbortController(), start = performance.now();
      let first = null, shape = null;
      const done = lens.run(id, params, { signal: abort.signal, onPartial: (figures) => { first ??= performance.now() - start; shape = [figures.length, figures[0].data.length]; } }).then(() => "finished", (e) => e.kind);
      while (first === null) await new Promise((ok) => setTimeout(ok, 5));
      await new Promise((ok) => setTimeout(ok, 700)); // in the middle of a batch
      const at = performance.now();
      abort.abort();
      out[id] = { first, shape, kind: await done, cancel: performance.now() - at };
    }
    lens.close();
    return out;
  });
  console.log(JSON.stringify(r));
  for (const [id, m] of Object.entries(r).filter(([k]) => k !== "forward")) {
    assert.equal(m.kind, "cancelled", id);
    assert.ok(m.cancel < 5000, `${id}: ${m.cancel} ms: half of the time after which the engine is replaced`);
    assert.ok(m.shape[0] >= 1 && m.shape[1] > 0, id);
  }
}));

test("LRP on WebGPU (SwiftShader) is LRP on the CPU", async () => withPage(site, { webgpu: true }, async (page) => {
  const r = await page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js"), out = [];
    for (const device of ["cpu", "webgpu"]) {
      const lens = await CnnLens.load({ device });
      await lens.setImage("examples/cat.jpg", { size: 64 });
      for (const rules of ["tutorial", "alpha2_beta1_flat"]) {
        const { figures: [map], meta } = await lens.run("lrp", { class: 285, rules });
        out.push({ rules, kind: lens.device.kind, kept: meta.facts.conservation, data: [...map.data] });
      }
      lens.close();
    }
    const l2 = (a, b) => Math.sqrt(a.reduce((s, v, i) => s + (v - b[i]) ** 2, 0) / b.reduce((s, v) => s + v * v, 0));
    return [0, 1].map((i) => ({ kinds: [out[i].kind, out[i + 2].kind], kept: out[i].kept - out[i + 2].kept, off: l2(out[i].data, out[i + 2].data) }));
  });
  console.log(JSON.stringify(r));
  for (const m of r) {
    assert.deepEqual(m.kinds, ["cpu", "webgpu"]);
    assert.ok(Math.abs(m.kept) < 1e-3 && m.off < 1e-3, JSON.stringify(m));
  }
}));

// The built page as a visitor uses it, in headless Chromium, served under a sub-path.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, layer, openPage, pick, root, serve } from "./browser.mjs";

const fixture = (name) => path.join(root, "tests/fixtures", name);
let site, browser;
before(async () => { site = await serve((...a) => hook(...a)); browser = await launch(); });
after(async () => { await browser.close(); site.close(); });
let hook = () => false;

const open = (options) => openPage(browser, site, options);
const choose = (page, name) => page.setInputFiles("input[type=file]", typeof name === "string" ? fixture(name) : name);
// the picture called `name` was taken by the engine
const named = (page, name) => page.waitForFunction((n) => {
  const p = document.querySelector("#picture-name");
  return p.ariaBusy === "false" && p.textContent.includes(n);
}, name, { timeout: 30_000 });

test("the first screen stands on precomputed results within a second of the code's arrival", async () => {
  const page = await open({ ready: null });
  await page.waitForSelector("#classes [data-class='285']", { timeout: 20_000 });
  const ms = await page.evaluate(() => performance.now() - performance.getEntriesByType("resource").find((r) => r.name.includes("_bg.wasm")).responseEnd);
  console.log(`# first screen ${ms.toFixed(0)} ms after the code arrived`);
  assert.ok(await page.isVisible("#precomputed") || await page.isVisible("#tiles"));
  await page.context().close();
});

test("a dropped photo gives its classes, its map and the feature maps of a layer", async () => {
  const page = await open();
  const bytes = fs.readFileSync(path.join(root, "www/examples/coffee.jpg")).toString("base64");
  await page.evaluate(async (b64) => {
    const blob = new Blob([Uint8Array.from(atob(b64), (c) => c.charCodeAt(0))], { type: "image/jpeg" });
    const data = new DataTransfer();
    data.items.add(new File([blob], "my-cup.jpg", { type: "image/jpeg" }));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, bytes);
  await named(page, "my-cup.jpg");
  await page.waitForSelector("#classes [data-class='967']", { timeout: 30_000 }); // espresso
  await layer(page, "conv4_2");
  await page.waitForFunction(() => document.querySelector("#grid-title")?.textContent.startsWith("conv4_2 · 512"), null, { timeout: 30_000 });
  assert.equal(await page.locator("#tiles .cell").count(), 64);
  await page.hover("#tiles .cell:nth-child(5)");
  const box = await page.getAttribute("#field rect", "width");
  assert.equal(box, "76", "conv4_2 sees 76 pixels");
  await page.click("#tiles .cell:nth-child(5)");
  assert.match(await page.textContent("#detail"), /Receptive field76 × 76 pixels/);
  await page.selectOption("#normalise", { index: 2 });
  await page.selectOption("#order", { index: 3 });
  assert.equal(await page.getAttribute("#tiles .cell:nth-child(1)", "data-channel"), "0");
  assert.equal(await page.isVisible("#precomputed"), false);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("a pasted picture and a camera frame are taken like a dropped one", async () => {
  const camera = await launch({ args: ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"] });
  const page = await (await camera.newContext({ permissions: ["camera"] })).newPage();
  await page.goto(site.url);
  await page.waitForSelector("#tiles", { timeout: 60_000 });
  const bytes = fs.readFileSync(fixture("photo.webp")).toString("base64");
  await page.evaluate(async (b64) => {
    const blob = new Blob([Uint8Array.from(atob(b64), (c) => c.charCodeAt(0))], { type: "image/webp" });
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([blob], "pasted.webp", { type: "image/webp" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, bytes);
  await named(page, "pasted.webp");
  await page.click(".picture .wide");
  await page.waitForFunction(() => document.querySelector(".dialog video")?.videoWidth > 0, null, { timeout: 20_000 });
  await page.click(".dialog .primary");
  await named(page, "camera.png");
  await page.waitForFunction(() => document.querySelectorAll("#classes li").length === 5, null, { timeout: 30_000 });
  assert.equal(await page.isVisible(".dialog"), false);
  await camera.close();
});

test("a long method is cancelled, and the result of the picture before is marked", async () => {
  const page = await open();
  await pick(page, "saliency");
  await page.click("#run");
  await page.waitForSelector("#result", { timeout: 60_000 });
  await choose(page, "../../www/examples/coffee.jpg");
  await named(page, "coffee.jpg");
  // a quick one is given anew
  await page.waitForFunction(() => /espresso/.test(document.querySelector("#result:not(.stale) .honesty")?.textContent), null, { timeout: 60_000 });
  await pick(page, "occlusion");
  await page.selectOption("#detail", { index: 0 });
  await page.click("#run");
  await page.waitForSelector("#result", { timeout: 60_000 });
  await choose(page, "photo.webp");
  await named(page, "photo.webp");
  await page.waitForSelector("#result.stale");
  assert.match(await page.textContent("#run"), /Update · about \d+ s/);
  await page.selectOption("#detail", { index: 2 });
  await page.click("#run");
  await page.click("#explain .busy button", { timeout: 20_000 });
  await page.waitForFunction(() => !document.querySelector("#explain .busy"), null, { timeout: 5_000 });
  assert.equal(await page.locator("#result:not(.stale)").count(), 0);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("another class moves the map", async () => {
  const page = await open();
  await page.click(".examples button:nth-child(2)");
  await page.waitForSelector("#classes [data-class='362']", { timeout: 30_000 });
  await page.waitForFunction(() => !document.querySelector("#precomputed") && document.querySelector("#tiles"), null, { timeout: 30_000 });
  const shows = (what) => page.waitForFunction((w) => document.querySelector("#photo").ariaLabel.includes(w), what, { timeout: 30_000 });
  const place = async () => (await page.getAttribute("#photo", "aria-label")).match(/most of it in the ([a-z ]+),/)[1];
  await page.click("#classes [data-class='285']");
  await shows("Egyptian cat");
  assert.match(await place(), /left/, "the cat is on the left");
  await page.click("#classes [data-class='362']");
  await shows("badger");
  assert.doesNotMatch(await place(), /left/, "the raccoon is on the right");
  await page.context().close();
});

const BAD = { "empty.png": "empty_file", "text.jpg": "not_an_image", "truncated.png": "truncated_image", "truncated.jpg": "truncated_image",
  "one_pixel.png": "image_too_small", "huge.png": "image_too_large", "photo.heic": "unsupported_format", "photo.avif": "unsupported_format" };

for (const locale of ["en-GB", "zh-CN"]) {
  test(`every bad file is explained and the last picture stays (${locale})`, async () => {
    const page = await open({ locale });
    const name = await page.textContent("#picture-name");
    for (const [file, kind] of Object.entries(BAD)) {
      await choose(page, file);
      await page.waitForSelector(`#problem[data-kind=${kind}]`, { timeout: 20_000 });
      const text = await page.textContent("#problem p");
      assert.equal(/[\u4e00-\u9fff]/.test(text), locale === "zh-CN", `${file}: ${text}`);
      assert.ok(text.length > 15, text);
      assert.equal(await page.textContent("#picture-name"), name, `${file}: the picture stays`);
      assert.ok(await page.isVisible("#tiles"));
      await page.click("#problem button");
    }
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });
}

test("unusual files are accepted, and what was done to them is said", async () => {
  const page = await open();
  for (const [file, note] of Object.entries({ "grey16.png": 0, "rgb16.png": 0, "grey.png": 0, "palette.png": 0, "cmyk.jpg": 0, "photo.webp": 0, "alpha.png": "Transparent", "animated.gif": "first frame", "exif6.jpg": "Turned" })) {
    await choose(page, file);
    await named(page, file);
    await page.waitForFunction(() => document.querySelectorAll("#classes li").length === 5 && !document.querySelector(".busy"), null, { timeout: 30_000 });
    const notes = await page.locator(".note").allTextContents();
    assert.equal(notes.length, note ? 1 : 0, `${file}: ${notes}`);
    if (note) assert.match(notes[0], new RegExp(note));
    assert.equal(await page.isVisible("#problem"), false, file);
  }
  await page.context().close();
});

for (const [what, kind, answer] of [
  ["missing", "weights_missing", (res) => { res.writeHead(404); res.end(); }],
  ["truncated", "weights_damaged", (res) => res.end(fs.readFileSync(path.join(root, "weights/vgg16.2.safetensors.gz")).subarray(0, 99_999))],
  ["of another version", "weights_wrong_hash", (res) => res.end(fs.readFileSync(path.join(root, "weights/vgg16.1.safetensors.gz")))],
]) {
  test(`weights ${what}: said, and tried again on request`, async () => {
    hook = (name, res) => name === "weights/vgg16.2.safetensors.gz" && (answer(res), true);
    // a piece of another version: the page was loaded anew first, and it did not help
    const anew = kind === "weights_wrong_hash" ? "body:has(#renewed:not([hidden])) " : "";
    const page = await open({ ready: `${anew}#problem[data-kind=${kind}]` }).finally(() => { hook = () => false; });
    assert.ok(await page.isVisible("#classes li"), "the precomputed result stays");
    await page.click("#problem button.primary");
    await page.waitForSelector("#tiles", { timeout: 60_000 });
    assert.equal(await page.isVisible("#problem"), false);
    await page.context().close();
  });
}

test("no WebAssembly: a sentence in both languages", async () => {
  const page = await open({ ready: null, init: () => { delete globalThis.WebAssembly; } });
  await page.waitForSelector("#no-wasm:not([hidden])");
  const text = await page.textContent("#no-wasm");
  assert.match(text, /WebAssembly.*Firefox/s);
  assert.match(text, /浏览器/);
  await page.context().close();
});

test("WebGPU asked for and absent, or throwing: said, and the CPU takes over", async () => {
  for (const init of [
    () => Object.defineProperty(Navigator.prototype, "gpu", { value: undefined }),
    () => Object.defineProperty(Navigator.prototype, "gpu", { value: { requestAdapter() { throw new Error("blocklisted"); } } }),
    () => Object.defineProperty(Navigator.prototype, "gpu", { value: { requestAdapter: async () => null } }),
  ]) {
    const page = await open({ query: "?device=webgpu", init, ready: "#problem[data-kind=no_webgpu]" });
    await page.waitForSelector("#tiles", { timeout: 60_000 });
    assert.match(await page.textContent("#device"), /CPU/);
    await page.context().close();
  }
});

test("a worker that crashes is replaced and the picture is kept", async () => {
  const page = await open();
  await choose(page, "photo.webp");
  await named(page, "photo.webp");
  await page.waitForFunction(() => !document.querySelector(".busy"), null, { timeout: 30_000 });
  await page.workers()[0].evaluate(() => { setTimeout(() => { throw new Error("injected crash"); }); });
  await page.waitForSelector("#restarted, #problem", { timeout: 60_000 });
  await page.click("[data-layer=relu5_3]");
  await page.waitForFunction(() => document.querySelector("#grid-title")?.textContent.startsWith("relu5_3"), null, { timeout: 60_000 });
  await named(page, "photo.webp");
  await page.context().close();
});

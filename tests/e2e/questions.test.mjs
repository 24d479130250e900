// Jobs and the questions that they answer: a cancel stops what it was meant for, nothing stands under another question,
// nothing that was chosen is lost, and what the browser or an editor does meanwhile does no harm.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, layer, openPage, pick, root, serve } from "./browser.mjs";

let site, browser, hook = () => false;
before(async () => { site = await serve((...a) => hook(...a)); browser = await launch(); });
after(async () => { await browser.close(); site.close(); });
const open = (options) => openPage(browser, site, options);
const sleep = (ms) => new Promise((ok) => setTimeout(ok, ms));
const grid = (page, layer) => page.waitForFunction((l) => document.querySelector("#grid-title")?.textContent.startsWith(l), layer, { timeout: 60_000 });
const LONG = "#img=sample:cat&m=maximise&p=side:224,steps:2048";

test("a cancel stops the job that it was meant for, running or waiting, and leaves the engine alone", async () => {
  const page = await open({ query: LONG });
  let workers = 0;
  page.on("worker", () => workers++);
  await page.click("#run");
  await page.waitForSelector("#partial", { timeout: 60_000 });
  await page.click("[data-layer=relu3_1]");
  // what is chosen runs in the place of what ran
  await pick(page, "lrp");
  assert.equal(await page.locator("#partial").count(), 0, "no preview under another method's name");
  await page.waitForSelector("#result", { timeout: 60_000 });
  await grid(page, "relu3_1");
  await pick(page, "maximise");
  await page.waitForSelector("#partial", { timeout: 60_000 });
  await page.click("[data-layer=relu4_1]");
  assert.equal(await page.locator("#explain .busy").count(), 1);
  await page.click("#explain .busy button");
  // then the layer's turn has come
  await grid(page, "relu4_1");
  assert.equal(await page.locator("#partial").count() + await page.locator("#result").count() + await page.locator("#explain .busy").count(), 0);
  await sleep(11_000); // an engine that did not hear of its cancel would be replaced by now
  assert.equal(workers, 0);
  assert.equal(await page.locator("#restarted, #problem").count(), 0);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

const BOARD = "#img=sample:cat&view=board&m=grad_cam&cmp=grad_cam,layer_cam";
test("compare after a changed parameter shows that parameter's maps, and until then says that it does not", async () => {
  const page = await open({ query: BOARD, ready: "#board" });
  // the other things that the board's methods are asked with: another link, as the browser's Back brings one
  const set = (layer) => page.evaluate((hash) => { location.hash = hash; }, `${BOARD}&p=layer:${layer}`);
  const map = () => page.$eval("#board-maps [data-method=grad_cam] canvas", (c) => c.toDataURL());
  const compared = async () => {
    await page.waitForFunction(() => document.querySelectorAll("#board .swap").length === 2 && !document.querySelector(".busy, #board .stale"), null, { timeout: 60_000 });
  };
  await compared();
  const first = await map();
  await set("relu3_3");
  await page.waitForSelector("#board-maps .stale");
  await page.click("#compare");
  await compared();
  const second = await map();
  assert.notEqual(second, first);
  // what was computed is kept
  await set("relu5_3");
  await page.click("#compare");
  await compared();
  assert.equal(await map(), first);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("a class clicked while the engine starts is explained when it is up", async () => {
  let go, held = new Promise((ok) => { go = ok; });
  hook = (name, res) => {
    if (name !== "weights/vgg16.1.safetensors.gz") return false;
    held.then(() => res.end(fs.readFileSync(path.join(root, "weights/vgg16.1.safetensors.gz"))));
    return true;
  };
  const page = await open({ ready: "#classes [data-class='281']" }).finally(() => { hook = () => false; });
  await page.click("#classes [data-class='281']");
  go();
  await page.waitForFunction(() => !document.querySelector("#precomputed") && document.querySelector("#photo").ariaLabel.includes("tabby"), null, { timeout: 60_000 });
  assert.equal(await page.getAttribute("#classes [data-class='281']", "aria-pressed"), "true");
  assert.equal(await page.locator(".heat.stale").count(), 0);
  await page.context().close();
});

test("a result says when it is not that of what is chosen now", async () => {
  const page = await open({ query: "#img=sample:cat&m=grad_cam" });
  await page.click("#run");
  await page.waitForSelector("#result:not(.stale)", { timeout: 60_000 });
  // a quick one is given anew for what is chosen now
  const says = (words) => page.waitForFunction((w) => document.querySelector("#result:not(.stale) .honesty")?.textContent.includes(w), words, { timeout: 60_000 });
  await says("tabby");
  await page.click("#classes [data-class='285']");
  await says("Egyptian cat");
  await page.selectOption("#layer", { label: "relu4_3" });
  await says("relu4_3");
  // one that took longer says whose it is, until it is asked for again
  await pick(page, "occlusion");
  await page.selectOption("#detail", { index: 0 });
  await page.click("#run");
  await page.waitForSelector("#result:not(.stale)", { timeout: 120_000 });
  await page.click("#classes [data-class='281']");
  await page.waitForSelector("#result.stale .tag");
  await page.click("#classes [data-class='285']");
  await page.waitForSelector("#result:not(.stale)");
  await page.context().close();
});

test("a select shows what is set, whatever the browser made of it", async () => {
  const page = await open({ query: "#img=sample:cat&m=grad_cam&p=layer:relu4_3" });
  assert.equal(await page.$eval("#layer", (e) => e.selectedOptions[0].textContent), "relu4_3");
  const count = await page.evaluate(() => {
    const all = [...document.querySelectorAll("select")];
    for (const select of all) [select.was, select.selectedIndex] = [select.selectedIndex, select.length - 1];
    document.querySelector("[aria-pressed=false][data-class]").click();
    return all.length;
  });
  assert.ok(count > 4);
  await page.waitForFunction(() => [...document.querySelectorAll("select")].every((s) => s.was === undefined || s.selectedIndex === s.was));
  // another method's select in the same place
  await pick(page, "lrp");
  const set = () => page.$$eval("#explain .form select", (all) => all.map((s) => [s.id, s.selectedIndex]));
  const fresh = await set();
  await page.selectOption("#explain .form select >> nth=0", { index: 1 });
  await pick(page, "occlusion");
  await pick(page, "lrp");
  assert.equal((await set())[0][1], 1);
  assert.equal(fresh[0][1], 0);
  await page.context().close();
});

// as page translators do it
const translate = (page) => page.evaluate(() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), all = [];
  while (walk.nextNode()) all.push(walk.currentNode);
  for (const text of all.filter((t) => t.data.trim() && !t.parentElement.closest("script, style, textarea, svg, [translate=no], option"))) {
    const font = document.createElement("font");
    font.textContent = `«${text.data}»`;
    text.replaceWith(font);
  }
});

test("names and numbers stay true when the browser translates the page", async () => {
  const page = await open();
  await translate(page);
  assert.match(await page.innerText("#picture-name"), /«/);
  await page.click(".picture .examples button:nth-child(3)"); // the coffee
  await page.waitForSelector("#classes [data-class='967']", { timeout: 60_000 });
  await page.waitForFunction(() => document.querySelector("#photo").ariaLabel.includes("espresso") && !document.querySelector("#precomputed"), null, { timeout: 60_000 });
  const plain = await open({ query: "#img=sample:coffee" });
  await plain.waitForFunction(() => document.querySelector("#photo").ariaLabel.includes("espresso") && !document.querySelector("#precomputed"), null, { timeout: 60_000 });
  for (const what of ["#picture-name", "#classes", ".heat figcaption", "#legend", "#target"]) {
    const [there, here] = [await plain.innerText(what), (await page.innerText(what)).replace(/[«»]/g, "")];
    assert.equal(here.replace(/\s+/g, " "), there.replace(/\s+/g, " "), what);
  }
  // and once more, with another layer and in another language
  await translate(page);
  await layer(page, "conv4_2");
  await page.waitForFunction(() => /^«?conv4_2/.test(document.querySelector("#grid-title")?.innerText), null, { timeout: 60_000 });
  await page.click("header [lang=zh-CN]");
  await page.waitForFunction(() => document.querySelector("#run, .classes h2").innerText.match(/[\u4e00-\u9fff]/));
  assert.doesNotMatch((await page.locator(".classes h2, .classes .hint, .classes .label").allInnerTexts()).join(), /«/);
  assert.deepEqual(page.errors, []);
  await plain.context().close();
  await page.context().close();
});

test("a chosen file that an editor saves again is still the picture: for the other head, and for a new engine", async () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "lens-")), "edited.jpg");
  fs.copyFileSync(path.join(root, "www/examples/coffee.jpg"), file);
  const page = await open();
  await page.setInputFiles(".picture input[type=file]", file);
  await page.waitForSelector("#classes [data-class='967']", { timeout: 60_000 });
  await sleep(1500); // the time of the file's change has to be another one
  fs.copyFileSync(path.join(root, "www/examples/cat.jpg"), file);
  await page.selectOption("#head", { index: 1 });
  await page.waitForFunction(() => document.querySelector("#picture-name").ariaBusy === "false" && document.querySelectorAll("#classes li").length >= 5 && document.querySelector("#tiles"), null, { timeout: 60_000 });
  assert.equal(await page.locator("#problem").count(), 0);
  assert.equal(await page.$eval("#head", (e) => e.selectedIndex), 1);
  assert.match(await page.textContent("#classes li:first-child"), /espresso|cup/);
  await page.workers()[0].evaluate(() => { setTimeout(() => { throw new Error("injected crash"); }); });
  await page.waitForSelector("#restarted", { timeout: 60_000 });
  await layer(page, "conv3_1");
  await grid(page, "conv3_1");
  assert.equal(await page.locator("#problem").count(), 0);
  await page.context().close();
});

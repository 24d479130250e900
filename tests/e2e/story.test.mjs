// The story drives the stage: with the keyboard alone, with a finger alone, from links, on the reader's own photo; its questions are
// answered by the engine; whoever touches the stage finds the way back.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, root, serve } from "./browser.mjs";

const story = (lang) => JSON.parse(fs.readFileSync(path.join(root, `www/story/${lang}.json`), "utf8"));
const STORY = story("en");
const SIZES = [[1280, 800], [820, 1180], [390, 844]];
const SLOW = { timeout: 240_000 };
let site, browser;
before(async () => { site = await serve((...a) => hook(...a)); browser = await launch(); });
after(async () => { await browser.close(); site.close(); });
let hook = () => false;

async function open(hash, { size: [width, height] = SIZES[0], ready = "#story #chapter", ...options } = {}) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width, height }, ...options });
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (e) => page.errors.push(String(e)));
  await page.goto(site.url + hash);
  await page.waitForSelector(ready, { timeout: 60_000 });
  return page;
}
const place = (page) => page.evaluate(() => new URLSearchParams(location.hash.slice(1)).get("story"));
const at = (page, where) => page.waitForFunction((w) => new URLSearchParams(location.hash.slice(1)).get("story") === w, where, { timeout: 60_000 });
const close = async (page) => { assert.deepEqual(page.errors, []); await page.context().close(); };
const now = (page) => page.textContent("#story .paragraph.now");
/** How much of the first picture on the stage stands in the window, and not behind something. */
const inSight = (page, selector) => page.evaluate((selector) => {
  const stage = document.querySelector(".centre").getBoundingClientRect(), r = document.querySelector(selector).getBoundingClientRect();
  return Math.max(0, Math.min(r.bottom, stage.bottom, innerHeight) - Math.max(r.top, stage.top, 0)) / r.height;
}, selector);

test("the keyboard alone: into the story, through chapters, a prediction, out again", async () => {
  const page = await open("", { ready: "#tiles" });
  await page.focus("header .story");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#chapter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "chapter", "the focus goes to the chapter's title");
  await at(page, "convolution");
  for (const [key, where] of [["ArrowRight", "convolution.2"], ["ArrowRight", "convolution.3"], ["ArrowLeft", "convolution.2"]]) {
    await page.keyboard.press(key);
    await at(page, where);
    assert.equal(await page.evaluate(() => document.activeElement.classList.contains("now")), true, "and to the paragraph");
  }
  await page.waitForFunction(() => document.querySelector("#grid-title")?.textContent.startsWith("conv1_1"), null, { timeout: 60_000 });
  // the question follows the second paragraph
  for (let i = 0; i < 4 && !(await page.evaluate(() => document.activeElement.closest(".answers"))); i++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /\d+ %/.test(document.querySelector("#verdict")?.textContent), null, { timeout: 60_000 });
  // over the chapter's end and back
  await page.focus("#story-next");
  for (let i = 0; i < 3; i++) { await page.focus("#story-next"); await page.keyboard.press("Enter"); }
  await at(page, "maps");
  assert.equal(await page.evaluate(() => document.activeElement.id), "chapter");
  await page.keyboard.press("ArrowLeft");
  await at(page, "convolution.4");
  await page.focus("#story-close");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => !document.querySelector("#story"));
  await at(page, null);
  assert.ok(await page.isVisible(".grid") && await page.isVisible(".heat"), "the whole page is back");
  await close(page);
});

test("what is drawn is compared with the engine's map, on the reader's own photo", async () => {
  const page = await open("#story=occlusion");
  await page.setInputFiles(".picture input[type=file]", path.join(root, "www/examples/coffee.jpg"));
  await page.waitForSelector("#classes [data-class='967']", { timeout: 60_000 });
  const draw = page.locator("#story-region-draw");
  await draw.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await draw.boundingBox();
  await page.mouse.move(x + 0.25 * width, y + 0.25 * height);
  await page.mouse.down();
  await page.mouse.move(x + 0.75 * width, y + 0.75 * height, { steps: 4 });
  await page.mouse.up();
  await page.click("#predict .answers button");
  await page.waitForFunction(() => /\d+ %.*\d+ %/.test(document.querySelector("#verdict")?.textContent), null, SLOW);
  const said = await page.textContent("#verdict");
  const [area, share] = said.match(/\d+(?= %)/g).map(Number);
  assert.equal(area, 25, said);
  // the same from the map itself, as the page saves it
  await page.waitForSelector("#result .saves");
  const [download] = await Promise.all([page.waitForEvent("download"), page.selectOption("#result .saves >> nth=0", { label: "CSV" })]);
  const map = fs.readFileSync(await download.path(), "utf8").trim().split("\n").map((line) => line.split(",").map(Number));
  let [held, whole] = [0, 0];
  map.forEach((row, i) => row.forEach((v, j) => {
    const inside = [(i + 0.5) / map.length, (j + 0.5) / row.length].every((p) => p >= 0.25 && p < 0.75);
    whole += Math.max(v, 0);
    if (inside) held += Math.max(v, 0);
  }));
  console.log(`# drawn: ${area} % of the photo, ${share} % of the evidence; from the saved map ${(100 * held / whole).toFixed(1)} %`);
  assert.ok(Math.abs(share - 100 * held / whole) <= 1, `${share} ${100 * held / whole}`);
  await close(page);
});

test("every chapter: its views come onto the stage, and its question is judged by the engine", { timeout: 900_000 }, async () => {
  const page = await open("#story=convolution&img=sample:coffee");
  await page.waitForSelector("#classes [data-class='967']", { timeout: 60_000 });
  for (const { id, question } of STORY.chapters) {
    await page.evaluate((id) => { location.hash = `#story=${id}&img=sample:coffee`; }, id);
    await page.waitForFunction((ask) => document.querySelector("#predict > p")?.textContent === ask, question.ask, { timeout: 60_000 });
    if (question.kind === "draw") {
      // what is drawn while the chapter is still being turned belongs to the one before
      do {
        await page.fill("#story-region", "");
        await page.fill("#story-region", "box 20 20 60 60");
        await page.press("#story-region", "Tab");
        await page.waitForTimeout(200);
      } while (await page.isDisabled("#predict .answers button >> nth=0"));
    }
    await page.click("#predict .answers button >> nth=0");
    const start = Date.now();
    const waiting = STORY.words.wait;
    await page.waitForFunction((wait) => { const said = document.querySelector("#verdict")?.textContent; return said && said !== wait; }, waiting, SLOW);
    console.log(`# ${id} (${((Date.now() - start) / 1000).toFixed(1)} s): ${await page.textContent("#verdict")}`);
    assert.match(await page.textContent("#verdict"), question.kind === "class" ? /“.+”/ : /\d|not reached/);
    assert.equal(await page.locator("#refused, #problem").count(), 0, id);
  }
  await close(page);
});

test("touching the stage pauses, and the way back leads to the same place", async () => {
  const page = await open("#story=board.2");
  await page.waitForSelector("#classes [data-class='281']", { timeout: 60_000 });
  await page.waitForFunction(() => !document.querySelector("#precomputed"), null, { timeout: 60_000 });
  await page.click("#classes [data-class='282']");
  await at(page, "board.2.paused");
  await page.waitForSelector("#classes [data-class='282'][aria-pressed=true]");
  assert.ok(await page.isVisible("#story-back"));
  await page.click("#story-back");
  await at(page, "board.2");
  await page.waitForSelector("#classes [data-class='281'][aria-pressed=true]");
  // the history has chapters, not paragraphs
  await page.click("#story-next");
  await at(page, "board.3");
  await page.selectOption("#chapters", { index: 9 });
  await at(page, "robust");
  await page.goBack();
  await at(page, "board.3");
  await close(page);
});

test("scrolling leads through the paragraphs, and the stage stays in sight", async () => {
  for (const size of SIZES) {
    const page = await open("#story=maps&dl=auto", { size });
    await page.waitForSelector("#tiles .cell", { timeout: 60_000 });
    await page.mouse.move(size[0] > 1100 ? size[0] - 200 : size[0] / 2, size[1] - 150);
    for (let i = 0; i < 40 && await place(page) !== "maps.3"; i++) { await page.mouse.wheel(0, 120); await page.waitForTimeout(350); }
    assert.equal(await place(page), "maps.3", `${size}`);
    await page.waitForFunction(() => document.querySelector("#grid-title")?.textContent.startsWith("relu5_3"), null, { timeout: 60_000 });
    const share = await inSight(page, "#tiles .cell");
    console.log(`# ${size}: ${(100 * share).toFixed(0)} % of the first map in sight while reading`);
    assert.ok(share > 0.9, `${size}: ${share}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= size[0], `${size}: nothing is wider than the window`);
    await close(page);
  }
});

test("a finger alone, on a phone", async () => {
  const page = await open("#dl=auto", { size: SIZES[2], ready: "#tiles", hasTouch: true, isMobile: true });
  await page.tap(".places a");
  await page.waitForSelector("#chapter");
  await page.tap("#story-next");
  await at(page, "convolution.2");
  await page.waitForFunction(() => document.querySelector("#grid-title")?.textContent.startsWith("conv1_1"), null, { timeout: 60_000 });
  assert.ok(await inSight(page, "#tiles .cell") > 0.9, "the stage");
  await page.$eval("#predict .answers", (e) => e.scrollIntoView());
  await page.locator("#predict .answers button").nth(1).tap();
  await page.waitForFunction(() => /\d+ %/.test(document.querySelector("#verdict")?.textContent), null, { timeout: 60_000 });
  const small = await page.$$eval("#story :is(button, select, summary, a, input)", (all) => all.filter((e) => e.checkVisibility()).map((e) => [e.id || e.className || e.textContent.slice(0, 20), e.getBoundingClientRect()])
    .filter(([, r]) => r.width < 44 || r.height < 43.5).map(([name, r]) => `${name}: ${r.width.toFixed(0)} x ${r.height.toFixed(0)}`));
  assert.deepEqual(small, []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  await close(page);
});

test("links: a paragraph's own, the former tour's, a frame's; Chinese is complete", async () => {
  const page = await open("", { ready: "#tiles" });
  const zh = story("zh");
  for (const [name, where, title] of [["course.html#occlusion", "occlusion", STORY.chapters[6].title], ["course.html#next", "unseen", STORY.chapters[12].title], ["course.html#zh", "convolution", zh.chapters[0].title], ["course.html", "convolution", STORY.chapters[0].title]]) {
    await page.goto("about:blank");
    await page.goto(site.url + name);
    await page.waitForFunction((t) => document.querySelector("#chapter")?.textContent.includes(t), title, { timeout: 60_000 });
    await at(page, where);
  }
  await page.goto("about:blank");
  await page.goto(`${site.url}#story=maps.2&lang=zh`);
  await page.waitForSelector("#story .paragraph.now", { timeout: 60_000 });
  assert.ok((await now(page)).startsWith(zh.chapters[1].paragraphs[1].text), "exactly this paragraph");
  await page.waitForFunction(() => document.querySelector("#grid-title")?.textContent.startsWith("relu3_3"), null, { timeout: 60_000 });
  const own = await page.getAttribute("#story .paragraph.now .anchor", "href");
  assert.equal(own, "#story=maps.2");
  assert.doesNotMatch(await page.textContent("#story"), /Previous|Next|teachers/, "nothing English is left");
  await page.evaluate(() => { location.hash = "#story=maps.2&ui=min"; });
  await page.waitForSelector("main.only");
  assert.equal(await page.locator("#story").count(), 0);
  await close(page);
});

test("on paper: every chapter with its pictures, and the answer key", async () => {
  const page = await open("#story=maps");
  await page.evaluate(() => { window.print = () => { window.printed = true; }; });
  await page.click("#story-print");
  await page.waitForFunction(() => window.printed);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.isVisible("header h1"), false, "nothing of the page");
  assert.equal(await page.locator(".sheet h2").count(), STORY.chapters.length + 1);
  for (const image of await page.$$(".sheet img")) assert.ok(await image.evaluate((i) => i.complete && i.naturalWidth > 100));
  if (process.env.PDF) fs.writeFileSync(process.env.PDF, await page.pdf({ format: "A4", preferCSSPageSize: true }));
  await page.emulateMedia({ media: "screen" });
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await page.waitForFunction(() => !document.querySelector(".sheet"));
  await close(page);
});

test("a story that cannot be fetched says so and can be asked for again", async () => {
  hook = (name, res) => { if (!name.startsWith("story/")) return false; res.writeHead(404).end(); return true; };
  const page = await open("#story=maps", { ready: "#story [role=alert]" });
  hook = () => false;
  await page.click("#story button >> nth=0");
  await page.waitForSelector("#chapter");
  await close(page);
});

// Two networks side by side: on a photo, with one pointer and in a sentence; and on a folder, as a table whose cells open photos.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, openPage, root, serve } from "./browser.mjs";

const file = (name) => path.join(root, "reader/tests/files", name), example = (name) => path.join(root, "www/examples", `${name}.jpg`);

let site, browser;
before(async () => { [site, browser] = [await serve(), await launch()]; });
after(async () => { await browser.close(); site.close(); });

/** Opens a network's files with these names of its classes. */
async function use(page, names, classes) {
  await page.setInputFiles("#network-files", names.map(file));
  await page.waitForFunction(() => document.querySelector("#network-use")?.disabled === false, null, { timeout: 60_000 });
  await page.fill("#network-names", classes.join("\n"));
  await page.click("#network-use");
}

const ONE = [["model.json", "group1-shard1of2.bin", "group1-shard2of2.bin"], ["cat", "dog", "bird"]];
const OTHER = [["functional.keras"], ["cat", "dog", "fish", "frog"]];
const drawn = (page) => page.waitForSelector("#difference canvas", { timeout: 60_000 });
const sorted = (page) => page.waitForFunction(() => document.querySelector("#folder-table") && !document.querySelector("#folder-cancel, #folder-on"), null, { timeout: 60_000 });
const counts = (page) => page.$$eval("#folder-table td button", (all) => all.map((b) => Number(b.textContent)));
const total = async (page) => (await counts(page)).reduce((a, b) => a + b, 0);

/** A page on which two small networks of the visitor's own are compared on the cat. */
async function two() {
  const page = await openPage(browser, site, { query: "#img=sample:cat" });
  await use(page, ...ONE);
  await page.waitForFunction(() => /model/.test(document.querySelector("#network-open").textContent) && document.querySelector("#classes li"), null, { timeout: 60_000 });
  await page.click(".compare-open:visible");
  await page.click("[data-by=Networks]");
  return page;
}

test("two networks of the visitor's own on one photo: classes, maps under one pointer, a sentence, and the second engine goes", async () => {
  const page = await two();
  assert.match(await page.textContent("#other-network"), /Choose/, "nothing is fetched that is larger than the network in use");
  const before = page.workers().length;
  await use(page, ...OTHER);
  await drawn(page);
  assert.match(await page.textContent("#network-open"), /model/, "the network in use stays");
  assert.deepEqual(await page.$$eval("#board-maps .told h3", (all) => all.map((h) => h.textContent)), ["model", "functional", "Where they differ"]);
  assert.deepEqual(await page.$$eval("#board-maps .told ol", (all) => all.map((ol) => ol.children.length)), [3, 4]);
  const sentence = await page.textContent("#pair-sentence");
  assert.match(sentence, /say.*“(cat|dog|bird|fish|frog)”.*strongest fifth/);
  assert.equal(page.workers().length, before + 1, "one engine more, without helpers");
  // the pointer and the arrow keys mark one place on all three, for which the numbers stand beneath
  const marks = () => page.$$eval("#board-maps .plot .field circle", (all) => all.map((c) => [c.getAttribute("cx"), c.getAttribute("cy")].join()));
  const box = await page.locator("#board-maps canvas").first().boundingBox();
  await page.mouse.move(box.x + box.width * 0.25, box.y + box.height * 0.75);
  await page.waitForFunction(() => document.querySelectorAll("#board-maps .plot .field circle").length === 3);
  const at = await marks();
  assert.deepEqual([new Set(at).size, at[0].split(",").map((v) => Math.round(v / 5) * 5)], [1, [25, 75]]);
  await page.mouse.move(0, 0);
  await page.locator("#board-maps canvas").nth(1).focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.querySelectorAll("#board-maps .plot .field circle").length === 3);
  assert.equal(new Set(await marks()).size, 1);
  // the figures have texts
  for (const label of await page.$$eval("#board-maps canvas", (all) => all.map((c) => c.ariaLabel))) assert.ok(label.length > 10, label);
  // another class is asked of both
  await page.click("#classes button[data-class='1']");
  await page.waitForFunction(() => /“dog”/.test(document.querySelector("#pair-sentence").textContent) && document.querySelectorAll("#board-maps canvas[aria-label*=dog]").length === 2, null, { timeout: 60_000 });
  // in Chinese too
  await page.evaluate(() => { location.hash += "&lang=zh"; });
  await page.waitForFunction(() => /两张图/.test(document.querySelector("#pair-sentence")?.textContent ?? ""), null, { timeout: 60_000 });
  await page.click("#board-close");
  await page.waitForFunction(() => !document.querySelector("#board-maps"));
  for (let i = 0; i < 50 && page.workers().length > before; i++) await page.waitForTimeout(100);
  assert.equal(page.workers().length, before);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("a folder of photos is a table whose cells open their photos; Cancel keeps what was told", async () => {
  const page = await two();
  await use(page, ...OTHER);
  await drawn(page);
  await page.setInputFiles("#folder-files", [...["cat", "coffee", "horse"].map(example), { name: "broken.png", mimeType: "image/png", buffer: Buffer.from("none") }].map((given) => given.name ? given : { name: path.basename(given), mimeType: "image/jpeg", buffer: fs.readFileSync(given) }));
  await sorted(page);
  const photos = await total(page);
  assert.equal(photos, 3);
  assert.match(await page.textContent("#folder .note"), /1$/, "the file that is none is said");
  assert.match(await page.textContent("#folder-sentence"), new RegExp(`of ${photos} photos`));
  await page.click("#folder-table td button");
  const cell = await page.textContent("#folder-table td button[aria-pressed=true]");
  assert.equal(await page.locator("#folder-photos .sorted canvas").count(), Number(cell));
  // the photo on the stage gets the very class that the table has for it, from both
  const told = await page.textContent("#folder-photos .sorted small");
  const [, own, other] = /^model: (\w+) .*functional: (\w+) /.exec(told.replace("functional", " functional"));
  await page.click("#folder-photos .sorted");
  await page.waitForFunction(() => location.hash.includes("img=local"), null, { timeout: 60_000 });
  await drawn(page);
  assert.deepEqual(await page.$$eval("#board-maps .told ol", (all) => all.map((ol) => ol.querySelector(".label").textContent)), [own, other]);
  assert.equal(await total(page), photos, "the table stays");
  // many photos: stopped on the way, and gone on with
  const many = Array.from({ length: 40 }, (_, i) => ({ name: `${i}.jpg`, mimeType: "image/jpeg", buffer: fs.readFileSync(example("cat")) }));
  await page.setInputFiles("#folder-files", many);
  await page.click("#folder-cancel");
  const on = await page.textContent("#folder-on");
  const [, done] = /\((\d+) \/ 80\)/.exec(on);
  assert.ok(Number(done) < 80, on);
  await page.waitForTimeout(500);
  assert.equal(await page.textContent("#folder-on"), on, "nothing goes on");
  await page.click("#folder-on");
  await sorted(page);
  assert.equal(await total(page), 40);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("a link brings both networks, shipped ones at once, and asks for the other's file", async () => {
  const page = await openPage(browser, site, { query: "#view=board&by=networks&with=squeezenet&img=sample:cat", ready: "#difference canvas" });
  assert.match(await page.textContent("#pair-sentence"), /VGG16.*SqueezeNet/);
  assert.deepEqual(await page.$$eval("#board-maps .told ol", (all) => all.map((ol) => ol.children.length)), [5, 5]);
  assert.match(await page.evaluate(() => location.hash), /by=networks&with=squeezenet/);
  // a file that is opened here is the other network, and the link names it
  await use(page, ...OTHER);
  await page.waitForFunction(() => /functional/.test(document.querySelector("#board-maps .compared:nth-child(2)")?.textContent ?? ""), null, { timeout: 60_000 });
  await drawn(page);
  assert.match(await page.textContent("#pair-sentence"), /no class of that name/);
  const hash = await page.evaluate(() => location.hash);
  assert.match(hash, /with=local:[0-9a-f]{12}:functional/);
  assert.deepEqual(page.errors, []);
  await page.context().close();
  const linked = await openPage(browser, site, { query: hash, ready: "#awaited-network" });
  await use(linked, ...OTHER);
  await drawn(linked);
  assert.equal(await linked.locator("#awaited-network").count(), 0);
  assert.match(await linked.textContent("#network-open"), /VGG16/);
  assert.deepEqual(linked.errors, []);
  await linked.context().close();
});

test("where the memory is small one engine runs the two in turn, and answers for the network in use all the same", async () => {
  const init = () => Object.defineProperty(navigator, "deviceMemory", { get: () => 2 });
  const page = await openPage(browser, site, { query: "#img=sample:cat&net=squeezenet", init });
  await page.waitForFunction(() => document.querySelectorAll("#classes li").length === 5);
  const before = page.workers().length;
  const classes = () => page.$$eval("#classes li", (all) => all.map((li) => li.textContent));
  const own = await classes();
  await page.click(".compare-open:visible");
  await page.click("[data-by=Networks]");
  await use(page, ...OTHER);
  await drawn(page);
  assert.equal(page.workers().length, before);
  await page.setInputFiles("#folder-files", ["cat", "coffee"].map(example));
  await sorted(page);
  assert.equal(await total(page), 2);
  // the network in use has the photo again as it had it
  await page.click("#classes li:nth-child(2) button");
  await page.waitForFunction(() => document.querySelectorAll("#board-maps canvas").length === 3 && !document.querySelector(".board .busy"), null, { timeout: 60_000 });
  await page.click("#board-close");
  await page.click("#classes li:nth-child(1) button");
  await page.waitForFunction(() => !document.querySelector(".busy"));
  assert.deepEqual(await classes(), own);
  assert.equal(await page.locator("#problem").count(), 0);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

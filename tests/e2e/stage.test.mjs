// What a visitor sees without scrolling, and with how few touches: what was chosen runs and is in sight, at three sizes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import path from "node:path";
import { ask, launch, pick, root, serve } from "./browser.mjs";

const SIZES = [[1280, 800], [820, 1180], [390, 844]];
let site, browser;
before(async () => { site = await serve(); browser = await launch(); });
after(async () => { await browser.close(); site.close(); });

async function open([width, height], hash = "#img=sample:cat", { ready = "#tiles", ...options } = {}) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width, height }, ...options });
  const page = await context.newPage();
  await page.goto(site.url + hash);
  await page.waitForSelector(ready, { timeout: 60_000 });
  return page;
}

/** How much of the first figure of the result stands between the window's top and the strip at its foot. */
const inSight = (page) => page.evaluate(() => {
  const figure = document.querySelector("#result canvas, #result table, #result svg").getBoundingClientRect();
  const foot = document.querySelector(".strip")?.getBoundingClientRect().top ?? innerHeight;
  return Math.max(0, Math.min(figure.bottom, foot, innerHeight) - Math.max(figure.top, 0)) / Math.min(figure.height, innerHeight);
});

for (const size of SIZES) {
  test(`${size.join(" x ")}: what is chosen runs and comes into sight, and so does what a link shows`, async () => {
    // small screens are asked before anything is fetched
    const page = await open(size, "#img=sample:cat&dl=auto");
    for (const id of ["grad_cam", "lrp", "frequency"]) {
      await pick(page, id);
      await page.waitForFunction((id) => document.querySelector(`[data-method=${id}]`).ariaPressed === "true" && document.querySelector("#result") && !document.querySelector("#explain .busy"), id, { timeout: 120_000 });
      const share = await inSight(page);
      console.log(`# ${size}, ${id}: ${(100 * share).toFixed(0)} % in sight`);
      assert.ok(share > 0.6, `${id}: ${share}`);
      assert.ok((await page.textContent("#result .sentence")).length > 20, "its sentence");
    }
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), size[0]);
    await page.context().close();
    const linked = await open(size, "#img=sample:cat&m=grad_cam&p=layer:relu4_3&autorun=1&dl=auto", { ready: "#result canvas" });
    assert.ok(await inSight(linked) > 0.6, "the linked result");
    await linked.context().close();
  });
}

test("settings touched at once are the ones that run; another method takes the place of a running one", async () => {
  const page = await open(SIZES[0]);
  await pick(page, "occlusion");
  await page.waitForSelector("#explain .busy");
  await pick(page, "grad_cam");
  await page.selectOption("#explain #layer", "relu3_3");
  await page.click("#run");
  // Run asks anew what the page may have answered by itself by then: the end of it counts
  await page.waitForFunction(() => document.querySelector("#result canvas") && /Layer: relu3_3/.test(document.querySelector("#result .honesty").textContent) && !document.querySelector("#explain .busy"), null, { timeout: 60_000 });
  assert.equal(await page.locator("#problem").count(), 0);
  await page.context().close();
});

test("what is being typed into a setting stays while the page is drawn for a running method", async () => {
  const page = await open(SIZES[0], "#img=sample:cat&m=rise&autorun=1", { ready: "#explain .busy" });
  await page.$$eval("#explain .more", (all) => all.forEach((d) => { d.open = true; }));
  await page.focus("#masks");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("6");
  const steps = () => page.$eval("#explain .busy progress", (e) => e.value);
  const from = await steps();
  await page.waitForFunction((from) => document.querySelector("#explain .busy progress")?.value > from + 2, from, { timeout: 60_000 });
  await page.keyboard.type("4");
  assert.equal(await page.inputValue("#masks"), "64");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() => location.hash.includes("masks:64"));
  // a link sets it anew
  await page.evaluate(() => { location.hash = location.hash.replace("masks:64", "masks:128"); });
  await page.waitForFunction(() => document.querySelector("#masks").value === "128");
  await page.context().close();
});

test("a phone: a chosen photo needs no other tap, and has no foreign class", async () => {
  const page = await open(SIZES[2], "#dl=ask", { ready: "#offer", hasTouch: true, isMobile: true });
  await page.waitForSelector("#classes [data-class='285']");
  await page.evaluate(() => {
    window.seen = new Set();
    new MutationObserver(() => {
      if (!document.querySelector("#picture-name").textContent.includes("coffee.jpg")) return;
      for (const e of document.querySelectorAll("#classes [data-class]")) window.seen.add(e.dataset.class);
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  await page.setInputFiles(".picture input[type=file]", path.join(root, "www/examples/coffee.jpg"));
  await page.waitForSelector("#classes [data-class='967']", { timeout: 60_000 });
  const seen = await page.evaluate(() => [...window.seen]);
  assert.ok(seen.includes("967") && !seen.includes("285"), `${seen}`);
  await page.context().close();
});

test("a method is found by its name, its author or its question, in both languages", async () => {
  const page = await open(SIZES[0]);
  for (const [text, id] of [["grad-cam++", "grad_cam_pp"], ["ribeiro", "lime"], ["遮挡", "occlusion"], ["can i trust", "randomisation"]]) {
    await ask(page);
    await page.fill("#method-search", text);
    assert.ok(await page.isVisible(`#methods-found [data-method=${id}]`), text);
  }
  await page.fill("#method-search", "zzz");
  assert.equal(await page.locator("#methods-found button").count(), 0);
  await page.fill("#method-search", "saliency");
  await page.click("#methods-found [data-method=saliency]");
  await page.waitForSelector("#result canvas", { timeout: 60_000 });
  await ask(page);
  await page.fill("#method-search", "feature maps");
  await page.click("#methods-found [data-see=feature_maps]");
  await page.waitForSelector(".layers-opened #tiles");
  assert.ok(await page.$eval(".grid", (e) => e.getBoundingClientRect().top >= 0 && e.getBoundingClientRect().top < 200), "they take the stage");
  await page.context().close();
});

test("the keyboard skips to the methods; fingers find every control", async () => {
  const page = await open(SIZES[0]);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "tab");
  await page.context().close();
  const touch = await open(SIZES[2], "#img=sample:cat&m=grad_cam&autorun=1&dl=auto", { ready: "#result canvas", hasTouch: true, isMobile: true });
  const small = await touch.$$eval("button, select, summary, a, input", (all) => all.filter((e) => e.type !== "range" && e.checkVisibility()).map((e) => [e.id || e.className || e.textContent.slice(0, 20), e.type === "file" ? e.closest("label").getBoundingClientRect() : e.getBoundingClientRect()])
    .filter(([, r]) => r.width < 44 || r.height < 43.5).map(([name, r]) => `${name}: ${r.width.toFixed(0)} x ${r.height.toFixed(0)}`));
  assert.deepEqual(small, []);
  await touch.context().close();
});

test("the strip is this photo's; a layer takes the stage beside the photo, with what a place of it sees", async () => {
  for (const size of SIZES) {
    const page = await open(size, "#img=sample:cat&dl=auto");
    await page.waitForSelector("[data-layer=relu3_1] canvas");
    assert.equal(await page.locator(".strip [data-layer] canvas").count(), 18);
    const drawn = await page.$$eval(".strip [data-layer] canvas", (all) => all.map((c) => [c.width, new Set(c.getContext("2d").getImageData(0, 0, c.width, c.height).data).size]));
    assert.deepEqual([...new Set(drawn.map(([w]) => w))], [224, 112, 56, 28, 14, 7], "each in its own size");
    assert.ok(drawn.every(([, values]) => values > 4), "each a picture");
    // the channel that the strip names is the one that answers most
    await page.click("[data-layer=relu3_1]");
    await page.waitForFunction(() => /^relu3_1 · 256/.test(document.querySelector("#grid-title")?.textContent) && document.querySelector("#tiles"));
    const named = Number((await page.getAttribute(".strip [data-layer=relu3_1]", "title")).match(/(\d+)$/)[1]);
    assert.equal(Number(await page.getAttribute("#tiles .cell:first-child", "data-channel")), named);
    for (const s of ["#photo", "#tiles .cell"]) assert.ok(await page.$eval(s, (e) => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; }), `${size}: ${s} in sight`);
    await page.hover("#tiles .cell:first-child canvas");
    await page.waitForSelector("#field rect");
    assert.equal(Number(await page.getAttribute("#field rect", "width")), 24, "pixels that a unit of relu3_1 sees");
    // before and after the ReLU
    await page.click(".head [data-layer=conv3_1]");
    await page.waitForFunction(() => /^conv3_1/.test(document.querySelector("#grid-title")?.textContent));
    assert.match(await page.evaluate(() => location.hash), /view=maps.*layer=conv3_1/);
    await page.click("#layers-close");
    await page.waitForSelector("#layers-close", { state: "detached" });
    await page.context().close();
  }
  // arrow keys move along it: it is one stop of the tabulator
  const page = await open(SIZES[0]);
  await page.focus(".strip [tabindex='0']");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.layer), "relu1_2");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /^relu1_2/.test(document.querySelector("#grid-title")?.textContent));
  await page.keyboard.press("Escape");
  await page.waitForSelector("#layers-close", { state: "detached" });
  assert.equal(await page.locator(".strip [tabindex='0']").count(), 1);
  await page.context().close();
});

test("the first screen: one photo, two answers; a class tapped before the network is here moves the heat", async () => {
  const page = await open(SIZES[0], "", { ready: ".glide canvas" });
  assert.match(await page.textContent("#greeting"), /One photo, two answers/);
  const seen = new Set();
  for (let i = 0; i < 60 && await page.locator(".glide").count(); i++) { seen.add(await page.textContent(".glide .tag").catch(() => "")); await page.waitForTimeout(100); }
  assert.ok(seen.has("badger") && seen.has("tabby"), [...seen].join(", "));
  await page.waitForSelector(".glide", { state: "detached", timeout: 10_000 });
  await page.context().close();
  // the weights wait to be asked for: what is seen was computed before
  const waiting = await open(SIZES[0], "#img=sample:cat_raccoon&dl=ask", { ready: "#precomputed" });
  const photo = () => waiting.$eval("#photo", (c) => c.toDataURL());
  const badger = await photo();
  await waiting.click("#classes [data-class='281']");
  await waiting.waitForFunction(() => /tabby/.test(document.querySelector(".heat figcaption").textContent) && !document.querySelector(".heat.stale"));
  assert.notEqual(await photo(), badger);
  await waiting.context().close();
  // with reduced motion both stand side by side
  const still = await open(SIZES[0], "", { ready: ".glide.still canvas", reducedMotion: "reduce" });
  assert.equal(await still.textContent(".glide .tag"), "tabby");
  await still.context().close();
});

test("a method takes the map's place on the stage, the photo beside it; the photo and its map come back", async () => {
  const page = await open(SIZES[0]);
  const shown = (selector) => page.locator(selector).isVisible();
  for (const back of ["#method-close", "#strip-photo", ".menu [data-see=cam]"]) {
    await pick(page, "saliency");
    await page.waitForSelector("#result canvas");
    assert.deepEqual([await shown(".heat"), await shown(".small canvas"), await page.evaluate(() => document.activeElement.id)], [false, true, "chosen"], back);
    if (back.includes("cam")) {
      await ask(page);
      await page.click(".menu [data-tab=Cam]");
    }
    await page.click(back);
    await page.waitForSelector(".heat #photo");
    assert.deepEqual([await shown(".small"), await page.locator("#chosen").count(), await page.evaluate(() => /m=/.test(location.hash))], [false, 0, false], back);
  }
  await page.context().close();
});

test("a heat map is walked with the arrow keys, its values spoken", async () => {
  for (const [view, figure, line] of [["", "#photo", ".heat .readout"], ["&m=grad_cam&autorun=1", "#result canvas", "#result .readout"]]) {
    const page = await open(SIZES[0], `#img=sample:cat${view}`, { ready: view ? "#result canvas" : "#legend" });
    await page.focus(figure);
    const before = await page.textContent(line);
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(([line, before]) => document.querySelector(line).textContent !== before && document.querySelector(line).ariaLive === "polite", [line, before]);
    const first = await page.textContent(line);
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction(([line, first]) => document.querySelector(line).textContent !== first, [line, first]);
    await page.context().close();
  }
});

test("the part that is read: dragged, sized and walked; what was found of another part says so; an own photo has its own", async () => {
  const page = await open(SIZES[0], "#img=sample:coffee&m=grad_cam&autorun=1", { ready: "#result canvas" });
  await page.click("#crop-open summary");
  const photo = await (await page.waitForSelector("#crop-draw")).boundingBox(), hash = () => page.evaluate(() => location.hash);
  const seen = () => page.$eval("#photo", (c) => c.toDataURL());
  const before = await seen();
  await page.mouse.move(photo.x + photo.width * 0.5, photo.y + photo.height * 0.5);
  await page.mouse.down();
  await page.mouse.move(photo.x + photo.width * 0.2, photo.y + photo.height * 0.5, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction(() => /fit=(19|20)\d,(49|50)\d,875/.test(location.hash));
  await page.waitForFunction((before) => document.querySelector("#photo").toDataURL() !== before && document.querySelector("#picture-name").ariaBusy === "false", before, { timeout: 30_000 });
  // a quick answer follows: it stands under the new part, not under the old one
  await page.waitForSelector("#result:not(.stale) canvas", { timeout: 30_000 });
  await page.focus(".whole-photo");
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => /fit=2[12]\d,/.test(location.hash));
  await page.selectOption("#fit", { index: 1 });
  await page.waitForFunction(() => location.hash.includes("fit=contain"));
  assert.equal(await page.locator("#crop-draw rect").count(), 0, "all of it is read");
  // the link brings it back
  const link = await hash(), again = await open(SIZES[0], link, { ready: "#result canvas" });
  await again.waitForFunction((photo) => document.querySelector("#photo").toDataURL() === photo, await seen(), { timeout: 30_000 });
  await again.context().close();
  // another photo is read as usual, and shown whole
  await page.setInputFiles(".picture input[type=file]", path.join(root, "www/examples/cat.jpg"));
  await page.waitForSelector("#classes [data-class='281']", { timeout: 60_000 });
  await page.waitForFunction(() => document.querySelector("#crop img")?.src.startsWith("blob:") && document.querySelector("#crop img").naturalWidth === 451);
  assert.doesNotMatch(await hash(), /fit=/);
  await page.context().close();
});

for (const size of SIZES) {
  test(`${size.join(" x ")}: the stage is split into two, four or six, of methods, classes, layers and photos`, async () => {
    const page = await open(size, "#img=sample:cat_raccoon&dl=auto");
    const cells = async (n) => {
      await page.waitForFunction((n) => document.querySelectorAll("#board-maps .plot canvas").length === n && !document.querySelector("#board .busy"), n, { timeout: 60_000 });
      return page.$$eval("#board-maps .compared .readout:not(.swap)", (all) => all.map((e) => e.textContent.trim()));
    };
    /** The ends of each cell's scale. */
    const ends = (all) => all.map((text) => / (-?[\d.e-]+) (-?[\d.e-]+)$/.exec(text).slice(1).join(" to "));
    await page.click(".heat .compare-open");
    const two = await cells(2);
    assert.match(two[0], /^Class activation map/);
    assert.match(two[1], /^Grad-CAM/);
    // both are in sight, beside each other
    const boxes = await page.$$eval("#board-maps canvas", (all) => all.map((c) => { const { left, right, top, bottom } = c.getBoundingClientRect(); return { left, right, top, bottom }; }));
    const foot = await page.$eval(".strip", (e) => e.getBoundingClientRect().top);
    assert.ok(boxes[1].left > boxes[0].right - 1 && boxes.every((b) => b.top >= 0 && b.bottom <= foot), JSON.stringify({ boxes, foot }));
    await page.click("#board [data-by=Classes]");
    await page.click("#board [data-size='4']");
    const classes = await cells(4);
    assert.equal(new Set(classes.map((c) => c.split(/ -?\d/)[0])).size, 4, classes.join(" | "));
    assert.equal(new Set(ends(classes)).size, 1, "one scale for all classes");
    await page.click("#board [data-by=Layers]");
    assert.deepEqual((await cells(4)).map((c) => c.split(" ")[0]), ["relu2_2", "relu3_3", "relu4_3", "relu5_3"]);
    await page.click("#board [data-by=Photos]");
    await cells(1);
    await page.click(".examples button:nth-child(1)");
    await page.waitForFunction(() => document.querySelectorAll("#board-maps .plot canvas").length === 2, null, { timeout: 60_000 });
    const photos = await cells(2);
    assert.equal(new Set(ends(photos)).size, 1, "one scale for both photos");
    assert.notEqual(...await page.$$eval("#board-maps canvas", (all) => all.map((c) => c.toDataURL())));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), size[0]);
    // one pointer on both
    await page.focus("#board-maps canvas");
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() => document.querySelectorAll("#board-maps .field circle").length === 2);
    await page.keyboard.press("Escape");
    await page.waitForSelector("#board", { state: "detached" });
    assert.equal(await page.locator("#problem").count(), 0);
    // the link opens it again
    await page.goBack();
    await page.waitForSelector("#board-maps");
    assert.match(page.url(), /view=board.*by=photos/);
    await page.context().close();
  });
}

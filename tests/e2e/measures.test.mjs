// The marks that the page was built to (controls, clicks, what is in sight, what gets lost), measured at three sizes. Each test prints
// what it measured.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createRequire } from "node:module";
import path from "node:path";
import { launch, openPage, root, serve, tools } from "./browser.mjs";

const SIZES = [[1280, 800], [820, 1180], [390, 844]];
let site, browser;
before(async () => { site = await serve(); browser = await launch(); });
after(async () => { await browser.close(); site.close(); });

async function open([width, height], hash, { ready = "#tiles", ...options } = {}) {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width, height }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  await page.goto(site.url + hash);
  await page.waitForSelector(ready, { timeout: 60_000 });
  return page;
}

/** The whole elements of a selector that nothing covers, without scrolling; words for each. */
const inSight = (page, selector) => page.$$eval(selector, (all) => all.filter((e) => {
  if (!e.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) return false;
  const r = (e.type === "file" ? e.closest("label") : e).getBoundingClientRect();
  if (r.width < 2 || r.height < 2 || r.left < 0 || r.top < 0 || r.right > innerWidth || r.bottom > innerHeight) return false;
  const top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
  return top && (e.contains(top) || top.contains(e) || top.closest("label")?.contains(e));
}).map((e) => e.id || e.className || e.textContent.trim().slice(0, 20)));

// a group in which arrow keys move is one control; a figure is none
const CONTROLS = "a[href], button:not([tabindex='-1']), select, input, summary";

for (const size of SIZES) {
  test(`${size.join(" x ")}: the first view has photo and heat, a sentence, classes and the network, and few controls`, async () => {
    const page = await open(size, "#img=sample:cat_raccoon&dl=auto");
    await page.waitForSelector(".strip .layer canvas");
    const controls = await inSight(page, CONTROLS);
    console.log(`# ${size}: ${controls.length} controls: ${controls.join(", ")}`);
    assert.ok(controls.length <= (size[0] < 700 ? 10 : 18), controls.join(", "));
    const seen = await Promise.all(["#photo", ".heat .sentence", "#classes [data-class]", ".strip [data-layer]"].map((s) => inSight(page, s)));
    console.log(`# ${size}: in sight: photo ${seen[0].length}, sentence ${seen[1].length}, classes ${seen[2].length}, layers ${seen[3].length}`);
    assert.ok(seen[0].length === 1 && seen[1].length === 1 && seen[2].length >= 3 && seen[3].length >= 5, JSON.stringify(seen));
    const width = await page.$eval("#photo", (e) => e.getBoundingClientRect().width);
    console.log(`# ${size}: the photo is ${width} px wide`);
    assert.ok(width >= { 1280: 560, 820: 480, 390: 390 }[size[0]], `${width}`);
    await page.context().close();
  });
}

test("the photo grows with the window; the questions are at most six tabs away, Grad-CAM two clicks and no scroll", async () => {
  const wide = await open([1920, 1080], "#img=sample:cat");
  const width = await wide.$eval("#photo", (e) => e.getBoundingClientRect().width);
  console.log(`# 1920 x 1080: the photo is ${width} px wide`);
  assert.ok(width >= 800, `${width}`);
  await wide.context().close();
  const page = await open(SIZES[0], "#img=sample:cat");
  let tabs = 0;
  do { await page.keyboard.press("Tab"); tabs += 1; } while (tabs < 20 && await page.evaluate(() => document.activeElement.id !== "ask-open"));
  console.log(`# ${tabs} tabs to the questions`);
  assert.ok(tabs <= 6, `${tabs}`);
  await page.click("#ask-open");
  // no scroll of the visitor's: playwright would scroll to it by itself
  await page.waitForFunction(() => document.querySelector(".menu [data-method=grad_cam]").getBoundingClientRect().bottom < innerHeight);
  assert.deepEqual(await inSight(page, ".menu [data-method=grad_cam] > span:not(.thumb)"), ["Grad-CAM"]);
  await page.click(".menu [data-method=grad_cam]");
  await page.waitForSelector("#result canvas", { timeout: 30_000 });
  assert.ok(await page.$eval("#result canvas", (e) => e.getBoundingClientRect().top >= 0 && e.getBoundingClientRect().top < innerHeight / 2));
  await page.context().close();
});

test("no method shows more than two settings before it is asked for more", async () => {
  const page = await open(SIZES[0], "#img=sample:cat");
  const ids = await page.$$eval(".menu [data-method]", (all) => all.map((b) => b.dataset.method));
  assert.ok(ids.length >= 43);
  let most = 0;
  for (const id of ids) {
    await page.evaluate((id) => { location.hash = `#img=sample:cat&m=${id}`; }, id);
    await page.waitForFunction((id) => document.querySelector(`.menu [data-method=${id}]`)?.ariaPressed === "true", id);
    const shown = await page.$$eval("#explain .form .control", (all) => all.filter((e) => e.checkVisibility()).map((e) => e.textContent.slice(0, 30)));
    most = Math.max(most, shown.length);
    assert.ok(shown.length <= 2, `${id}: ${shown.join(", ")}`);
  }
  console.log(`# ${ids.length} methods, at most ${most} settings in sight`);
  await page.context().close();
});

test("twenty classes clicked while the page loads: none is lost, and the last has its map", async () => {
  const page = await open(SIZES[0], "#img=sample:cat_raccoon", { ready: "#classes [data-class]" });
  const classes = await page.$$eval("#classes [data-class]", (all) => all.map((b) => Number(b.dataset.class)));
  let lost = 0;
  for (let i = 0; i < 20; i++) {
    const wanted = classes[i % classes.length];
    await page.click(`#classes [data-class='${wanted}']`);
    await page.waitForTimeout(100);
    if (await page.getAttribute(`#classes [data-class='${wanted}']`, "aria-pressed") !== "true") lost += 1;
  }
  const last = classes[19 % classes.length];
  await page.waitForSelector("#tiles", { timeout: 60_000 });
  await page.waitForFunction((c) => !document.querySelector(".heat.stale") && !document.querySelector("#precomputed") && document.querySelector(`#classes [data-class='${c}']`)?.ariaPressed === "true", last, { timeout: 30_000 });
  const name = await page.textContent(`#classes [data-class='${last}'] .label`);
  assert.match(await page.textContent(".heat figcaption"), new RegExp(name));
  console.log(`# lost: ${lost} of 20`);
  assert.equal(lost, 0);
  await page.context().close();
});

test("photo, class, layer, settings and method are changed 500 times: no answer stands under another question", async () => {
  const page = await openPage(browser, site);
  const wrong = await page.evaluate(async (seed) => {
    const rng = (() => { let a = seed; return (n) => { a = (a * 1664525 + 1013904223) >>> 0; return Math.floor((a / 2 ** 32) * n); }; })();
    const $ = (s) => document.querySelector(s), all = (s) => [...document.querySelectorAll(s)];
    const wait = (ms) => new Promise((ok) => setTimeout(ok, ms));
    const press = (list) => list[rng(list.length)]?.click();
    const set = (select) => { if (select) { select.selectedIndex = rng(select.options.length); select.dispatchEvent(new Event("change", { bubbles: true })); } };
    const methods = ["grad_cam", "grad_cam_pp", "layer_cam", "hires_cam", "saliency", "lrp", "deconvnet"];
    // what a figure says it answers, against what is asked; null when it owns up that it is another's
    const judge = (figure) => {
      if (!figure || figure.classList.contains("stale")) return null;
      const line = figure.querySelector(".honesty")?.textContent ?? "";
      const asked = $("#target")?.textContent.trim() ?? "";
      const layer = $("#explain .form select#layer")?.selectedOptions[0]?.textContent;
      const method = $(".menu [data-method][aria-pressed=true]")?.dataset.method;
      if (method === "deconvnet") return null; // explains a unit of its own, no class
      if (!line.includes(asked)) return `${method}: "${line}" under the class ${asked}`;
      if (layer && line.includes("Layer: ") && !line.includes(`Layer: ${layer} `)) return `${method}: "${line}" under the layer ${layer}`;
      return null;
    };
    const found = new Set();
    let answers = 0;
    for (let i = 0; i < 500; i++) {
      [() => press(all(".examples button").slice(0, 4)), () => press(all("#classes [data-class]")), () => press(all("#classes [data-class]")),
        () => $(`.menu [data-method=${methods[rng(methods.length)]}]`).click(), () => set($("#explain .form select")), () => $("#run")?.click(),
        () => all("[data-layer]")[rng(18)].click(), () => $("#layers-close")?.click()][rng(8)]();
      await wait(rng(10) === 0 ? 400 : rng(60));
      const result = $("#result");
      answers += result && !result.classList.contains("stale") ? 1 : 0;
      const bad = judge(result);
      if (bad) found.add(bad);
      const heat = $(".heat"), chosen = $("#classes [aria-pressed=true] .label")?.textContent;
      if (heat && !heat.classList.contains("stale") && chosen && !heat.querySelector("figcaption").textContent.includes(chosen)) found.add(`the map of another class than ${chosen}`);
    }
    return { found: [...found], answers };
  }, 7);
  console.log(`# 500 changes; a result stood under its own question after ${wrong.answers} of them`);
  assert.deepEqual(wrong.found, []);
  assert.ok(wrong.answers > 20, "results were there to be judged");
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

for (const size of SIZES) {
  test(`${size.join(" x ")}: axe finds nothing, of any impact, in both themes and languages`, async () => {
    const { AxeBuilder } = createRequire(path.join(tools, "package.json"))("@axe-core/playwright");
    for (const locale of ["en-GB", "zh-CN"]) {
      for (const colorScheme of ["light", "dark"]) {
        const page = await open(size, "#img=sample:cat&m=grad_cam&autorun=1&dl=auto", { locale, colorScheme, ready: "#result canvas" });
        await page.waitForSelector(".strip .layer canvas");
        const clean = async (what) => {
          const { violations } = await new AxeBuilder({ page }).analyze();
          assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`.slice(0, 300)), [], `${locale} ${colorScheme} ${what}`);
        };
        await clean("a result");
        // the dialog of an own network, then the menu that it stands in
        await page.setInputFiles("#network-files", path.join(root, "reader/tests/files/chain.pth"));
        await page.waitForFunction(() => document.querySelector("#network-use")?.disabled === false, null, { timeout: 60_000 });
        await clean("the dialog");
        await page.click("#network-use");
        await page.waitForFunction(() => /chain/.test(document.querySelector("#network-open").textContent));
        await page.click("#network-open");
        await clean("the menu");
        await page.context().close();
      }
    }
  });
}

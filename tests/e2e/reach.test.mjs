// Every method is reached from the opened page with at most three clicks and no scroll, and the link that shares its result opens with
// it in sight at three sizes. ALL=1 takes all 45 methods (20 minutes), without it one of each family, and the links of two.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import path from "node:path";
import { launch, NEEDS, root, serve, SMALL } from "./browser.mjs";

const SIZES = [[1280, 800], [820, 1180], [390, 844]];
const SAMPLE = ["grad_cam", "saliency", "lrp", "occlusion", "deconvnet", "maximise", "adversarial", "colour", "randomisation", "tcav"];
/** Of these also the links, each at three sizes. */
const LINKED = ["lrp", "randomisation"];
const FILE = path.join(root, "www/examples/coffee.jpg");

let site, browser, all;
before(async () => {
  [site, browser] = [await serve(), await launch()];
  const page = await visit(SIZES[0], "#img=sample:cat");
  all = await page.$$eval(".menu [data-method]", (buttons) => buttons.map((b) => b.dataset.method));
  // two of the 45 stand on the page as it is opened
  assert.equal(all.length + await page.locator(".menu [data-see]").count(), 45);
  if (!process.env.ALL) all = all.filter((id) => SAMPLE.includes(id));
  await page.context().close();
});
after(async () => { await browser.close(); site.close(); });

async function visit([width, height], hash, ready = "#tiles, #result") {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width, height }, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(site.url + hash);
  await page.waitForSelector(ready, { timeout: 120_000 });
  return page;
}

/** How much of the result's first figure stands between the window's top and the strip: of itself, or of the window when it is larger. */
const inSight = (page) => page.evaluate(() => {
  const figure = document.querySelector(":is(#result, #partial) :is(canvas, table, svg, .chart)")?.getBoundingClientRect();
  if (!figure) return 0;
  const foot = document.querySelector(".strip")?.getBoundingClientRect().top ?? innerHeight;
  return Math.max(0, Math.min(figure.bottom, foot) - Math.max(figure.top, 0)) / Math.min(figure.height, foot);
});

test("from the opened page to every method's result: at most three clicks, no scroll", async () => {
  const page = await visit(SIZES[0], "#img=sample:cat");
  for (const id of all) {
    let clicks = 0;
    // as a finger does: only what is in sight can be clicked
    const click = async (selector) => {
      await page.waitForFunction((selector) => { const r = document.querySelector(selector).getBoundingClientRect(); return r.width > 0 && r.top >= 0 && r.bottom <= innerHeight; }, selector, { timeout: 10_000 })
        .catch(() => { throw new Error(`${id}: ${selector} is out of sight`); });
      await page.$eval(selector, (e) => e.click());
      clicks += 1;
    };
    await page.evaluate(() => { location.hash = "#img=sample:cat"; scrollTo(0, 0); });
    await page.waitForFunction(() => !document.querySelector("#explain .busy, #chosen"));
    await click("#ask-open");
    const family = await page.$eval(`.menu [data-method=${id}]`, (b) => b.closest("[data-family]").dataset.family);
    if (await page.getAttribute(`.menu [data-tab=${family}]`, "aria-selected") !== "true") await click(`.menu [data-tab=${family}]`);
    await click(`.menu [data-method=${id}]`);
    if (NEEDS[id] === "second") { await page.setInputFiles("#second input[type=file]", FILE); await page.waitForSelector("#second canvas"); }
    if (NEEDS[id] === "gallery") { await page.setInputFiles("#gallery-files", FILE); await page.waitForSelector("#gallery .group canvas"); }
    if (NEEDS[id]) await page.click("#run");
    const what = `body:has(.menu [data-method=${id}][aria-pressed=true]) :is(#result, #partial) :is(canvas, table, svg, .chart)`;
    await page.waitForSelector(what, { timeout: 240_000 }).catch((e) => { throw new Error(`${id}: ${e.message}`); });
    const share = await inSight(page);
    console.log(`# ${id}: ${clicks} clicks, ${(100 * share).toFixed(0)} % in sight`);
    assert.ok(clicks <= 3 && (share > 0.6 || NEEDS[id]), `${id}: ${clicks} clicks, ${share}`);
    await page.keyboard.press("x");
  }
  await page.context().close();
});

for (const size of SIZES) {
  test(`${size.join(" x ")}: every method's link opens with its result in sight`, async () => {
    for (const id of all.filter((id) => !NEEDS[id] && (process.env.ALL || LINKED.includes(id)))) {
      const page = await visit(size, `#img=sample:cat&m=${id}${SMALL[id] ? `&p=${SMALL[id]}` : ""}&autorun=1&dl=auto`, "#result");
      await page.waitForFunction(() => !document.querySelector("#explain .busy"), null, { timeout: 120_000 });
      assert.equal(await page.locator("#refused, #problem").allTextContents().then((all) => all.join(" ")), "", id);
      assert.equal(await page.getAttribute(`.menu [data-method=${id}]`, "aria-pressed"), "true");
      const share = await inSight(page);
      console.log(`# ${size}, ${id}: ${(100 * share).toFixed(0)} % in sight`);
      assert.ok(share > 0.6, `${id}: ${share}`);
      await page.context().close();
    }
  });
}

test("the keyboard alone: to the questions, a method, its setting, another class, side by side, back", async () => {
  const page = await visit(SIZES[0], "#img=sample:cat");
  /** Tabs until the focused element matches; fails after so many. */
  const to = async (selector, most) => {
    for (let i = 0; i <= most; i++) {
      if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`${selector} is more than ${most} tabs away, the focus is on ${await page.evaluate(() => document.activeElement.outerHTML.slice(0, 120))}`);
  };
  await to("#ask-open", 6);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.matches(".menu [role=tab][aria-selected=true]"));
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.activeElement.matches("[data-tab=Gradient]"));
  await to(".menu [data-method=saliency]", 4);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#result canvas", { timeout: 60_000 });
  const first = await page.textContent("#result .honesty");
  await to("#run", 40);
  await to("#explain .form select", 12);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await page.keyboard.press("r");
  await page.waitForFunction((first) => document.querySelector("#result .honesty")?.textContent !== first && !document.querySelector("#explain .busy, #result.stale"), first, { timeout: 60_000 });
  await page.keyboard.press("Escape");
  await page.focus("#classes [data-class='281']");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /tabby/.test(document.querySelector("#target").textContent));
  await to("#explain .compare-open", 60);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll("#board-maps .plot canvas").length === 2, null, { timeout: 60_000 });
  await page.keyboard.press("Escape");
  await page.waitForSelector("#board", { state: "detached" });
  await page.context().close();
});

test("a finger alone, on a phone: a question, a method, another class, a layer, side by side, back", async () => {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(`${site.url}#img=sample:cat&dl=auto`);
  await page.waitForSelector("#tiles", { timeout: 60_000 });
  await page.tap(".places button:nth-child(2)");
  await page.tap(".menu [data-tab=Gradient]");
  await page.tap(".menu [data-method=saliency]");
  await page.waitForSelector("#result canvas", { timeout: 60_000 });
  assert.ok(await inSight(page) > 0.6);
  await page.tap("#classes [data-class='281']");
  await page.waitForFunction(() => /tabby/.test(document.querySelector("#target").textContent) && document.querySelector("#result") && !document.querySelector("#explain .busy, #result.stale"), null, { timeout: 60_000 });
  await page.tap(".places button:nth-child(3)");
  await page.waitForSelector(".layers-opened #tiles");
  await page.tap("#layers-close");
  await page.tap("#explain .compare-open");
  await page.waitForFunction(() => document.querySelectorAll("#board-maps .plot canvas").length === 2, null, { timeout: 60_000 });
  await page.tap("#board [data-by=Classes]");
  await page.waitForFunction(() => document.querySelectorAll("#board-maps .plot canvas").length === 2 && !document.querySelector("#board .busy"), null, { timeout: 60_000 });
  await page.tap("#board-close");
  await page.waitForSelector("#board", { state: "detached" });
  assert.equal(await page.locator("#problem").count(), 0);
  await context.close();
});

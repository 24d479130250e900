// What a visitor sees without scrolling, and with how few touches: what was chosen runs and is in sight, at three sizes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import path from "node:path";
import { launch, pick, root, serve } from "./browser.mjs";

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
  await page.waitForFunction(() => document.querySelector("#result canvas") && /layer relu3_3/.test(document.querySelector("#result .honesty").textContent) && !document.querySelector("#explain .busy"), null, { timeout: 60_000 });
  assert.equal(await page.locator("#problem").count(), 0);
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
    await page.fill("#method-search", text);
    assert.ok(await page.isVisible(`#methods-found [data-method=${id}]`), text);
  }
  await page.fill("#method-search", "zzz");
  assert.equal(await page.locator("#methods-found button").count(), 0);
  await page.fill("#method-search", "saliency");
  await page.click("#methods-found [data-method=saliency]");
  await page.waitForSelector("#result canvas", { timeout: 60_000 });
  await page.fill("#method-search", "feature maps");
  await page.click("#methods-found [data-see=feature_maps]");
  assert.ok(await page.$eval(".grid", (e) => e.getBoundingClientRect().top >= 0 && e.getBoundingClientRect().top < 200), "they stand on the page");
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

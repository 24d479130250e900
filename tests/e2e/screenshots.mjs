// make screenshots [WHICH=part of a name]: every view in both themes and languages, wide and narrow, into screenshots/; with
// WHICH=tour the README's pictures, into .github/, with WHICH=posters those of the printed story, into www/posters/, with
// WHICH=menu what stands beside a method's name: www/posters/methods.webp, src/catalog/posters.txt.
import fs from "node:fs";
import path from "node:path";
import { launch, root, serve } from "./browser.mjs";

const only = process.argv[2] ?? "";
const out = path.join(root, only === "tour" ? ".github" : "screenshots");
fs.mkdirSync(out, { recursive: true });
const site = await serve();
const browser = await launch();

async function visit(query, { width = 1280, height = 900, theme = "light", lang = "en" } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, locale: lang === "zh" ? "zh-CN" : "en-GB" });
  const page = await context.newPage();
  page.on("console", (m) => m.type() === "error" && console.log(query, m.text().slice(0, 300)));
  page.on("pageerror", (e) => console.log(query, String(e)));
  // a small screen is asked before the download
  await page.goto(site.url + (query.endsWith(".html") ? query : `${query || "#"}&dl=auto`));
  return page;
}
const done = (selector) => async (page) => {
  await page.waitForSelector(selector, { timeout: 300_000 });
  await page.waitForFunction(() => !document.querySelector(".busy"), null, { timeout: 300_000 });
};
const load = async (page) => {
  for (const frame of await page.$$("iframe")) await (await frame.contentFrame()).click("#offer button", { timeout: 60_000 });
  for (const lens of await page.$$("cnn-lens")) { await lens.scrollIntoViewIfNeeded(); await lens.evaluate((e) => e.load()); }
  await page.waitForTimeout(15_000);
};

const VIEWS = {
  first: ["", (page) => page.waitForSelector("#precomputed", { timeout: 20_000 })],
  page: ["#layer=relu4_3&ch=355", done("#detail")],
  grad_cam: ["#img=sample:cat_raccoon&m=grad_cam&autorun=1", done("#result")],
  lrp: ["#m=lrp&autorun=1", done("#result")],
  deconvnet: ["#m=deconvnet&p=layer:relu4_3&autorun=1", done("#result")],
  cascade: ["#m=cascade&autorun=1", done("#result")],
  maximise: ["#m=maximise&unit=conv5_3:63&p=steps:48,side:96&autorun=1", done("#result")],
  board: ["#img=sample:cat_raccoon&view=board&cmp=cam,grad_cam,lrp&autorun=1", done("#board-maps .compared:nth-child(3)")],
  adversarial: ["#m=adversarial&autorun=1", done("#result")],
  tcav: ["#m=tcav&p=concept:red&autorun=1", done("#result")],
  share: ["#m=lrp", async (page) => { await done("#tiles")(page); await page.click("#share-open"); await page.waitForSelector("#share"); }],
  torch: ["#m=lrp", async (page) => { await done("#tiles")(page); await page.click("#explain .torch"); await page.waitForSelector("#torch"); }],
  help: ["", async (page) => { await done("#tiles")(page); await page.keyboard.press("?"); await page.waitForSelector(".keys"); }],
  invert: ["#m=invert&p=layer:relu3_1,steps:30,side:96&autorun=1", done("#result")],
  occlusion: ["#m=occlusion&autorun=1", done("#result")],
  colour: ["#m=colour&autorun=1", done("#result")],
  faithfulness: ["#m=faithfulness&p=methods:grad_cam,curve_steps:8,subsets:4,patches:8,copies:1&autorun=1", done("#result")],
  embedded: ["#m=grad_cam&ui=min&autorun=1&dl=auto", done("#result")],
  story: ["#story=occlusion.2", done("#result")],
  blog: ["blog.html", load],
};

const POSTERS = {
  "maps-relu1_1": "#img=sample:cat&view=maps&layer=relu1_1",
  "maps-relu3_3": "#img=sample:cat&view=maps&layer=relu3_3",
  "maps-relu5_3": "#img=sample:cat&view=maps&layer=relu5_3",
  deconvnet: "#img=sample:cat&m=deconvnet&p=layer:relu4_3&autorun=1",
  maximise: "#img=sample:cat&m=maximise&unit=conv5_3:63&autorun=1",
  "maximise-seed": "#img=sample:cat&m=maximise&unit=conv5_3:63&p=recipe:seed,side:224,steps:500",
  cascade: "#img=sample:cat&m=cascade&autorun=1",
  occlusion: "#img=sample:cat&m=occlusion&autorun=1",
  board: "#img=sample:cat_raccoon&view=board&cmp=cam,grad_cam,lrp,occlusion&autorun=1",
  adversarial: "#img=sample:cat&m=adversarial&autorun=1",
  shuffle: "#img=sample:cat&m=shuffle&autorun=1",
  randomisation: "#img=sample:cat&m=randomisation&p=draws:1&autorun=1",
};

if (only === "posters") {
  // the printed story's pictures
  const views = Object.entries(POSTERS).map(([name, view]) => [`posters/${name}.jpg`, view]);
  for (const [file, view] of views) {
    if (fs.existsSync(path.join(root, "www", file))) continue; // delete it to have it made anew
    const page = await visit(`${view.replace("&autorun=1", "")}&autorun=1&ui=min`, { width: 672, height: 1000 });
    const part = /view=maps/.test(view) ? "#tiles" : /view=board/.test(view) ? "#board-maps" : "#result";
    const maps = /cmp=([^&]*)/.exec(view)?.[1].split(",").length;
    await page.waitForSelector(maps ? `${part} .compared:nth-child(${maps})` : part, { timeout: 900_000 });
    await page.waitForFunction(() => !document.querySelector(".busy"), null, { timeout: 900_000 });
    // one figure as it is, several as they stand
    const one = await page.locator(`${part} canvas`).count() === 1;
    const figure = page.locator(/m=cascade/.test(view) ? ".sankey" : one ? `${part} canvas` : part).first();
    await figure.evaluate((e) => e.scrollIntoView());
    const { x, y, width, height } = await figure.boundingBox();
    const clip = { x, y, width, height: one ? height : Math.min(height, width * 0.6) };
    await page.screenshot({ path: path.join(root, "www", file), type: "jpeg", quality: 52, clip });
    await page.context().close();
  }
} else if (only === "menu") {
  // every method with its settings as they are: the upper left square of what it gives, and its time as a multiple of the map's.
  // About 20 minutes; what screenshots/menu/ has already is not made again
  const SIDE = 96, COLUMNS = 9, cells = [], lines = [], kept = path.join(out, "menu");
  fs.mkdirSync(kept, { recursive: true });
  const page = await visit("#img=sample:cat_raccoon");
  await done("#tiles")(page);
  const ms = async (part) => Number(/ (\d+) ms/.exec(await page.textContent(`${part} .honesty`))?.[1]);
  const ids = await page.$$eval("#explain .menu [data-family] button", (all) => all.map((b) => b.dataset.method ?? b.dataset.see));
  const second = path.join(root, "www/examples/coffee.jpg");
  for (const id of ids) {
    const [cell, line] = ["png", "txt"].map((kind) => path.join(kept, `${id}.${kind}`));
    if (fs.existsSync(line)) { cells.push(fs.readFileSync(cell, "base64")); lines.push(fs.readFileSync(line, "utf8")); continue; }
    const standing = { cam: ".heat", feature_maps: "#tiles" }[id];
    if (!standing) {
      await page.evaluate((id) => { location.hash = `#img=sample:cat_raccoon&m=${id}&autorun=1`; }, id);
      await page.waitForSelector(`#explain [data-method=${id}][aria-pressed=true]`, { state: "attached" });
      if (await page.locator("#second").count() && !await page.locator("#result").count()) await page.setInputFiles("#second input[type=file]", second);
      if (id === "audit") {
        await page.setInputFiles("#gallery-files", ["cat", "coffee"].map((n) => path.join(root, `www/examples/${n}.jpg`)));
        await page.waitForSelector("#gallery .group canvas");
        await page.waitForFunction(() => !document.querySelector("#explain .busy"));
      }
      // what has all that it takes runs by itself
      if (await page.locator("#second, #gallery").count() && !await page.locator("#explain .busy, #result").count()) await page.click("#run");
      await page.waitForSelector(`#result:has(canvas, table, svg, .chart)`, { timeout: 900_000 });
      await page.waitForFunction(() => !document.querySelector("#explain .busy"), null, { timeout: 900_000 });
    }
    const figure = page.locator(`${standing ?? "#result"} :is(canvas, .chart, svg)`).or(page.locator(`${standing ?? "#result"} table`)).first();
    await figure.evaluate((e) => e.scrollIntoView({ block: "start" }));
    const { x, y, width, height } = await figure.boundingBox(), side = Math.min(width, height, 640);
    cells.push((await page.screenshot({ path: cell, clip: { x, y, width: side, height: side } })).toString("base64"));
    // the least that is told: a millisecond
    lines.push(`${id} ${standing ? 1 : (Math.max(1, await ms("#result")) / (await ms(".heat"))).toPrecision(2)}`);
    fs.writeFileSync(line, lines.at(-1));
    console.log(lines.at(-1));
  }
  const sheet = await page.evaluate(async ({ cells, SIDE, COLUMNS }) => {
    const canvas = new OffscreenCanvas(COLUMNS * SIDE, Math.ceil(cells.length / COLUMNS) * SIDE), paint = canvas.getContext("2d");
    for (const [i, cell] of cells.entries()) {
      const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(cell), (c) => c.charCodeAt(0))]), { resizeWidth: SIDE, resizeHeight: SIDE, resizeQuality: "high" });
      paint.drawImage(picture, i % COLUMNS * SIDE, Math.floor(i / COLUMNS) * SIDE);
    }
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/webp", quality: 0.7 })).arrayBuffer());
    return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
  }, { cells, SIDE, COLUMNS });
  fs.writeFileSync(path.join(root, "www/posters/methods.webp"), Buffer.from(sheet, "base64"));
  fs.writeFileSync(path.join(root, "src/catalog/posters.txt"), `${lines.join("\n")}\n`);
} else if (only === "tour") {
  const shot = (page, name) => page.screenshot({ path: path.join(out, `tour-${name}.jpg`), type: "jpeg", quality: 82 });
  let page = await visit("#img=sample:cat&layer=relu4_3", { height: 760 });
  await done("#tiles")(page); await page.waitForSelector(".strip [data-layer=relu5_3] canvas"); await shot(page, "1-open");
  await page.setInputFiles(".picture input[type=file]", path.join(root, "www/examples/cat_raccoon.jpg"));
  await page.waitForFunction(() => document.querySelector("#picture-name").textContent.includes("cat_raccoon.jpg"));
  await page.waitForSelector("#classes [data-class='362']");
  await page.waitForTimeout(2000);
  await done("#tiles")(page); await shot(page, "2-drop");
  page = await visit("#m=lrp&autorun=1", { height: 760 });
  await done("#result")(page);
  await page.$eval("#chosen", (e) => e.scrollIntoView()); await shot(page, "3-understand");
  await page.evaluate(() => scrollTo(0, 0)); await page.click("#share-open"); await page.waitForSelector("#share"); await shot(page, "4-share");
  page = await visit("blog.html", { height: 760 });
  await load(page);
  await page.evaluate(() => scrollTo(0, 200)); await page.waitForTimeout(500); await shot(page, "5-embed");
  page = await visit("#img=sample:cat_raccoon", { height: 800 });
  await done("#tiles")(page); await page.waitForTimeout(6000); // the greeting is over
  await page.screenshot({ path: path.join(out, "page.jpg"), type: "jpeg", quality: 82 });
  // one view each, as a frame shows it
  for (const [name, view, options] of [
    ["cascade", "#img=sample:cat&m=cascade", { theme: "dark" }],
    ["board", "#img=sample:cat_raccoon&view=board&cmp=cam,grad_cam,lrp", {}],
    ["adversarial", "#img=sample:cat&m=adversarial", { lang: "zh" }],
    ["maximise", "#img=sample:cat&m=maximise&unit=conv5_3:63", { theme: "dark", lang: "zh" }],
  ]) {
    page = await visit(`${view}&ui=min&autorun=1`, { width: 900, height: 700, ...options });
    await done(name === "board" ? "#board-maps .compared:nth-child(3) canvas" : "#result")(page);
    await page.screenshot({ path: path.join(out, `view-${name}.jpg`), type: "jpeg", quality: 80 });
  }
} else for (const width of [1280, 360]) for (const theme of ["light", "dark"]) for (const lang of ["en", "zh"]) {
  for (const [view, [query, ready]] of Object.entries(VIEWS)) {
    const name = `${view}-${width}-${theme}-${lang}`;
    if (!name.includes(only)) continue;
    const page = await visit(query, { width, height: width > 400 ? 900 : 740, theme, lang });
    try {
      await ready(page);
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${out}/${name}.png`, fullPage: !["share", "torch", "help"].includes(view) });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > width) console.log(`${name}: ${wide} wide`);
    } catch (e) { console.log(name, String(e).slice(0, 200)); }
    await page.context().close();
  }
}
await browser.close();
site.close();

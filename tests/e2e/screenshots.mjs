// make screenshots [WHICH=part of a name]: of every view two contact sheets with both themes and languages, NAME-wide.png (1280 x 800)
// and NAME-narrow.png (820 x 1180, and 390 px as far down as the page goes), into screenshots/, about 25 minutes for all; with
// WHICH=tour the README's pictures, into .github/, with WHICH=posters those of the printed story, into www/posters/, with
// WHICH=menu what stands beside a method's name: www/posters/methods.webp, src/catalog/posters.txt.
import fs from "node:fs";
import path from "node:path";
import { launch, NEEDS, root, serve, SMALL } from "./browser.mjs";

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
  for (const frame of await page.$$("iframe")) await (await frame.contentFrame()).click("#offer-accept", { timeout: 60_000 });
  for (const lens of await page.$$("cnn-lens")) { await lens.scrollIntoViewIfNeeded(); await lens.evaluate((e) => e.load()); }
  await page.waitForTimeout(15_000);
};

const run = async (page) => {
  await page.waitForSelector("#result :is(canvas, table, svg, .chart)", { timeout: 600_000 });
  await page.waitForFunction(() => !document.querySelector("#explain .busy"), null, { timeout: 300_000 });
};
const dialog = (open, selector) => async (page) => { await done("#tiles")(page); await open(page); await page.waitForSelector(selector); };
const second = path.join(root, "www/examples/coffee.jpg"), third = path.join(root, "www/examples/cat.jpg");
/** Every view: its link, and what to do until it stands. */
const VIEWS = {
  first: ["", (page) => page.waitForSelector("#precomputed", { timeout: 20_000 })],
  photo: ["#img=sample:coffee", done("#tiles")],
  layers: ["#img=sample:cat&view=maps&layer=relu3_3", done("#tiles canvas")],
  channel: ["#img=sample:cat&layer=relu4_3&ch=355", done("#detail")],
  methods: ["#img=sample:cat_raccoon&view=board&cmp=cam,grad_cam,lrp&autorun=1", done("#board-maps .compared:nth-child(3)")],
  methods6: ["#img=sample:cat_raccoon&view=board&cmp=cam,grad_cam,lrp,saliency,hires_cam,rise&cells=6&autorun=1", done("#board-maps .compared:nth-child(6)")],
  classes: ["#img=sample:cat_raccoon&m=grad_cam&view=board&by=classes&cells=4&autorun=1", done("#board-maps .compared:nth-child(4)")],
  share: ["#m=lrp", dialog((page) => page.click("#share-open"), "#share")],
  torch: ["#m=lrp", dialog((page) => page.evaluate(() => { document.querySelector("#details").open = true; document.querySelector("#explain .torch").click(); }), "#torch")],
  help: ["", dialog((page) => page.keyboard.press("?"), ".keys")],
  embedded: ["#m=grad_cam&ui=min&autorun=1&dl=auto", done("#result")],
  blog: ["blog.html", load],
};

/** Runs in a page: pictures (base64) side by side, as a base64 PNG. */
const contactSheet = async ({ pictures, columns, scale }) => {
  const bitmaps = await Promise.all(pictures.map((p) => createImageBitmap(new Blob([Uint8Array.from(atob(p), (c) => c.charCodeAt(0))]))));
  const rows = Array.from({ length: Math.ceil(bitmaps.length / columns) }, (_, r) => bitmaps.slice(r * columns, (r + 1) * columns));
  const size = (of) => Math.round(scale * of) + 6;
  const width = Math.max(...rows.map((row) => row.reduce((sum, b) => sum + size(b.width), 0))), heights = rows.map((row) => Math.max(...row.map((b) => size(b.height))));
  const canvas = new OffscreenCanvas(width, heights.reduce((a, b) => a + b)), paint = canvas.getContext("2d");
  paint.fillStyle = "#888";
  paint.fillRect(0, 0, canvas.width, canvas.height);
  let y = 0;
  for (const [r, row] of rows.entries()) {
    let x = 0;
    for (const b of row) { paint.drawImage(b, x, y, scale * b.width, scale * b.height); x += size(b.width); }
    y += heights[r];
  }
  const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
};
const blank = await browser.newPage();
const POSTERS = {
  "maps-relu1_1": "#img=sample:cat&view=maps&layer=relu1_1",
  "maps-relu3_3": "#img=sample:cat&view=maps&layer=relu3_3",
  "maps-relu5_3": "#img=sample:cat&view=maps&layer=relu5_3",
  deconvnet: "#img=sample:cat&m=deconvnet&p=layer:relu4_3&autorun=1",
  strongest: "#img=sample:cat&m=deconvnet&p=layer:relu4_3,units:nine&autorun=1",
  maximise: "#img=sample:cat&m=maximise&unit=conv5_3:63&autorun=1",
  "maximise-seed": "#img=sample:cat&m=maximise&unit=conv5_3:63&p=recipe:seed,side:224,steps:500",
  cascade: "#img=sample:cat&m=cascade&autorun=1",
  occlusion: "#img=sample:cat&m=occlusion&autorun=1",
  board: "#img=sample:cat_raccoon&view=board&cmp=cam,grad_cam,lrp,occlusion&autorun=1",
  "invert-relu3_1": "#img=sample:cat&m=invert&p=layer:relu3_1,side:96,steps:60&autorun=1",
  "invert-relu5_1": "#img=sample:cat&m=invert&p=layer:relu5_1,side:96,steps:60&autorun=1",
  stamp: "#img=sample:cat&m=stamp&autorun=1",
  adversarial: "#img=sample:cat&m=adversarial&autorun=1",
  shuffle: "#img=sample:cat&m=shuffle&autorun=1",
  randomisation: "#img=sample:cat&m=randomisation&p=draws:1&autorun=1",
};

if (only === "posters") {
  // the printed story's pictures
  const views = [["", "en"], ["zh/", "zh"]].flatMap(([folder, lang]) => Object.entries(POSTERS).map(([name, view]) => [`posters/${folder}${name}.jpg`, `${view}&lang=${lang}`]));
  fs.mkdirSync(path.join(root, "www/posters/zh"), { recursive: true });
  for (const [file, view] of views) {
    if (fs.existsSync(path.join(root, "www", file))) continue; // delete it to have it made anew
    const page = await visit(`${view.replace("&autorun=1", "")}&autorun=1&ui=min`, { width: 960, height: 1000 });
    const part = /view=maps/.test(view) ? "#tiles" : /view=board/.test(view) ? "#board-maps" : "#result";
    const maps = /cmp=([^&]*)/.exec(view)?.[1].split(",").length;
    await page.waitForSelector(maps ? `${part} .compared:nth-child(${maps}) .plot canvas` : part, { timeout: 900_000 });
    await page.waitForFunction(() => !document.querySelector(".busy"), null, { timeout: 900_000 });
    // paper has nothing to press
    await page.evaluate(() => { for (const e of document.querySelectorAll("main :is(select, input, .film button, .film .hint, .tag, .sankey .hint, .swap)")) e.style.display = "none"; });
    await page.$$eval(".thumbs", (rows) => rows.forEach((row) => Object.assign(row.style, { flexWrap: "wrap", maskImage: "none", padding: 0 })));
    // one figure as it is, several as they stand
    const one = await page.locator(`${part} canvas`).count() === 1;
    const figure = page.locator(/m=cascade/.test(view) ? ".sankey" : one ? `${part} canvas` : part === "#result" ? "#result > .row" : part).first();
    await figure.evaluate((e) => e.scrollIntoView());
    const { x, y, width, height } = await figure.boundingBox();
    const clip = { x, y, width, height: one ? height : Math.min(height, width * 0.6) };
    await page.screenshot({ path: path.join(root, "www", file), type: "jpeg", quality: 52, clip });
    await page.context().close();
  }
} else if (only === "menu") {
  // every method with its settings as they are: the upper left square of what the first network gives, and its time on every
  // network as a multiple of the map's (- where the network does not serve it). About 30 minutes; what screenshots/menu/ has already
  // is not made again
  const SIDE = 96, COLUMNS = 9, cells = [], kept = path.join(out, "menu");
  fs.mkdirSync(kept, { recursive: true });
  const ms = async (page, part) => Number(/ (\d+) ms/.exec(await page.textContent(`${part} .honesty`))?.[1]);
  const open = async (net) => {
    const page = await visit(`#img=sample:cat_raccoon&net=${net}`);
    await done("#tiles")(page);
    await page.waitForFunction(() => / \d+ ms/.test(document.querySelector(".heat .honesty")?.textContent));
    return page;
  };
  let page = await visit("#img=sample:cat_raccoon");
  await done("#tiles")(page);
  const ids = await page.$$eval(".menu [data-family] button", (all) => all.map((b) => b.dataset.method ?? b.dataset.see));
  const nets = await page.$$eval("[data-net]", (all) => all.map((b) => b.dataset.net));
  const standing = { cam: ".heat", feature_maps: "#tiles" };
  const lines = ids.map((id) => [id]);
  for (const net of nets) {
    // the map's own time is the median of five visits'
    const maps = [];
    for (let i = 0; i < 5; i++) {
      await page.context().close();
      page = await open(net);
      maps.push(await ms(page, ".heat"));
    }
    const map = maps.sort((a, b) => a - b)[2];
    console.log(net, `a map: ${maps.join(", ")} ms`);
    for (const [i, id] of ids.entries()) {
      const [cell, line] = [`${id}.png`, `${id}.${net}.txt`].map((name) => path.join(kept, name));
      if (!fs.existsSync(line)) {
        const lacks = await page.locator(`.menu [data-method=${id}][aria-disabled=true]`).count() > 0;
        if (!standing[id] && !lacks) {
          await page.evaluate((hash) => { location.hash = hash; }, `#img=sample:cat_raccoon&net=${net}&m=${id}&autorun=1`);
          await page.waitForSelector(`.menu [data-method=${id}][aria-pressed=true]`, { state: "attached" });
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
        if (net === nets[0]) {
          const figure = page.locator(`${standing[id] ?? "#result"} :is(canvas, .chart, svg)`).or(page.locator(`${standing[id] ?? "#result"} table`)).first();
          await figure.evaluate((e) => e.scrollIntoView({ block: "start" }));
          const { x, y, width, height } = await figure.boundingBox(), side = Math.min(width, height, 640);
          await page.screenshot({ path: cell, clip: { x, y, width: side, height: side } });
        }
        // the least that is told: a millisecond
        const time = lacks ? "-" : standing[id] ? "1" : (Math.max(1, await ms(page, "#result")) / map).toPrecision(2);
        fs.writeFileSync(line, time);
        console.log(net, id, time);
      }
      lines[i].push(fs.readFileSync(line, "utf8"));
      if (net === nets[0]) cells.push(fs.readFileSync(cell, "base64"));
    }
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
  fs.writeFileSync(path.join(root, "src/catalog/posters.txt"), lines.map((line) => `${line.join(" ")}\n`).join(""));
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
} else {
  const page = await visit("#img=sample:cat");
  await done("#tiles")(page);
  for (const id of await page.$$eval(".menu [data-family] button", (all) => all.map((b) => b.dataset.method).filter(Boolean))) {
    const before = async (page) => {
      if (NEEDS[id] === "second") { await page.setInputFiles("#second input[type=file]", second); await page.waitForSelector("#second canvas"); }
      if (NEEDS[id] === "gallery") { await page.setInputFiles("#gallery-files", [second, third]); await page.waitForSelector("#gallery .group canvas"); }
      if (NEEDS[id]) { await page.waitForFunction(() => !document.querySelector("#explain .busy")); await page.click("#run"); }
      await run(page);
    };
    VIEWS[`m-${id}`] = [`#img=sample:cat&m=${id}${SMALL[id] ? `&p=${SMALL[id]}` : ""}${NEEDS[id] ? "" : "&autorun=1"}`, before];
  }
  for (const tab of await page.$$eval(".menu [data-tab]", (tabs) => tabs.map((t) => t.dataset.tab))) {
    VIEWS[`ask-${tab}`] = ["#img=sample:cat", dialog(async (page) => { await page.click("#ask-open"); await page.$eval(`.menu [data-tab=${tab}]`, (t) => t.click()); }, `.menu [data-tab=${tab}][aria-selected=true]`)];
  }
  const { chapters } = JSON.parse(fs.readFileSync(path.join(root, "www/story/en.json"), "utf8"));
  for (const { id } of chapters) VIEWS[`story-${id}`] = [`#story=${id}`, async (page) => { await page.waitForSelector("#tiles", { state: "attached" }); await done(".paragraph.now")(page); await page.waitForTimeout(1500); }];
  await page.context().close();
  for (const [name, [query, ready]] of Object.entries(VIEWS)) {
    if (!name.includes(only)) continue;
    const page = await visit(query);
    try {
      await ready(page);
      await page.waitForTimeout(500);
      const shots = { wide: [], narrow: [] };
      for (const lang of ["en", "zh"]) {
        for (const theme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
          for (const [width, height] of [[1280, 800], [820, 1180], [390, 844]]) {
            await page.setViewportSize({ width, height });
            await page.waitForTimeout(250);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth);
            if (wide > width) console.log(`${name}, ${width}, ${lang}: ${wide} wide`);
            const whole = width === 390 && await page.evaluate(() => { scrollTo(0, 0); return Math.min(document.body.scrollHeight, 2400); });
            const shot = await page.screenshot(whole ? { fullPage: true, clip: { x: 0, y: 0, width, height: Math.max(height, whole) } } : {});
            shots[width === 1280 ? "wide" : "narrow"].push(shot.toString("base64"));
          }
        }
        if (lang === "zh") continue;
        // a frame and a post have no button for it
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.evaluate(() => { const other = document.querySelector("header .choices button"); if (other) other.click(); else if (location.hash) location.hash += "&lang=zh"; });
        await page.waitForTimeout(1000);
      }
      for (const [kind, pictures] of Object.entries(shots)) {
        const sheet = await blank.evaluate(contactSheet, { pictures, columns: kind === "wide" ? 2 : 8, scale: kind === "wide" ? 0.6 : 0.4 });
        fs.writeFileSync(path.join(out, `${name}-${kind}.png`), Buffer.from(sheet, "base64"));
      }
      console.log(name);
    } catch (e) { console.log(name, String(e).slice(0, 300)); }
    await page.context().close();
  }
}
await browser.close();
site.close();

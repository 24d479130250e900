// A static server for dist/ under a sub-path, and a fresh headless Chromium. Shared by the browser tests and the screenshots.
import { createRequire } from "node:module";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";

export const tools = process.env.NODE_TOOLS ?? path.join(os.homedir(), ".cache/cnn-lens/tools/npm");
const { chromium } = createRequire(path.join(tools, "package.json"))("playwright-core");
export const root = path.resolve(import.meta.dirname, "../..");
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".json": "application/json", ".svg": "image/svg+xml", ".jpg": "image/jpeg", ".png": "image/png" };

/** Serves dist/ at /course/lens/ (a sub-path, as GitHub Pages does). `hook(path, res)` may answer instead. */
export async function serve(hook = () => false) {
  const server = http.createServer((req, res) => {
    const url = decodeURIComponent(req.url.split("?")[0]);
    const name = url.startsWith("/course/lens/") ? url.slice("/course/lens/".length) || "index.html" : null;
    if (hook(name ?? url, res, req)) return;
    const base = url.startsWith("/tests/") ? root : path.join(root, "dist");
    const file = path.join(base, url.startsWith("/tests/") ? url : name ?? "-");
    fs.readFile(file, (error, data) => {
      res.writeHead(error ? 404 : 200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream", "cache-control": "no-store", "access-control-allow-origin": "*" });
      res.end(error ? "not found" : data);
    });
  });
  await new Promise((ok) => server.listen(0, "127.0.0.1", ok));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return { origin, url: `${origin}/course/lens/`, close: () => server.close() };
}

const QUIET = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** A browser with a new profile. */
export const launch = ({ webgpu = false, args = [] } = {}) =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: [...QUIET, ...(webgpu ? WEBGPU : []), ...args] });

/** Runs `f` on the bare engine page of `site` in a browser of its own. */
export async function withPage(site, options, f) {
  const browser = await launch(options);
  try {
    const page = await browser.newPage();
    await page.goto(site.url + "bench.html");
    return await f(page);
  } finally { await browser.close(); }
}

/** The page as a visitor opens it, once `ready` is there (a layer's maps, or a method's answer in their place); collects uncaught errors in `page.errors`. */
export async function openPage(browser, site, { query = "", locale = "en-GB", init, ready = "#tiles, #result" } = {}) {
  const context = await browser.newContext({ locale, viewport: { width: 1280, height: 900 } });
  if (init) await context.addInitScript(init);
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (e) => page.errors.push(String(e)));
  // the cat, where nothing else is asked for
  await page.goto(site.url + query + (query.includes("#") ? "" : "#img=sample:cat"));
  if (ready) await page.waitForSelector(ready, { timeout: 60_000 });
  return page;
}

/** Opens a layer as a visitor does: its place in the strip, and of a convolution what it gave before its ReLU. */
export async function layer(page, name) {
  await page.click(`.strip [data-layer=${name.replace("conv", "relu")}]`);
  if (name.startsWith("conv")) await page.click(`.head [data-layer=${name}]`);
}

/** Opens the sheet of questions, unless it is open. */
export async function ask(page) {
  if (await page.locator(".menu:popover-open").count() === 0) await page.click("[popovertarget=ask]:is(header *, .places *):visible");
}

/** Chooses a method as a visitor does: in the sheet of questions its family's tab, then itself. */
export async function pick(page, id) {
  await ask(page);
  const family = await page.$eval(`.menu [data-method=${id}]`, (b) => b.closest("[data-family]").dataset.family);
  await page.click(`.menu [data-tab=${family}]`);
  await page.click(`.menu [data-method=${id}]`);
  // all of its settings
  await page.evaluate((id) => new Promise((done) => {
    const open = () => document.querySelector(`.menu [data-method=${id}]`).ariaPressed === "true" && document.querySelector("#explain .form") ? done(document.querySelectorAll("#explain .more").forEach((d) => { d.open = true; })) : setTimeout(open, 5);
    open();
  }), id);
}

/** Parameters with which the slow methods take seconds. */
export const SMALL = { integrated_gradients: "steps:8", score_cam: "channels:8", rise: "masks:8", smooth_grad: "samples:4",
  occlusion: "detail:coarse", lime: "segments:16,samples:30", ablation: "channels:relu5_3%3A328", cascade: "nodes:3", maximise: "side:64,steps:24",
  invert: "side:64,steps:12", forgetting: "side:32,steps:3", dream: "side:64,octaves:2,steps:3", style: "side:64,steps:6",
  adversarial: "attack_steps:2", patch: "patch_steps:2", cue_conflict: "side:64,style_steps:2", shuffle: "orders:1", position: "shift:3",
  channel_ranking: "tried:8", faithfulness: "curve_steps:4,subsets:4,patches:4,copies:0", randomisation: "draws:1",
  tcav: "concept:red,concept_side:64,splits:5", dissection: "scenes:2" };
/** Methods that cannot begin without pictures of the visitor's own. */
export const NEEDS = { style: "second", cue_conflict: "second", audit: "gallery" };

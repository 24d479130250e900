// Made to be linked, embedded, taken along and used by everyone: addresses, frames, files, no network, no mouse.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, layer, openPage, root, serve } from "./browser.mjs";

const tools = process.env.NODE_TOOLS;
let site, browser;
before(async () => { site = await serve((...a) => hook(...a)); browser = await launch(); });
after(async () => { await browser.close(); site.close(); });
let hook = () => false;
const open = (query = "", options = {}) => openPage(browser, site, { query, ...options });
const hash = (page) => page.evaluate(() => location.hash);
/** Until the service worker has everything that a visit without a network needs (waitForFunction does not wait for promises). */
const keptAll = async (page) => {
  const all = () => page.evaluate(async () => {
    const name = (await caches.keys()).find((n) => n.startsWith("cnn-lens-page-"));
    const registration = await navigator.serviceWorker.getRegistration();
    return registration?.active?.state === "activated" && !!name && (await (await caches.open(name)).keys()).some((r) => /worker_cpu_relaxed-\w+_bg\.wasm/.test(r.url));
  });
  for (const end = Date.now() + 60_000; !(await all()); await page.waitForTimeout(100)) assert.ok(Date.now() < end, "nothing is kept");
};
const title = (page, start) => page.waitForFunction((s) => document.querySelector("#grid-title")?.textContent.startsWith(s), start, { timeout: 30_000 });

test("a link restores a view, names what it does not know, and the history works", async () => {
  const page = await open("#img=sample:coffee&m=grad_cam&p=layer:relu4_3&cls=504&autorun=1&pal=viridis&foo=1&alpha=7&lang=zh&theme=dark");
  await page.waitForSelector("#result", { timeout: 60_000 });
  assert.match(await page.textContent("#refused"), /alpha=7.*foo=1/);
  assert.match(await page.textContent("#result .honesty"), /层：relu4_3/);
  assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme]), ["zh-CN", "dark"]);
  assert.equal(await page.evaluate(() => localStorage.getItem("lang")), null, "a link's language is not remembered");
  await page.click("#refused button");
  assert.equal(await page.locator("#refused").count(), 0);
  const first = "#v=1&img=sample:coffee&m=grad_cam&p=layer:relu4_3&cls=504&pal=viridis&lang=zh&theme=dark&autorun=1";
  assert.equal(await hash(page), first);
  await layer(page, "relu3_1");
  await title(page, "relu3_1");
  assert.match(await hash(page), /view=maps&.*layer=relu3_1/);
  await page.goBack();
  await title(page, "relu1_1");
  assert.equal(await hash(page), first);
  await page.goForward();
  await title(page, "relu3_1");
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("the share dialog gives link, frame, element and citation; an own photo stays at home; a picture from elsewhere asks", async () => {
  const page = await open("#m=saliency");
  await page.setInputFiles(".picture input[type=file]", path.join(root, "www/examples/coffee.jpg"));
  await page.waitForFunction(() => location.hash.includes("img=local"), null, { timeout: 30_000 });
  await page.click("#share-open");
  const codes = await page.$$eval("#share textarea", (all) => all.map((t) => t.value));
  assert.match(codes[0], /#v=1&img=local&m=saliency/);
  assert.match(codes[1], /^<iframe src="http.*&amp;ui=min.*sandbox="allow-scripts /);
  assert.match(codes[2], /embed\.js.*<cnn-lens view="#v=1/s);
  assert.match(codes[3], /^CNN Lens \d/);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#share").count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.id), "share-open", "the focus goes back");
  // somebody else opens it
  const reader = await open(codes[0].slice(codes[0].indexOf("#")), { ready: "#own-picture" });
  assert.equal(await reader.locator("#precomputed").count(), 0);
  await reader.setInputFiles(".picture input[type=file]", path.join(root, "www/examples/cat.jpg"));
  await reader.waitForSelector("#tiles", { timeout: 60_000 });
  assert.equal(await reader.locator("#own-picture").count(), 0);
  // a picture of another site is not asked for before the reader agrees
  const asked = [];
  reader.on("request", (r) => asked.push(r.url()));
  await reader.evaluate(() => { location.hash = "#img=url:https://example.invalid/a.png"; });
  await reader.waitForSelector("#elsewhere");
  assert.equal(asked.filter((u) => u.includes("example.invalid")).length, 0);
  await reader.click("#elsewhere button");
  await reader.waitForSelector("#problem", { timeout: 20_000 });
  assert.match(await reader.getAttribute("#problem", "data-kind"), /image_missing/);
  assert.match(await reader.textContent("#picture-name"), /cat\.jpg/, "the last picture stays");
  for (const p of [page, reader]) await p.context().close();
});

test("the sample post: two frames without an origin and an element at once, asked before the download, talking to the page around", async () => {
  // as notebooks do: a sandbox without allow-same-origin has no storage, no service worker and a worker only from a blob
  const file = fs.readFileSync(path.join(root, "dist/blog.html"), "utf8");
  hook = (name, res) => name === "blog.html" && !!res.writeHead(200, { "content-type": "text/html" }).end(file.replaceAll(" allow-same-origin", ""));
  const page = await openPage(browser, site, { query: "blog.html", ready: "cnn-lens" });
  hook = () => false;
  assert.equal(await page.locator("iframe[sandbox]:not([sandbox*=same-origin])").count(), 2);
  const frame = (id) => page.frameLocator(id);
  for (const id of ["#first", "#second"]) await frame(id).locator("#offer-accept").click({ timeout: 30_000 });
  assert.match(await page.locator("cnn-lens:not([net])").evaluate((e) => e.shadowRoot.textContent), /\(15\.5 MB and a program of 1\.\d MB, once\)/);
  assert.match(await page.locator("cnn-lens[net=squeezenet]").evaluate((e) => e.shadowRoot.textContent), /\(1\.5 MB and a program of 1\.\d MB, once\)/);
  await frame("#first").locator("#photo[aria-label*='tabby; most of it in the ']").waitFor({ timeout: 20_000 });
  await page.evaluate(() => {
    window.heard = [];
    const lens = document.querySelector("cnn-lens");
    lens.addEventListener("lens", (e) => window.heard.push(e.detail));
    lens.scrollIntoView(); // browsers do not lay out a frame of another origin that nobody sees
    lens.load();
  });
  await frame("#second").locator("#result").waitFor({ timeout: 120_000 });
  const inner = page.frameLocator("cnn-lens iframe");
  await inner.locator("#tiles").waitFor({ timeout: 120_000 });
  assert.equal(await inner.locator("header, #classes").count(), 0, "one view only");
  // the element's interface: set, run, export; nonsense is refused
  await page.evaluate(() => { document.querySelector("cnn-lens").set("#img=sample:cat&m=saliency&autorun=1"); });
  await inner.locator("#result").waitFor({ timeout: 60_000 });
  await page.evaluate(() => {
    const lens = document.querySelector("cnn-lens");
    lens.export("png");
    lens.export("json");
    lens.shadowRoot.querySelector("iframe").contentWindow.postMessage({ target: "cnn-lens", t: "format-disk" }, "*");
  });
  await page.waitForFunction(() => window.heard.filter((m) => m.t === "export").length === 2 && window.heard.some((m) => m.kind === "bad_message"), null, { timeout: 20_000 });
  const heard = await page.evaluate(() => window.heard);
  const [png, json] = ["png", "json"].map((f) => heard.find((m) => m.t === "export" && m.format === f).data);
  assert.match(png, /^data:image\/png;base64,/);
  assert.ok(json.ms > 0 && json.params.reduce);
  assert.equal(heard.find((m) => m.t === "result").method, "saliency");
  for (const t of ["ready", "size", "state", "progress"]) assert.ok(heard.some((m) => m.t === t), t);
  const height = await page.evaluate(() => document.querySelector("cnn-lens").shadowRoot.querySelector("iframe").offsetHeight);
  assert.ok(height > 300, `${height}`);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("small screens and locked views: asked first; looked at, not changed", async () => {
  const context = await browser.newContext({ viewport: { width: 360, height: 700 }, locale: "en-GB" });
  const page = await context.newPage(), asked = [];
  page.on("request", (r) => asked.push(r.url()));
  await page.goto(site.url + "#m=saliency");
  await page.waitForSelector("#offer");
  assert.match(await page.textContent("#offer-accept"), /\(1[45]\.\d MB\)/);
  assert.ok(await page.isVisible("#precomputed"), "the first screen needs no weights");
  assert.deepEqual(asked.filter((u) => /safetensors|worker/.test(u)), []);
  await page.evaluate(() => { location.hash = "#m=saliency&lock=1"; });
  await page.waitForSelector(".locked");
  for (const s of ["#run", ".drop", "#explain .tabs"]) assert.equal(await page.isVisible(s), false, s);
  await page.keyboard.press("2");
  assert.match(await hash(page), /m=saliency/);
  await page.click("#offer-accept");
  await page.waitForSelector("#tiles", { timeout: 60_000 });
  await context.close();
});

test("a saved figure carries its view: PNG, with caption, NPY, CSV, JSON; dropped, it comes back", async () => {
  const page = await open("#img=sample:cat&m=grad_cam&p=layer:relu4_3&autorun=1&pal=cividis");
  await page.waitForSelector("#result .saves", { timeout: 60_000 });
  const save = async (label) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.selectOption("#result .saves", { label })]);
    return { name: download.suggestedFilename(), bytes: fs.readFileSync(await download.path()) };
  };
  const png = await save("PNG");
  assert.match(png.name, /^cnn-lens-.*\.png$/);
  assert.ok(png.bytes.includes("cnn-lens\0#v=1&img=sample:cat&m=grad_cam&p=layer:relu4_3&pal=cividis"));
  const caption = await save("PNG with caption");
  assert.ok(caption.bytes.readUInt32BE(16) === 640 && caption.bytes.readUInt32BE(20) > 640, "width and height");
  const npy = await save("NPY");
  assert.match(npy.bytes.toString("latin1", 0, 128), /NUMPY.*'<f4'.*\(1, 28, 28\)/s);
  assert.equal((await save("CSV")).bytes.toString().trim().split("\n").length, 28);
  const json = JSON.parse((await save("JSON")).bytes);
  assert.equal(json.data.length, 28 * 28);
  assert.match(json.caption.join(" "), /Grad-CAM.*relu4_3.*ms/s);
  // another visitor drops the picture
  const reader = await open("", { ready: "#tiles" });
  await reader.setInputFiles(".picture input[type=file]", { name: png.name, mimeType: "image/png", buffer: png.bytes });
  await reader.waitForSelector("#result", { timeout: 60_000 });
  assert.match(await hash(reader), /m=grad_cam&p=layer:relu4_3&pal=cividis/);
  for (const p of [page, reader]) await p.context().close();
});

test("the same in PyTorch: the script with the view's settings, the network and the picture", async () => {
  const page = await open("#img=sample:coffee&m=grad_cam&p=layer:relu4_3,fuse:max&cls=504");
  await page.$eval("#details", (d) => { d.open = true; });
  await page.click("#explain .torch");
  const code = await page.inputValue("#torch textarea");
  assert.match(code, /\ntarget = 504\nscore = "logit"\nlayer = "relu4_3"\n/);
  assert.equal(await page.textContent("#torch .note code"), "fuse", "what the script leaves out is named");
  const saved = async (name) => {
    const [file] = await Promise.all([page.waitForEvent("download"), page.click(`#torch button:text-is("${name}")`)]);
    assert.equal(file.suggestedFilename(), name);
    return fs.readFileSync(await file.path());
  };
  assert.equal(String(await saved("grad_cam.py")), code);
  const network = String(await saved("cnn_lens.py"));
  assert.ok(network.includes(`weights = "${site.url}weights"`), "it fetches this site's weights");
  const photo = await saved("photo.png");
  assert.deepEqual([photo.readUInt32BE(16), photo.readUInt32BE(20)], [224, 224]);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#torch").count(), 0);
  // it is the picture as the network gets it: dropped here, it says the same
  const before = await page.$$eval("#classes li", (all) => all.slice(0, 5).map((li) => { li.dataset.old = ""; return li.textContent; }).join());
  await page.setInputFiles(".picture input[type=file]", { name: "photo.png", mimeType: "image/png", buffer: photo });
  await page.waitForFunction((before) => {
    const all = [...document.querySelectorAll("#classes li")];
    return all.every((li) => !("old" in li.dataset)) && all.slice(0, 5).map((li) => li.textContent).join() === before;
  }, before, { timeout: 20_000 });
  await page.click(".heat .look summary");
  await page.click(".heat .torch");
  assert.match(await page.inputValue("#torch textarea"), /Zhou et al. 2016[^]*\ntarget = \d+\n/);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("the second visit works without a network", async () => {
  const page = await open();
  const context = page.context();
  await keptAll(page);
  await page.close();
  const asked = [];
  hook = (name, res) => { asked.push(name); res.destroy(); return true; };
  try {
    const again = await context.newPage();
    await again.goto(site.url + "#img=sample:coffee&m=saliency&autorun=1");
    await again.waitForSelector("#result", { timeout: 60_000 });
    assert.equal(await again.isVisible("#problem"), false);
    assert.deepEqual(asked.filter((n) => n !== "sw.js"), []);
  } finally { hook = () => false; }
  await context.close();
});

test("the story and the sample post at the same time, and again without a network", async () => {
  let off = false;
  const asked = [];
  const host = await serve((name, res) => { if (off) { asked.push(name); res.destroy(); } return off; });
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 } });
  const errors = [];
  const visit = async (name) => {
    const page = await context.newPage();
    page.on("pageerror", (e) => errors.push(`${name}: ${e}`));
    await page.goto(host.url + name);
    return page;
  };
  const story = async () => {
    const page = await visit("#story=deconvnet.2");
    await page.locator("#result canvas").first().waitFor({ timeout: 120_000 });
    return page;
  };
  const post = async () => {
    const page = await visit("blog.html");
    // nothing is asked once the network is here: the second time, or when the story was faster
    for (const id of ["#first", "#second"]) await page.frameLocator(id).locator("#offer-accept").click({ timeout: off ? 500 : 5_000 }).catch(() => {});
    await page.frameLocator("#first").locator("#photo").waitFor();
    await page.evaluate(() => { const lens = document.querySelector("cnn-lens"); lens.scrollIntoView(); lens.load(); });
    await page.frameLocator("#second").locator("#result").waitFor({ timeout: 120_000 });
    await page.frameLocator("cnn-lens iframe").locator("#tiles").waitFor({ timeout: 120_000 });
    return page;
  };
  try {
    const pages = await Promise.all([story(), post()]);
    await keptAll(pages[0]);
    for (const page of pages) await page.close();
    off = true;
    for (const page of await Promise.all([story(), post()])) await page.close();
    assert.deepEqual(asked.filter((n) => n !== "sw.js"), []);
    assert.deepEqual(errors, []);
  } finally {
    await context.close();
    host.close();
  }
});

test("the keyboard alone: methods, run, class search, help, the grid", async () => {
  const page = await open();
  // the second of the first question; the first stands on the page
  await page.keyboard.press("2");
  await page.waitForSelector("#ask:popover-open");
  assert.doesNotMatch(await hash(page), /m=/, "nothing is chosen of a closed sheet");
  await page.keyboard.press("Escape");
  await page.keyboard.press("1");
  await page.waitForSelector("#ask:popover-open");
  await page.focus("#ask [role=tab][aria-selected=true]");
  await page.keyboard.press("2");
  await page.waitForFunction(() => location.hash.includes("m=grad_cam"));
  await page.keyboard.press("r");
  await page.waitForSelector("#result", { timeout: 60_000 });
  await page.keyboard.press("m");
  await page.waitForFunction(() => location.hash.includes("show=heat"));
  await page.keyboard.press("/");
  await page.keyboard.type("badger");
  assert.equal(await page.inputValue("#class-search"), "badger", "what is typed is no command");
  await page.keyboard.press("Escape");
  // back to the photo, under which the layer's maps are
  await page.focus("#method-close");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#tiles .cell");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("g");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.evaluate(() => [...document.querySelectorAll("#tiles .cell")].indexOf(document.activeElement)), 9);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#detail");
  await page.keyboard.press("Escape");
  await page.waitForSelector("#detail", { state: "detached" });
  await page.keyboard.press("?");
  assert.match(await page.textContent("#help"), /choose a method/);
  await page.context().close();
});

test("a finger instead of a mouse, and no motion where none is wanted", async () => {
  const context = await browser.newContext({ viewport: { width: 390, height: 800 }, locale: "en-GB", hasTouch: true, isMobile: true, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(site.url + "#m=background");
  await page.tap("#offer-accept");
  await page.waitForSelector("#tiles", { timeout: 60_000 });
  await page.tap("#tiles [data-channel] >> nth=3");
  await page.tap("#detail button >> nth=0");
  await page.waitForSelector("#detail", { state: "detached" });
  // a box drawn with a finger
  const draw = page.locator("#region-draw");
  await draw.scrollIntoViewIfNeeded();
  const box = await draw.boundingBox(), finger = await context.newCDPSession(page);
  const touch = (type, at) => finger.send("Input.dispatchTouchEvent", { type, touchPoints: at === null ? [] : [{ x: box.x + at * box.width, y: box.y + at * box.height }] });
  await touch("touchStart", 0.2);
  for (const at of [0.3, 0.5, 0.7]) await touch("touchMove", at);
  await touch("touchEnd", null);
  await page.waitForFunction(() => /^box (19|20)\S* (19|20)\S* (49|50)/.test(document.querySelector("#region").value), null, { timeout: 5_000 });
  // two fingers enlarge the page
  assert.doesNotMatch(await page.getAttribute("meta[name=viewport]", "content"), /user-scalable|maximum-scale/);
  const moving = await page.$$eval("*", (all) => all.filter((e) => { const s = getComputedStyle(e); return parseFloat(s.transitionDuration) > 0 || s.animationName !== "none"; }).length);
  assert.equal(moving, 0);
  await context.close();
});

test("axe finds nothing serious, nothing is wider than 320 px, the policy holds", async () => {
  const { AxeBuilder } = createRequire(path.join(tools, "package.json"))("@axe-core/playwright");
  for (const [theme, lang] of [["light", "en"], ["dark", "zh"]]) {
    const page = await open(`#m=grad_cam&autorun=1&theme=${theme}&lang=${lang}`, { ready: "#result" });
    await page.click("#share-open");
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter((v) => ["serious", "critical"].includes(v.impact));
    assert.deepEqual(serious.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target).join(" | ")}`), [], theme);
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 320, height: 700 });
    await page.waitForTimeout(300);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 320, "wider than 320 px");
    // code that is not this site's does not run
    assert.equal(await page.evaluate(() => { const s = document.createElement("script"); s.textContent = "window.hacked = 1"; document.body.append(s); return window.hacked ?? 0; }), 0);
    assert.deepEqual(await page.context().cookies(), []);
    await page.context().close();
  }
});

test("every palette can be read with any colour blindness", async () => {
  // Machado et al. 2009, severity 1, on linear RGB
  const SIGHT = {
    all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
  };
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const lab = (rgb, m) => {
    const l = m.map((row) => Math.min(1, Math.max(0, row.reduce((s, k, i) => s + k * linear(rgb[i] / 255), 0))));
    const f = (t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
    const [x, y, z] = [[0.4124, 0.3576, 0.1805, 0.9505], [0.2126, 0.7152, 0.0722, 1], [0.0193, 0.1192, 0.9505, 1.089]]
      .map(([r, g, b, w]) => f((r * l[0] + g * l[1] + b * l[2]) / w));
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const page = await open();
  await page.click(".heat .look summary");
  for (const palette of ["turbo", "inferno", "viridis", "cividis", "signed (for and against)"]) {
    await page.selectOption("#palette", { label: palette });
    const stops = await page.$$eval("#heat-gradient stop", (all) => all.map((s) => getComputedStyle(s).stopColor.match(/[\d.]+/g).slice(0, 3).map(Number)));
    assert.equal(stops.length, 9);
    for (const [sight, matrix] of Object.entries(SIGHT)) {
      const seen = stops.map((s) => lab(s, matrix));
      // a quarter of the scale apart must look apart: CIE76, 2.3 is just noticeable
      for (let i = 0; i + 2 < seen.length; i++) for (let k = i + 2; k < seen.length; k++) {
        const d = Math.hypot(...seen[i].map((v, c) => v - seen[k][c]));
        assert.ok(d > 10, `${palette}, ${sight}: stops ${i} and ${k} are ${d.toFixed(1)} apart`);
      }
      if (["inferno", "viridis", "cividis"].includes(palette)) assert.ok(seen.every((s, i) => !i || s[0] > seen[i - 1][0]), `${palette}, ${sight}: lighter all the way`);
    }
  }
  await page.context().close();
});

test("first paint within 1 s, ready for a click within 2 s, nothing shifts", async () => {
  for (const [width, locale] of [[1280, "en-GB"], [360, "en-GB"], [360, "zh-CN"]]) {
    const context = await browser.newContext({ viewport: { width, height: 800 }, locale });
    const page = await context.newPage();
    await page.addInitScript(() => {
      window.shift = 0;
      new PerformanceObserver((l) => l.getEntries().forEach((e) => { window.shift += e.value; })).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(site.url + "#dl=auto");
    await page.waitForSelector("#classes button");
    const ready = await page.evaluate(() => performance.now());
    await page.waitForSelector("#tiles", { timeout: 60_000 });
    await page.waitForTimeout(1000);
    const { paint, shift } = await page.evaluate(() => ({ paint: performance.getEntriesByName("first-contentful-paint")[0].startTime, shift: window.shift }));
    console.log(`# ${width} px, ${locale}: first paint ${paint.toFixed(0)} ms, first result ${ready.toFixed(0)} ms, layout shift ${shift.toFixed(4)}`);
    assert.ok(paint < 1000 && ready < 2000, `${paint} ${ready}`);
    assert.ok(shift < 0.0005, `${shift}`);
    await context.close();
  }
});

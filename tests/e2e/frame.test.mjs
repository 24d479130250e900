// What surrounds the page: pages of other origins, links on their way, what is dropped and pasted, browsers that protect themselves.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, openPage, root, serve } from "./browser.mjs";

let site, other, browser;
const pages = {};
const host = (name, res) => Boolean(pages[name]) && Boolean(res.writeHead(200, { "content-type": "text/html", ...pages[name].headers }).end(pages[name].html));
before(async () => { [site, other, browser] = [await serve(host), await serve(host), await launch()]; });
after(async () => { await browser.close(); site.close(); other.close(); });
const photo = path.join(root, "tests/golden/photo224.png");
const settled = (page) => page.waitForFunction(() => document.querySelector("#tiles") && document.querySelector("#picture-name")?.ariaBusy === "false" && document.querySelectorAll("#classes li").length >= 5, null, { timeout: 90_000 });

/** A page at `origin` that frames the site and keeps what it hears. */
async function around(context, origin, hash, sandbox = "") {
  pages["/host.html"] = { html: `<!doctype html><iframe id="f" width="1000" height="800" src="${site.url}${hash}"></iframe><script>
    window.got = []; onmessage = (e) => e.data?.source === "cnn-lens" && got.push(e.data);
    window.post = (m) => document.querySelector("#f").contentWindow.postMessage({ target: "cnn-lens", ...m }, "*");</script>` };
  pages["/sandbox.html"] = { html: `<!doctype html><iframe id="s" sandbox="allow-scripts" width="1100" height="900" src="/host.html"></iframe>` };
  const page = await context.newPage();
  await page.goto(`${origin}/${sandbox ? "sandbox" : "host"}.html`);
  const parent = sandbox ? await (await page.waitForSelector("#s")).contentFrame() : page.mainFrame();
  const frame = await (await parent.waitForSelector("#f")).contentFrame();
  await settled(frame);
  return {
    page, frame,
    post: (m) => parent.evaluate((m) => window.post(m), m),
    got: (t) => parent.evaluate((t) => window.got.filter((m) => !t || m.t === t), t),
    hears: (t, n = 1) => parent.waitForFunction(([t, n]) => window.got.filter((m) => m.t === t).length >= n, [t, n], { timeout: 30_000 }),
    forget: () => parent.evaluate(() => { window.got = []; }),
    own: async () => {
      await frame.setInputFiles(".picture input[type=file]", { name: "private.png", mimeType: "image/png", buffer: fs.readFileSync(photo) });
      await frame.waitForFunction(() => /private/.test(document.querySelector("#picture-name").textContent) && document.querySelector("#picture-name").ariaBusy === "false", null, { timeout: 60_000 });
      await settled(frame);
    },
  };
}

test("a page around gets nothing of a visitor's own photo before the visitor agrees, for its origin and this visit", async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" });
  const local = site.origin.replace("127.0.0.1", "localhost");
  const a = await around(context, local, "#img=sample:cat&dl=auto&show=photo");
  // examples are anybody's
  await a.post({ t: "export", format: "png" });
  await a.hears("export");
  assert.match((await a.got("export"))[0].data, /^data:image\/png;base64,/);
  assert.ok((await a.got("state")).some((m) => m.hash.includes("sample:cat")));
  await a.own();
  await a.forget();
  // the visitor looks around, the page around runs a method
  await a.frame.click("#classes li:nth-child(3) button");
  await a.post({ t: "set", hash: "#m=saliency&show=photo" });
  await a.frame.waitForSelector("#run");
  await a.frame.click("#classes li:nth-child(2) button");
  await a.post({ t: "run" });
  await a.frame.waitForSelector("#result", { timeout: 60_000 });
  await a.hears("result");
  const heard = await a.got();
  assert.doesNotMatch(JSON.stringify(heard), /private|cls=|unit=|label|probability|logit|done/);
  for (const m of heard.filter((m) => m.t === "state")) assert.match(m.hash, /img=local/);
  assert.deepEqual((await a.got("result"))[0], { source: "cnn-lens", t: "result", own: true });
  // asked, refused, and not asked again
  await a.post({ t: "export", format: "png" });
  await a.frame.waitForSelector("#around");
  assert.equal(await a.frame.textContent("#around code"), local);
  assert.equal((await a.got("export")).length, 0, "nothing before the visitor's word");
  await a.frame.click("#around-no");
  await a.hears("error");
  assert.deepEqual((await a.got("error")).map((m) => [m.kind, m.format]), [["not_allowed", "png"]]);
  await a.post({ t: "export", format: "json" });
  await a.hears("error", 2);
  assert.equal(await a.frame.locator("#around").count(), 0, "no is no");
  assert.equal((await a.got("export")).length, 0);
  await a.page.close();

  // another visit: the word is forgotten, and a yes gives what was asked for
  const b = await around(context, local, "#img=sample:cat&dl=auto&show=photo");
  await b.own();
  await b.post({ t: "export", format: "png" });
  await b.post({ t: "export", format: "json" });
  await b.frame.waitForSelector("#around-yes:not([disabled])");
  assert.equal((await b.got("export")).length, 0);
  // a script's click is nobody's word
  await b.frame.evaluate(() => document.querySelector("#around-yes").click());
  assert.equal((await b.got("export")).length, 0);
  await b.frame.click("#around-yes");
  await b.hears("export", 2);
  const png = (await b.got("export")).find((m) => m.format === "png").data;
  const off = await b.page.evaluate(async ([a, b]) => {
    const pixels = async (src) => { const i = new Image(); i.src = src; await i.decode(); const c = new OffscreenCanvas(224, 224).getContext("2d"); c.drawImage(i, 0, 0, 224, 224); return c.getImageData(0, 0, 224, 224).data; };
    const [x, y] = [await pixels(a), await pixels(b)];
    return x.reduce((sum, v, i) => sum + Math.abs(v - y[i]), 0) / x.length;
  }, [png, await b.frame.evaluate(() => document.querySelector("#photo").toDataURL())]);
  assert.equal(off, 0, "the PNG is what is on the screen");
  await b.frame.click("#classes li:nth-child(2) button");
  await b.page.waitForFunction(() => window.got.some((m) => m.t === "state" && /cls=\d/.test(m.hash)), null, { timeout: 20_000 });
  await b.page.close();

  // another origin is asked anew, and a page without one is never trusted
  const c = await around(context, other.origin, "#img=sample:cat&dl=auto");
  await c.own();
  await c.post({ t: "export", format: "png" });
  await c.frame.waitForSelector("#around");
  assert.equal(await c.frame.textContent("#around code"), other.origin);
  assert.equal((await c.got("export")).length, 0);
  // the photo goes, and with it the question
  await c.post({ t: "set", hash: "#img=sample:coffee" });
  await c.hears("export");
  assert.equal(await c.frame.locator("#around").count(), 0);
  await c.page.close();
  const d = await around(context, local, "#img=sample:cat&dl=auto", "sandbox");
  await d.post({ t: "export", format: "png" });
  await d.hears("export");
  await d.own();
  await d.forget();
  await d.post({ t: "export", format: "png" });
  await d.hears("error");
  assert.equal((await d.got("error"))[0].kind, "not_allowed");
  assert.equal(await d.frame.locator("#around").count(), 0);
  await context.close();
});

test("the element: built for pages that require Trusted Types, as high as its view, in touch with the site's origin only", async () => {
  pages["/post.html"] = {
    headers: { "content-security-policy": "require-trusted-types-for 'script'; trusted-types 'none'" },
    html: `<!doctype html><script type="module" src="${site.url}embed.js"></script><script>window.heard = []; addEventListener("lens", (e) => heard.push(e.detail), true)</script>
      <cnn-lens view="img=sample:cat&amp;m=grad_cam&amp;autorun=1" autoload></cnn-lens>`,
  };
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage(), errors = [];
  page.on("pageerror", (e) => errors.push(String(e)));
  page.on("console", (m) => m.type() === "error" && errors.push(m.text()));
  await page.goto(`${other.origin}/post.html`);
  const inner = page.frameLocator("cnn-lens iframe");
  await inner.locator("#result canvas").waitFor({ timeout: 120_000 });
  const height = () => page.evaluate(() => parseInt(document.querySelector("cnn-lens").shadowRoot.querySelector("iframe").style.height));
  const need = () => inner.locator("#app").evaluate((e) => Math.ceil(e.getBoundingClientRect().height));
  const fits = async () => { for (let i = 0; i < 100 && Math.abs(await height() - await need()) > 30; i++) await page.waitForTimeout(100); assert.ok(Math.abs(await height() - await need()) <= 30, `${await height()} around ${await need()}`); };
  await fits();
  const high = await height();
  await page.evaluate(() => document.querySelector("cnn-lens").set("img=sample:cat&view=board"));
  await inner.locator("#board").waitFor();
  await fits();
  assert.ok(await height() < high - 150, `${high} became ${await height()}`);
  // somebody else's message is not the frame's
  await page.evaluate(() => { window.postMessage({ source: "cnn-lens", t: "size", height: 3000 }, "*"); });
  await page.waitForTimeout(300);
  assert.ok(await height() < 3000);
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("the element's network: that of every view which names none, fetched alone, and kept through set()", async () => {
  pages["/small.html"] = {
    html: `<!doctype html><script type="module" src="${site.url}embed.js"></script><script>window.heard = []; addEventListener("lens", (e) => heard.push(e.detail), true)</script>
      <cnn-lens view="img=sample:cat&amp;m=grad_cam&amp;autorun=1" net="squeezenet" lang="en"></cnn-lens>`,
  };
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage(), fetched = [], errors = [];
  page.on("pageerror", (e) => errors.push(String(e)));
  page.on("request", (r) => /safetensors|examples\/.*json/.test(r.url()) && fetched.push(new URL(r.url()).pathname));
  await page.goto(`${other.origin}/small.html`);
  const words = () => page.evaluate(() => document.querySelector("cnn-lens").shadowRoot.textContent);
  assert.match(await words(), /\(1\.5 MB and/);
  // a view's own network is the one that counts
  await page.evaluate(() => document.querySelector("cnn-lens").setAttribute("view", "img=sample:cat&net=vgg16"));
  assert.match(await words(), /\(15\.5 MB and/);
  await page.evaluate(() => { const lens = document.querySelector("cnn-lens"); lens.setAttribute("view", "img=sample:cat&m=grad_cam&autorun=1"); lens.load(); });
  const inner = page.frameLocator("cnn-lens iframe");
  await inner.locator("#result canvas").waitFor({ timeout: 120_000 });
  assert.match(await inner.locator("#result .honesty").textContent(), /SqueezeNet 1\.1/);
  await page.evaluate(() => { window.heard = []; document.querySelector("cnn-lens").set("img=sample:coffee&m=saliency&autorun=1"); });
  await page.waitForFunction(() => window.heard.some((m) => m.t === "result" && m.method === "saliency"), null, { timeout: 60_000 });
  assert.match(await inner.locator("#result .honesty").textContent(), /SqueezeNet 1\.1/);
  assert.ok(fetched.length > 0 && fetched.every((name) => name.includes("/squeezenet/")), fetched.join(", "));
  assert.deepEqual(errors, []);
  await page.context().close();
});

test("links that messengers, course systems and mail have encoded", async () => {
  const page = await openPage(browser, site, { ready: "#classes button" });
  const v = { v: "1", img: "sample:coffee", m: "grad_cam", p: "layer:relu4_3", cmp: "grad_cam,lrp" };
  const plain = Object.entries(v).map(([k, v]) => `${k}=${v}`).join("&");
  for (const hash of [new URLSearchParams(v).toString(), encodeURIComponent(plain), encodeURIComponent(encodeURIComponent(plain)), plain.replaceAll("&", "&amp;"), `${plain}.`, `/${plain}),`, plain.replace("img=", "IMG=")]) {
    await page.evaluate(() => { location.hash = "#img=sample:cat"; });
    await page.waitForFunction(() => /sample:cat/.test(location.hash));
    await page.evaluate((h) => { location.hash = h; }, `#${hash}`);
    await page.waitForFunction((h) => location.hash === h, `#${plain}`, { timeout: 20_000 }).catch(async () => assert.fail(`${hash} became ${await page.evaluate(() => location.hash)}`));
    assert.equal(await page.locator("#refused").count(), 0, hash);
  }
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("keys without a key, keys behind a dialog, cells pasted into a field", async () => {
  const page = await openPage(browser, site, { ready: "#tiles" });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  // autofill and dictation send such events, to the document and to elements with handlers of their own
  await page.evaluate(() => {
    for (const on of [document, document.querySelector("#tiles .cell"), document.querySelector("[role=tab]")]) {
      const e = new KeyboardEvent("keydown", { bubbles: true });
      Object.defineProperty(e, "key", { value: undefined });
      on.dispatchEvent(e);
      on.dispatchEvent(new Event("keydown", { bubbles: true }));
      on.dispatchEvent(new KeyboardEvent("keydown", { key: "2", bubbles: true, isComposing: true }));
    }
  });
  assert.deepEqual(page.errors, []);
  for (const [open, dialog] of [["#share-open", "#share"], ["body", "#help"]]) {
    if (dialog === "#help") await page.keyboard.press("?"); else await page.click(open);
    await page.waitForSelector(dialog);
    for (const key of ["1", "m", "r"]) await page.keyboard.press(key);
    await page.keyboard.press("Escape");
    await page.waitForSelector(dialog, { state: "detached" });
  }
  assert.doesNotMatch(await page.evaluate(() => location.hash), /m=|show=/);
  const before = await page.textContent("#picture-name");
  const copy = () => page.evaluate(async () => {
    const c = document.createElement("canvas");
    c.width = 120; c.height = 60;
    c.getContext("2d").fillRect(0, 0, 50, 40);
    const png = await new Promise((ok) => c.toBlob(ok));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": new Blob(["tabby"], { type: "text/plain" }), "image/png": png })]);
  });
  await copy();
  await page.click("#class-search");
  await page.keyboard.press("Control+v");
  await page.waitForFunction(() => document.querySelector("#class-search").value === "tabby");
  await page.waitForTimeout(500);
  assert.equal(await page.textContent("#picture-name"), before);
  // on the page itself the picture is meant
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Control+v");
  await page.waitForFunction((before) => document.querySelector("#picture-name").textContent !== before, before, { timeout: 20_000 });
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("dropped: an image of another page, a folder, several files, nothing", async () => {
  const page = await openPage(browser, site, { ready: "#tiles" });
  const cdp = await page.context().newCDPSession(page);
  const drag = async (data) => {
    const [x, y] = await page.$eval("#photo", (e) => { e.scrollIntoView({ block: "center" }); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; });
    for (const type of ["dragEnter", "dragOver", "drop"]) await cdp.send("Input.dispatchDragEvent", { type, x, y, data: { dragOperationsMask: 1, items: [], ...data } });
  };
  const shows = (name) => page.waitForFunction((n) => { const p = document.querySelector("#picture-name"); return p.textContent.includes(n) && p.ariaBusy === "false"; }, name, { timeout: 30_000 });
  // this site's own image, another site's (which is asked for only after the visitor's word), one that cannot be fetched
  await drag({ items: [{ mimeType: "text/uri-list", data: `${site.url}examples/coffee.jpg` }] });
  await page.waitForFunction(() => /sample:coffee/.test(location.hash), null, { timeout: 30_000 });
  const asked = [];
  page.on("request", (r) => asked.push(r.url()));
  await drag({ items: [{ mimeType: "text/html", data: "<a href='https://example.invalid/page'><img src='https://example.invalid/a.png'></a>" }, { mimeType: "text/uri-list", data: "https://example.invalid/page" }] });
  await page.waitForSelector("#elsewhere");
  assert.match(await page.textContent("#elsewhere"), /example\.invalid\/a\.png/);
  assert.deepEqual(asked.filter((u) => u.includes("invalid")), []);
  await drag({ items: [{ mimeType: "text/uri-list", data: "http://example.invalid/a.png" }] });
  await page.waitForSelector("#problem[data-kind=image_missing]");
  // a folder: its first picture, the others offered
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "folder-")), empty = fs.mkdtempSync(path.join(os.tmpdir(), "empty-"));
  fs.writeFileSync(path.join(folder, "0.txt"), "no picture");
  fs.copyFileSync(photo, path.join(folder, "2.png"));
  fs.copyFileSync(path.join(root, "www/examples/horse.jpg"), path.join(folder, "10.jpg"));
  await drag({ files: [folder] });
  await shows("2.png");
  assert.match(await page.textContent("#more"), new RegExp(`${path.basename(folder)} \\(1\\)`));
  await page.click("#more .primary");
  await page.waitForSelector("#more", { state: "detached" });
  await drag({ files: [empty] });
  await page.waitForSelector("#problem[data-kind=no_picture]");
  await drag({ items: [{ mimeType: "text/plain", data: "words" }] });
  await page.waitForSelector("#problem[data-kind=no_picture]");
  // files: the first one is none
  await drag({ files: [path.join(folder, "0.txt"), path.join(folder, "10.jpg"), path.join(folder, "2.png")] });
  await shows("2.png");
  await page.waitForSelector("#problem", { state: "detached" });
  assert.match(await page.textContent("#more"), /my concept \(1\)/);
  // one file that is none says so
  await drag({ files: [path.join(folder, "0.txt")] });
  await page.waitForSelector("#problem[data-kind=not_an_image]");
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("a browser that gives pages noise for a canvas: photo, saved PNG and caption are right", async () => {
  const protect = () => {
    const real = CanvasRenderingContext2D.prototype.getImageData;
    window.really = (canvas) => [...real.call(canvas.getContext("2d"), 0, 0, canvas.width, canvas.height).data];
    CanvasRenderingContext2D.prototype.getImageData = function (...a) { const d = real.apply(this, a); d.data.forEach((_, i) => { d.data[i] = (i * 91) % 256; }); return d; };
    HTMLCanvasElement.prototype.toDataURL = () => "data:image/png;base64,AAAA";
    HTMLCanvasElement.prototype.toBlob = (back) => back(new Blob(["noise"]));
  };
  const open = async (query, init) => {
    const page = await openPage(browser, site, { query, init, ready: "#photo[aria-label*='tabby']" });
    return [page, (await page.evaluate((init) => { const c = document.querySelector("#photo"); return init ? window.really(c) : [...c.getContext("2d").getImageData(0, 0, c.width, c.height).data]; }, Boolean(init)))];
  };
  // the first screen, before any weights
  const [[plain, expected], [page, first]] = [await open("#img=sample:cat&show=photo&dl=ask"), await open("#img=sample:cat&show=photo&dl=ask", protect)];
  const off = first.reduce((sum, v, i) => sum + Math.abs(v - expected[i]), 0) / first.length;
  assert.ok(first.length === expected.length && off < 3, `${off} grey levels from what others see`);
  await plain.context().close();
  await page.click("#offer-accept");
  await settled(page);
  await page.waitForSelector("#precomputed", { state: "detached", timeout: 60_000 });
  await page.click(".heat .look summary");
  const save = async (label) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.selectOption(".heat .saves", { label })]);
    return { name: download.suggestedFilename(), bytes: fs.readFileSync(await download.path()) };
  };
  const same = (png) => page.evaluate(async (png) => {
    const i = new Image();
    i.src = `data:image/png;base64,${png}`;
    await i.decode();
    const c = document.createElement("canvas"), shown = window.really(document.querySelector("#photo"));
    [c.width, c.height] = [i.width, i.height];
    c.getContext("2d").drawImage(i, 0, 0);
    return window.really(c).every((v, k) => v === shown[k]);
  }, png);
  assert.ok(await same((await save("PNG")).bytes.toString("base64")), "the saved picture is what is on the screen");
  const caption = await save("PNG with caption");
  assert.match(caption.name, /\.svg$/, "text is drawn for the eye only");
  const svg = String(caption.bytes);
  assert.match(svg, /<text[^>]*>[^<]*tabby/);
  assert.ok(await same(/base64,([^"]+)/.exec(svg)[1]));
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

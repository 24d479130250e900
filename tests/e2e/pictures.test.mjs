// What may be given as a picture, in a browser: files that only the browser decodes, elements, limits, and two at once.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, openPage, root, serve, withPage } from "./browser.mjs";

let site;
before(async () => { site = await serve((name, res) => {
  if (name !== "slow.jpg") return false;
  setTimeout(() => { res.writeHead(200, { "content-type": "image/jpeg" }); res.end(fs.readFileSync(path.join(root, "tests/fixtures/cmyk.jpg"))); }, 1500);
  return true;
}); });
after(() => site.close());

/** `f(lens, kind, arg)` in a bare page, without weights. */
const withLens = (f, arg) => withPage(site, {}, (page) => page.evaluate(`(async () => {
  const { CnnLens } = await import("./cnn-lens.js"), lens = await CnnLens.load({ device: "cpu", weights: false });
  const kind = (p) => p.then((r) => r.notes ? "taken" : "done", (e) => e.name === "LensError" ? e.kind : String(e));
  try { return await (${f})(lens, kind, ${JSON.stringify(arg ?? null)}); } finally { lens.close(); }
})()`));

test("limits come first: nothing that is too large is copied, for every role", async () => {
  const r = await withLens(async (lens, kind) => {
    const buffers = []; // what reaches the worker
    const post = lens.worker.postMessage.bind(lens.worker);
    lens.worker.postMessage = (m, t) => { buffers.push(...m.buffers.map((b) => b.byteLength)); post(m, t); };
    const out = {}, huge = new ImageData(8192, 8192), file = new Blob(Array(400).fill(new Uint8Array(1 << 20)));
    let read = 0;
    file.arrayBuffer = () => { read++; return Promise.reject(new Error("read")); };
    for (const role of [undefined, "second", "gallery"]) out[role] = [await kind(lens.setImage(huge, { role })), await kind(lens.setImage(file, { role }))];
    out.bytes = await kind(lens.setImage(new Uint8Array(33 << 20)));
    const url = URL.createObjectURL(new Blob([new Uint8Array(40 << 20)]));
    out.fetched = await kind(lens.setImage(url));
    const canvas = new OffscreenCanvas(9000, 9000);
    out.canvas = await kind(lens.setImage(canvas));
    out.empty = [await kind(lens.setImage(new Blob([]))), await kind(lens.setImage(new ArrayBuffer(0))), await kind(lens.setImage(new ImageData(3, 99)))];
    return { ...out, read, sent: Math.max(0, ...buffers) };
  });
  for (const role of ["undefined", "second", "gallery"]) assert.deepEqual(r[role], ["image_too_large", "image_too_large"]);
  assert.deepEqual([r.bytes, r.fetched, r.canvas], ["image_too_large", "image_too_large", "image_too_large"]);
  assert.deepEqual(r.empty, ["empty_file", "empty_file", "image_too_small"]);
  assert.deepEqual([r.read, r.sent], [0, 0], "read, or sent to the worker");
});

test("what ours does not decode the browser does, and it is said; what neither does is named", async () => {
  const names = ["plain.jpg", "no_end.jpg", "photo.avif", "photo.bmp", "photo.ico", "doctype.svg", "exchanged.jpg", "exchanged.png", "photo.jp2", "photo.tga", "byte_before.jpg", "page.html", "two_exif.jpg", "screen_smaller.gif", "screen_0x0.gif"];
  const r = await withLens(async (lens, kind, names) => {
    const out = {}, square = { size: 96, fit: "stretch" };
    for (const name of names) {
      const blob = await (await fetch(`/tests/fixtures/unusual/${name}`)).blob(), o = (out[name] = {});
      let ours;
      try { const r = (ours = await lens.setImage(blob, square)); Object.assign(o, { size: [r.width, r.height], notes: r.notes }); } catch (e) { Object.assign(o, { kind: e.kind, detail: e.detail }); }
      // as the browser shows it
      const image = new Image();
      image.src = URL.createObjectURL(name.endsWith("svg") ? new Blob([blob], { type: "image/svg+xml" }) : blob);
      if (!ours || !await image.decode().then(() => true, () => false)) continue;
      const shown = (await lens.setImage(image, square)).rgba;
      o.apart = ours.rgba.reduce((sum, v, i) => sum + Math.abs(v - shown[i]), 0) / (0.75 * shown.length);
    }
    return out;
  }, names);
  for (const name of ["photo.avif", "photo.bmp", "doctype.svg"]) assert.deepEqual(r[name].notes, ["decoded_by_browser"], name);
  assert.deepEqual([r["photo.avif"].size, r["photo.ico"].size, r["photo.ico"].notes], [[96, 64], [64, 64], ["decoded_by_browser"]]);
  assert.deepEqual(r["no_end.jpg"].notes, ["decoded_by_browser", "damaged", "alpha_on_white"]); // what Chromium leaves empty is laid on white
  assert.deepEqual(r["exchanged.jpg"].notes, ["converted"]);
  for (const [name, o] of Object.entries(r).filter(([, o]) => o.size)) assert.ok(o.apart < 3, `${name}: ${o.apart}`);
  assert.deepEqual(r["two_exif.jpg"].size, [64, 96]);
  for (const name of ["screen_smaller.gif", "screen_0x0.gif"]) assert.deepEqual(r[name].size, [96, 64]);
  assert.deepEqual(["photo.jp2", "photo.tga", "byte_before.jpg", "page.html"].map((n) => [r[n].kind, r[n].detail]),
    [["unsupported_format", "JPEG 2000"], ["unsupported_format", "TGA"], ["not_an_image", "unknown signature"], ["not_an_image", "unknown signature"]]);
});

test("a JPEG of which one byte was changed is what the browser shows, and said to be damaged", async () => {
  const r = await withLens(async (lens) => {
    const out = [], file = new Uint8Array(await (await fetch("/tests/fixtures/unusual/plain.jpg")).arrayBuffer()), square = { size: 96, fit: "stretch" };
    for (let at = 700; at < file.length - 4; at += 60) {
      const bytes = file.slice();
      bytes[at] ^= 0x55;
      const ours = await lens.setImage(bytes, square).catch((e) => e.kind), image = new Image();
      image.src = URL.createObjectURL(new Blob([bytes]));
      const shown = await image.decode().then(() => lens.setImage(image, square)).catch(() => null);
      out.push({ at, kind: typeof ours === "string" ? ours : null, notes: ours.notes, shown: Boolean(shown),
        apart: shown && ours.rgba ? ours.rgba.reduce((sum, v, i) => sum + Math.abs(v - shown.rgba[i]), 0) / (0.75 * shown.rgba.length) : null });
    }
    return out;
  });
  for (const o of r) assert.ok(o.apart === null ? o.kind === "truncated_image" || !o.shown : o.apart < 3, JSON.stringify(o));
  assert.ok(r.some((o) => o.notes?.includes("damaged")) && r.some((o) => o.notes?.length === 0), JSON.stringify(r));
});

test("setImage takes what holds a picture, and names what does not", async () => {
  const r = await withLens(async (lens, kind) => {
    const response = await fetch("examples/cat.jpg"), blob = await response.blob(), bytes = await blob.arrayBuffer();
    const image = new Image();
    image.src = "examples/cat.jpg";
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: 90, height: 60 }), off = new OffscreenCanvas(90, 60);
    for (const c of [canvas, off]) { const g = c.getContext("2d"); g.fillStyle = "#0c0"; g.fillRect(0, 0, 90, 60); }
    const video = document.createElement("video"), far = new Image(), wide = new ImageData(64, 64, { colorSpace: "display-p3" });
    for (let i = 0; i < wide.data.length; i += 4) wide.data.set([0, 255, 0, 255], i);
    video.muted = true;
    video.srcObject = canvas.captureStream(30);
    await video.play();
    const tick = setInterval(() => canvas.getContext("2d").fillRect(0, 0, 90, 60), 30);
    if (video.readyState < 2) await new Promise((ok) => { video.onloadeddata = ok; });
    const sources = { url: "examples/cat.jpg", URL: new URL("examples/cat.jpg", location), blob, file: new File([blob], "cat.jpg"), buffer: bytes.slice(), bytes: new Uint8Array(bytes), view: new DataView(bytes),
      image, canvas, off, bitmap: await createImageBitmap(off), frame: new VideoFrame(off, { timestamp: 0 }), video, data: off.getContext("2d").getImageData(0, 0, 90, 60), wide };
    const out = { taken: {}, refused: {} };
    for (const [name, source] of Object.entries(sources)) {
      const r = await lens.setImage(source, { size: 64 }).catch((e) => ({ kind: e.kind, detail: e.detail }));
      out.taken[name] = r.kind ? r : [r.width, r.height, ...r.rgba.slice(0, 3)];
    }
    clearInterval(tick);
    out.detached = bytes.byteLength > 0; // the caller's own stays his
    for (const [name, source] of Object.entries({ number: 42, nothing: null, object: {}, array: [1, 2], element: document.body, waiting: document.createElement("video"), none: new Image() })) {
      const e = await lens.setImage(source).catch((e) => e);
      out.refused[name] = [e.name, e.kind, e.detail];
    }
    // a picture of another site without its permission
    const tainted = new Image(), loaded = new Promise((ok, no) => { tainted.onload = ok; tainted.onerror = no; });
    tainted.src = location.href.replace("127.0.0.1", "localhost").replace(/bench\.html.*/, "examples/cat.jpg");
    await loaded;
    out.tainted = await kind(lens.setImage(tainted));
    return out;
  });
  const file = r.taken.url;
  assert.ok(file[0] > 100, JSON.stringify(file));
  for (const name of ["URL", "blob", "file", "buffer", "bytes", "view"]) assert.deepEqual(r.taken[name], file, name);
  assert.deepEqual(r.taken.image.slice(0, 2), file.slice(0, 2));
  for (const name of ["canvas", "off", "bitmap", "frame", "data"]) assert.deepEqual(r.taken[name], [90, 60, 0, 204, 0], name);
  assert.deepEqual(r.taken.video.slice(0, 2), [90, 60]);
  assert.deepEqual(r.taken.wide, [64, 64, 0, 255, 0], "clipped to sRGB");
  assert.ok(r.detached);
  for (const [name, what] of Object.entries({ number: "number", nothing: "null", object: "Object", array: "Array", element: "HTMLBodyElement" })) {
    assert.deepEqual(r.refused[name], ["LensError", "unknown_source", `setImage was given ${what}`], name);
  }
  assert.deepEqual([r.refused.waiting[1], r.refused.none[1]], ["image_missing", "image_missing"]);
  assert.equal(r.tainted, "pixels_forbidden");
});

test("of two pictures the one asked last wins, and what is asked after it is about it; a new engine needs no file", async () => {
  const r = await withPage(site, {}, (page) => page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js"), lens = await CnnLens.load({ device: "cpu", silence: 5000 });
    const out = {}, kind = (p) => p.then((r) => r.width ?? "done", (e) => `${e.kind}: ${e.detail}`);
    const top = async () => (await lens.classify({ top: 1 }))[0].index;
    await lens.setImage("examples/cat.jpg", { size: 64 });
    out.cat = await top();
    const slow = kind(lens.setImage("slow.jpg", { size: 64 })), fast = kind(lens.setImage("examples/coffee.jpg", { size: 64 }));
    out.during = await top();
    out.slow = await slow;
    out.fast = await fast;
    await new Promise((ok) => setTimeout(ok, 2000));
    out.later = await top();
    // on an error the last picture stays, and so it is with a new engine
    out.none = await kind(lens.setImage("examples/none.jpg"));
    const restarted = new Promise((ok) => lens.addEventListener("restart", ok, { once: true }));
    const fetched = performance.getEntriesByType("resource").filter((e) => /coffee/.test(e.name)).length;
    lens.worker.terminate();
    await kind(lens.classify({ top: 1 }));
    await restarted;
    out.again = await top();
    out.fetched = performance.getEntriesByType("resource").filter((e) => /coffee/.test(e.name)).length - fetched;
    lens.close();
    return out;
  }));
  assert.match(r.slow, /^cancelled: another picture/);
  assert.ok(r.fast > 100 && r.cat !== r.during, JSON.stringify(r));
  assert.deepEqual([r.later, r.again, r.fetched], [r.during, r.during, 0]);
  assert.match(r.none, /^image_missing/);
});

test("dropped on the page: an AVIF and a BMP are shown with a note; a file that changed on disk is said", async () => {
  const browser = await launch(), page = await openPage(browser, site), folder = fs.mkdtempSync(path.join(os.tmpdir(), "lens-"));
  const choose = (file) => page.setInputFiles(".picture input[type=file]", file);
  try {
    for (const name of ["photo.avif", "photo.bmp", "photo.ico"]) {
      await choose(path.join(root, "tests/fixtures/unusual", name));
      await page.waitForFunction((n) => document.querySelector("#picture-name").textContent.includes(n) && document.querySelector("#picture-name").ariaBusy === "false", name, { timeout: 60_000 });
      assert.match(await page.textContent(".picture .note"), /Decoded by the browser/, name);
    }
    const file = path.join(folder, "mine.jpg");
    fs.copyFileSync(path.join(root, "tests/fixtures/exif1.jpg"), file);
    const kind = page.evaluate(async () => {
      const { CnnLens } = await import("./cnn-lens.js"), lens = await CnnLens.load({ device: "cpu", weights: false });
      const input = Object.assign(document.createElement("input"), { type: "file", id: "own" });
      document.body.append(input);
      await new Promise((ok) => { input.onchange = ok; });
      await new Promise((ok) => { window.changed = ok; });
      return lens.setImage(input.files[0]).then(() => "taken", (e) => e.kind).finally(() => lens.close());
    });
    await page.waitForSelector("#own");
    await page.setInputFiles("#own", file);
    await new Promise((ok) => setTimeout(ok, 1100));
    fs.writeFileSync(file, fs.readFileSync(path.join(root, "tests/fixtures/exif2.jpg")));
    await page.evaluate(() => window.changed());
    assert.equal(await kind, "file_changed");
    assert.deepEqual(page.errors, []);
  } finally { await browser.close(); fs.rmSync(folder, { recursive: true }); }
});

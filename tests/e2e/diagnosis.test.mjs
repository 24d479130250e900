// The laboratories in the page and the API: every one runs on the visitor's picture, nothing is sent, a cancel works.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fs from "node:fs";
import path from "node:path";
import { launch, openPage, root, serve, withPage, pick } from "./browser.mjs";

let site, browser;
before(async () => { site = await serve(); browser = await launch(); });
after(async () => { await browser.close(); site.close(); });

const SMALL = { adversarial: { attack_steps: 2 }, patch: { patch_steps: 2 }, cue_conflict: { side: 64, style_steps: 2 }, shuffle: { orders: 1 },
  position: { shift: 3 }, channel_ranking: { tried: 8 }, faithfulness: { curve_steps: 4, subsets: 4, patches: 4, copies: 0 },
  randomisation: { draws: 1 }, tcav: { concept: "red", concept_side: 64, splits: 5 }, dissection: { scenes: 2 } };
const TOLD = { adversarial: /largest change \(grey levels\).*/, corruptions: /Gaussian noise.*stripes/s, colour: /colour dependence/, shuffle: /texture reliance/,
  background: /background reliance/, audit: /my concept/, faithfulness: /deletion.*random.*centre|random.*centre.*deletion/s, randomisation: /fails.*passes|passes.*fails/s,
  tcav: /accuracy/, dissection: /detectors/, cue_conflict: /shape bias/, stamp: /COPYRIGHT|stamp dependence/ };

test("every laboratory runs on the visitor's picture from the panel, and nothing leaves the machine", async () => {
  const page = await openPage(browser, site);
  await page.setInputFiles(".picture input[type=file]", path.join(root, "tests/golden/photo224.png"));
  await page.waitForFunction(() => /photo224/.test(document.querySelector("#picture-name").textContent) && !document.querySelector(".busy"), null, { timeout: 60_000 });
  await page.waitForFunction(() => document.querySelectorAll("#classes li").length === 5, null, { timeout: 60_000 });
  const ids = await page.$$eval(".menu .lab [data-method]", (all) => all.map((b) => b.dataset.method));
  assert.equal(ids.length, 16);
  // a second picture and a group of the visitor's own
  await pick(page, "cue_conflict");
  await page.setInputFiles("#second input[type=file]", path.join(root, "www/examples/coffee.jpg"));
  await page.waitForSelector("#second canvas");
  await pick(page, "audit");
  await page.setInputFiles("#gallery-files", ["cat", "coffee", "astronaut"].map((n) => path.join(root, `www/examples/${n}.jpg`)).filter(fs.existsSync));
  await page.waitForSelector("#gallery .group canvas", { timeout: 30_000 });
  await page.waitForFunction(() => !document.querySelector(".busy"), null, { timeout: 30_000 });
  const asked = [];
  page.on("request", (r) => { if (!/^(data|blob):/.test(r.url())) asked.push(r.url()); });
  for (const id of ids) {
    await pick(page, id);
    for (const [name, value] of Object.entries(SMALL[id] ?? {})) {
      if (typeof value === "string") { await page.selectOption(`#${name}`, value); continue; }
      await page.fill(`#${name}`, String(value)); await page.press(`#${name}`, "Tab");
    }
    if (id === "background") {
      const box = await page.locator("#region-draw").boundingBox();
      await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.7, { steps: 4 });
      await page.mouse.up();
      assert.match(await page.inputValue("#region"), /^box (19|20)\S* (19|20)/);
    }
    await page.click("#run");
    await page.waitForFunction((id) => document.querySelector("#result .honesty") && !document.querySelector("#explain .busy")
      && document.querySelector(`.menu [data-method=${id}]`).ariaPressed === "true", id, { timeout: 120_000 })
      .catch(async (e) => { throw new Error(`${id}: ${e.message} ${await page.textContent("#problem").catch(() => "")}`); });
    const text = await page.textContent("#result");
    if (TOLD[id]) assert.match(text, TOLD[id], id);
    assert.ok(await page.locator("#result table, #result .chart").count() > 0, id);
  }
  await page.$eval("#details", (d) => { d.open = true; });
  const [html] = await Promise.all([page.waitForEvent("download"), page.click("#report button >> nth=0")]);
  const text = fs.readFileSync(await html.path(), "utf8");
  assert.match(text, /data:image\/png;base64/);
  assert.match(text, /Randomised weights/);
  const [json] = await Promise.all([page.waitForEvent("download"), page.click("#report button >> nth=1")]);
  const told = JSON.parse(fs.readFileSync(await json.path(), "utf8"));
  assert.match(told.about.weights, /^[0-9a-f]{8}-/);
  assert.equal(told.results.filter((r) => ids.includes(r.method)).length, 16);
  // helpers start once and read the weights that are there already
  const away = asked.filter((u) => !u.startsWith(site.origin));
  assert.deepEqual(away, []);
  assert.deepEqual(asked.filter((u) => !/worker|weights\//.test(u)), []);
  assert.deepEqual(page.errors, []);
  await page.setViewportSize({ width: 360, height: 800 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  await page.context().close();
});

test("from the API: previews, a cancel that leaves the weights as they were, groups, the report", async () => withPage(site, {}, async (page) => {
  const r = await page.evaluate(async () => {
    const { CnnLens } = await import("./cnn-lens.js");
    const lens = await CnnLens.load({ device: "cpu" }), out = {};
    await lens.setImage("examples/cat.jpg");
    const first = await lens.run("grad_cam");
    const stop = new AbortController();
    out.cancelled = await lens.run("randomisation", { methods: "grad_cam" }, { signal: stop.signal, onPartial: (f, facts) => {
      out.preview = facts.tables?.[0].name; out.at = performance.now(); stop.abort();
    } }).catch((e) => e.kind);
    out.ms = performance.now() - out.at;
    await lens.setImage("examples/cat.jpg");
    const again = await lens.run("grad_cam");
    out.same = first.figures[0].data.every((v, i) => v === again.figures[0].data[i]);
    out.empty = await lens.run("audit").catch((e) => [e.kind, e.action.zh]);
    for (const name of ["cat", "coffee"]) await lens.setImage(`examples/${name}.jpg`, { role: "gallery", group: name });
    out.groups = (await lens.run("audit")).meta.facts.tables[0].rows.map((row) => row[0]);
    out.left = (await lens.forget("cat")).left;
    const report = await lens.report({ lang: "zh" });
    out.report = [report.html.includes("分组审计"), report.json.results.map((m) => m.method)];
    return out;
  });
  assert.equal(r.cancelled, "cancelled");
  assert.equal(r.preview, "verdict");
  assert.ok(r.ms < 1000, `${r.ms} ms`);
  assert.ok(r.same, "the network is itself again");
  assert.equal(r.empty[0], "no_gallery");
  assert.deepEqual(r.groups, ["cat", "coffee"]);
  assert.equal(r.left, 1);
  assert.deepEqual(r.report, [true, ["grad_cam", "audit"]]);
}));

// Another network than the first: chosen in the page's head, by a link and by the API; every method serves it or says what it lacks.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage, serve, SMALL, withPage } from "./browser.mjs";

let site, browser;
before(async () => { [site, browser] = [await serve(), await launch()]; });
after(async () => { await browser.close(); site.close(); });

test("the menu in the head changes the network: photo and method stay, its weights are fetched only then, and a link keeps it", async () => {
  const page = await openPage(browser, site, { query: "#img=sample:cat&m=grad_cam&autorun=1", ready: "#result" });
  const fetched = [];
  page.on("request", (r) => { if (/safetensors/.test(r.url())) fetched.push(new URL(r.url()).pathname); });
  const layers = () => page.$$eval(".strip [data-layer]", (all) => all.map((b) => b.dataset.layer));
  assert.deepEqual((await layers()).slice(0, 3), ["relu1_1", "relu1_2", "pool1"]);
  assert.equal(await page.locator(".strip .lane").count(), 0);
  await page.click("#network-open");
  await page.click("[data-net=squeezenet]");
  await page.waitForFunction(() => /SqueezeNet/.test(document.querySelector("#result:not(.stale) .honesty")?.textContent), null, { timeout: 60_000 });
  assert.ok(fetched.length > 0 && fetched.every((path) => path.includes("/squeezenet/")), fetched.join(", "));
  // a fire module's two ways stand beneath each other
  assert.equal(await page.locator(".strip .lanes").count(), 8);
  assert.equal(await page.locator(".strip .lane").count(), 16);
  assert.ok((await layers()).includes("fire9/concat"));
  const hash = await page.evaluate(() => location.hash);
  assert.match(hash, /net=squeezenet/);
  assert.match(hash, /m=grad_cam/);
  // what this network has not got cannot be asked of it, and says why
  await page.click("#ask-open");
  await page.fill("#method-search", "lens");
  assert.equal(await page.locator("#methods-found button:not([disabled], [aria-disabled=true])").count(), 0);
  await page.context().close();
  const linked = await openPage(browser, site, { query: `${hash}&autorun=1`, ready: "#result" });
  assert.match(await linked.textContent("#network-open"), /SqueezeNet/);
  assert.deepEqual(linked.errors, []);
  await linked.context().close();
});

test("another network has its own first screens and its own pictures of what its channels want to see", async () => {
  const page = await openPage(browser, site, { query: "#img=sample:cat&net=squeezenet&dl=auto&layer=fire9%2Fconcat", ready: "#tiles canvas" });
  const screens = () => page.evaluate(() => performance.getEntriesByType("resource").map((e) => /examples\/(.*\.json)/.exec(e.name)?.[1]).filter(Boolean));
  const top = () => page.textContent("#classes li:first-child");
  const of = async (path) => (await fetch(`${site.url}${path}`)).json();
  const [own, first] = [await of("examples/squeezenet/cat.json"), await of("examples/cat.json")];
  assert.notEqual(own.classes[0].label, first.classes[0].label);
  assert.deepEqual(await screens(), ["squeezenet/cat.json"]);
  assert.ok((await top()).includes(own.classes[0].label), await top());
  const index = await of("catalogue/squeezenet/index.json");
  for (let i = 2; i <= 9; i++) {
    const units = ["squeeze1x1", "expand1x1", "expand3x3"].map((part) => index.channels[`fire${i}/${part}`].length);
    assert.ok(units[1] + units[2] >= 16, `fire${i}: ${units}`);
  }
  await page.waitForFunction(() => document.querySelector("#grid-title")?.textContent.startsWith("fire9/concat"), null, { timeout: 30_000 });
  const known = index.channels["fire9/expand1x1"][0];
  await page.evaluate((c) => { location.hash = `#img=sample:cat&net=squeezenet&layer=fire9%2Fconcat&ch=${c}`; }, known);
  await page.waitForSelector("#detail .sprite .cell");
  assert.match(await page.$eval("#detail .sprite .cell", (e) => e.style.background), /catalogue\/squeezenet\/fire9\/expand1x1\.jpg/);
  // the first network again: what is shown becomes its own, screen and pictures
  await page.click("#network-open");
  await page.click("[data-net=vgg16]");
  await page.waitForFunction(() => !/squeezenet/.test(location.hash));
  await page.waitForSelector("#precomputed", { timeout: 20_000 });
  assert.ok((await top()).includes(first.classes[0].label), await top());
  assert.deepEqual(await screens(), ["squeezenet/cat.json", "cat.json"]);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("every method on SqueezeNet: finite figures that are not constant, or a refusal that says what is lacking", async () => withPage(site, {}, async (page) => {
  const found = await page.evaluate(async (small) => {
    const { CnnLens } = await import("./cnn-lens.js");
    const lens = await CnnLens.load({ device: "cpu", net: "squeezenet" }), out = {};
    await lens.setImage("examples/cat.jpg", { size: 64 });
    await lens.setImage("examples/coffee.jpg", { role: "second", size: 64 });
    for (const name of ["cat", "coffee"]) await lens.setImage(`examples/${name}.jpg`, { role: "gallery", group: name, size: 64 });
    const last = lens.layers().at(-1).name;
    for (const { id, params } of lens.methods()) {
      const given = Object.fromEntries((small[id] ?? "").split(",").filter(Boolean).map((p) => p.split(":")).map(([k, v]) => [k, isNaN(v) ? decodeURIComponent(v) : Number(v)]));
      if (given.channels && typeof given.channels === "string") given.channels = `${last}:3`;
      if (given.side > 64) given.side = 64;
      if (id === "patch") given.patch_side = 16;
      if (id === "background") given[params.find((p) => p.kind === "region").id] = "box 20 20 50 50";
      try {
        const { figures, meta: { facts } } = await lens.run(id, given);
        const whole = (f) => f.data.every(Number.isFinite), varied = (f) => f.data.some((v) => v !== f.data[0]);
        out[id] = figures.every(whole) && (figures.some(varied) || Object.keys(facts ?? {}).length > 0) ? "served" : "empty";
      } catch (e) { out[id] = `${e.kind}: ${e.detail}`; }
    }
    lens.close();
    return out;
  }, SMALL);
  const not = Object.entries(found).filter(([, said]) => said !== "served");
  console.log(`# ${Object.keys(found).length} methods; not served: ${not.map(([id, said]) => `${id} (${said})`).join("; ")}`);
  assert.equal(Object.keys(found).length, 45);
  assert.deepEqual(not.filter(([, said]) => !said.startsWith("other_network")), []);
}));

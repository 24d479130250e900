// What breaks is injected, and must be recovered from or explained; nothing of the visitor's is lost.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, openPage, pick, root, serve, withPage } from "./browser.mjs";

// runs in every engine's worker before anything else
let inject = "";
let site;
before(async () => {
  site = await serve((name, res) => {
    if (name !== "worker.js" || !inject) return false;
    res.writeHead(200, { "content-type": "text/javascript" });
    res.end(`${inject}\n${fs.readFileSync(path.join(root, "dist/worker.js"))}`);
    return true;
  });
});
after(() => site.close());

// a message on the channel destroys the device as a driver's reset would
const MORTAL = `if (self.GPUAdapter) {
  const ask = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...a) {
    const device = await ask.apply(this, a);
    self.mortal = new BroadcastChannel("mortal"); // kept: a channel that nobody holds is collected
    self.mortal.onmessage = () => device.destroy();
    return device;
  };
}`;

test("a GPU that is lost is replaced, lost twice gives way to the CPU, and the picture stays", async () => {
  inject = MORTAL;
  await withPage(site, { webgpu: true }, async (page) => {
    const r = await page.evaluate(async () => {
      const { CnnLens } = await import("./cnn-lens.js");
      const lens = await CnnLens.load({ device: "webgpu" }), channel = new BroadcastChannel("mortal");
      await lens.setImage("examples/cat.jpg", { size: 32 });
      const top = async () => (await lens.classify({ top: 1 }))[0].index;
      const out = { first: await top(), devices: [lens.device.kind], kinds: [] };
      for (let i = 0; i < 2; i++) {
        const restarted = new Promise((ok) => lens.addEventListener("restart", ok, { once: true }));
        await lens.setImage("examples/cat.jpg", { size: 64 });
        const job = lens.run("smooth_grad").then(() => "fine", (e) => e.kind);
        await new Promise((ok) => setTimeout(ok, 200));
        channel.postMessage(0);
        out.kinds.push(await job);
        await restarted;
        out.devices.push(lens.device.kind);
      }
      await lens.setImage("examples/cat.jpg", { size: 32 });
      out.last = await top();
      lens.close();
      return out;
    });
    assert.deepEqual(r.kinds, ["device_lost", "device_lost"]);
    assert.deepEqual(r.devices, ["webgpu", "webgpu", "cpu"]);
    assert.equal(r.last, r.first);
  });
});

test("a full quota keeps nothing and stops nothing; no memory for the engine is said", async () => {
  const browser = await launch();
  inject = `self.Cache && (Cache.prototype.put = () => Promise.reject(new DOMException("full", "QuotaExceededError")));`;
  const page = await openPage(browser, site, {});
  assert.equal(await page.isVisible("#problem"), false);
  assert.equal(await page.evaluate(async () => (await (await caches.open("cnn-lens-weights-1")).keys()).length), 0);
  await page.context().close();
  // what a browser throws when it has no memory left for a module
  inject = `WebAssembly.instantiateStreaming = WebAssembly.instantiate = () => Promise.reject(new RangeError("WebAssembly.Memory(): could not allocate memory"));`;
  const poor = await openPage(browser, site, { ready: "#problem" });
  assert.equal(await poor.getAttribute("#problem", "data-kind"), "engine_stopped");
  assert.match(await poor.textContent("#problem"), /could not allocate memory/);
  // the first screen stays, and so does the page
  assert.ok(await poor.isVisible("#classes [data-class='285']"));
  await poor.click("#problem .row button:last-child");
  assert.equal(await poor.locator("#problem").count(), 0);
  await browser.close();
});

test("memory that runs out in the middle restarts the engine with the picture", async () => {
  inject = "";
  const browser = await launch();
  const page = await openPage(browser, site, {});
  await page.setInputFiles(".picture input[type=file]", path.join(root, "www/examples/coffee.jpg"));
  await page.waitForSelector("#classes [data-class='967']", { timeout: 30_000 });
  // a trap, as an allocation that fails in Rust makes one
  await page.workers()[0].evaluate(() => { setTimeout(() => { throw new WebAssembly.RuntimeError("unreachable"); }); });
  await page.waitForSelector("#restarted, #problem", { timeout: 60_000 });
  await page.click("[data-layer=relu5_3]");
  await page.waitForFunction(() => document.querySelector("#grid-title")?.textContent.startsWith("relu5_3"), null, { timeout: 60_000 });
  assert.match(await page.textContent("#picture-name"), /coffee\.jpg/);
  // what it died at the next one does
  await page.click("#restarted button");
  await pick(page, "occlusion");
  await page.selectOption("#detail", { index: 0 });
  await page.click("#run");
  await page.waitForSelector("#explain .busy progress", { timeout: 30_000 });
  await page.workers()[0].evaluate(() => { setTimeout(() => { throw new WebAssembly.RuntimeError("unreachable"); }); });
  await page.waitForSelector("#restarted", { timeout: 60_000 });
  await page.waitForSelector("#result canvas", { timeout: 120_000 });
  assert.equal(await page.locator("#problem").count(), 0);
  await browser.close();
});

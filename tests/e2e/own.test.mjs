// A network of the visitor's own: read from files of every format, asked about in a dialog, used by the page, never sent anywhere.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, openPage, root, serve, withPage } from "./browser.mjs";

const FILES = path.join(root, "reader/tests/files"), file = (name) => path.join(FILES, name);
const cases = JSON.parse(fs.readFileSync(file("cases.json"), "utf8"));

let site, browser;
before(async () => { [site, browser] = [await serve(), await launch()]; });
after(async () => { await browser.close(); site.close(); });

/** Opens the files through the menu's field and waits for the dialog's word. */
async function choose(page, names) {
  await page.setInputFiles("#network-files", names.map(file));
  await page.waitForFunction(() => document.querySelector("#network-use")?.disabled === false || document.querySelector("#network-problem"), null, { timeout: 60_000 });
}

test("files of every format answer as their own runtimes do, read in the browser", async () => withPage(site, {}, async (page) => {
  for (const { name, files, shape, logits } of cases) {
    const given = files.map((f) => ({ name: f, bytes: [...fs.readFileSync(file(f))] }));
    const found = await page.evaluate(async ({ given, shape: [c, h, w] }) => {
      const { CnnLens } = await import("./cnn-lens.js");
      window.lens ??= await CnnLens.load({ device: "cpu", weights: false });
      await lens.openNetwork(given.map(({ name, bytes }) => new File([new Uint8Array(bytes)], name)));
      const one = Float32Array.from({ length: c * h * w }, (_, i) => ((i * 7919) % 2003) / 1000 - 1);
      // grey in all three colours
      const x = new Float32Array(3 * h * w);
      for (let i = 0; i < x.length; i++) x[i] = one[c === 1 ? i % (h * w) : i];
      return [...(await lens.probe({ want: "logits" }, x, [h, w]))[0]];
    }, { given, shape });
    const off = Math.sqrt(logits.reduce((s, v, i) => s + (v - found[i]) ** 2, 0) / logits.reduce((s, v) => s + v * v, 0));
    assert.equal(found.length, logits.length, name);
    assert.ok(off <= 1e-4, `${name}: ${off}`);
  }
}));

test("a model with its class names gives Grad-CAM on the photo in few clicks, and nothing of it leaves the page", async () => {
  const page = await openPage(browser, site, { query: "#img=sample:cat" });
  const sent = [];
  page.on("request", (r) => { if (r.method() !== "GET" || !/^(blob|data):/.test(r.url()) && !r.url().startsWith(site.url)) sent.push(`${r.method()} ${r.url()}`); });
  await choose(page, ["model.json", "group1-shard1of2.bin", "group1-shard2of2.bin"]);
  assert.match(await page.textContent(".network-dialog details summary"), /^\d+ of 45 /);
  // a name too few is said, and nothing is guessed
  await page.fill("#network-names", "cat");
  assert.notEqual(await page.textContent("#network-wrong"), "");
  assert.equal(await page.isDisabled("#network-use"), true);
  const classes = cases.find(({ files }) => files.includes("model.json")).logits.length;
  const names = Array.from({ length: classes }, (_, i) => `thing ${String.fromCharCode(97 + i)}`);
  // from a file, as the reader takes one that is dropped beside the model; or typed
  await page.setInputFiles("#network-labels", { name: "labels.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify({ id2label: Object.fromEntries(names.map((name, i) => [i, `${name}!`])) })) });
  await page.waitForFunction(() => /!/.test(document.querySelector(".answers tbody").textContent));
  assert.equal(await page.inputValue("#network-names"), names.map((name) => `${name}!`).join("\n"));
  await page.fill("#network-names", names.join("\n"));
  assert.match(await page.textContent(".answers tbody"), /thing/);
  await page.click("#network-use");
  await page.waitForFunction(() => /thing/.test(document.querySelector("#classes .label")?.textContent), null, { timeout: 60_000 });
  assert.match(await page.textContent("#network-open"), /model/);
  await page.click("#ask-open");
  await page.fill("#method-search", "grad-cam");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /thing/.test(document.querySelector("#result:not(.stale)")?.closest("#explain")?.textContent ?? ""), null, { timeout: 60_000 });
  assert.match(await page.textContent("#explain .sentence"), /thing/);
  // the script's network is a file beside it: this one, with its preparation and its names
  await page.evaluate(() => { document.querySelector("#details").open = true; });
  await page.click("#explain .torch");
  await page.waitForSelector("#torch textarea");
  assert.match(await page.inputValue("#torch textarea"), /^net = network\("model.safetensors"\)$/m);
  const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#torch .network")]);
  assert.equal(saved.suggestedFilename(), "model.safetensors");
  const bytes = fs.readFileSync(await saved.path()), length = Number(bytes.readBigUint64LE(0)), { __metadata__, ...arrays } = JSON.parse(bytes.subarray(8, 8 + length));
  const card = JSON.parse(__metadata__.card), ends = Object.values(arrays).map(({ data_offsets }) => data_offsets[1]);
  assert.deepEqual([card.labels, Math.max(...ends)], [names, bytes.length - 8 - length]);
  for (const node of card.nodes.filter(({ op }) => op === "conv" || op === "linear")) assert.ok(arrays[`${node.arrays ?? node.name}.weight`], node.name);
  await page.keyboard.press("Escape");
  assert.deepEqual([sent, page.errors], [[], []]);
  // the link names the file; whoever has it not is asked for it, and told of another one
  const hash = await page.evaluate(() => location.hash);
  assert.match(hash, /net=local:[0-9a-f]{12}:model/);
  await page.context().close();
  const linked = await openPage(browser, site, { query: hash });
  assert.ok(await linked.isVisible("#missing-network"));
  await choose(linked, ["chain.pth"]);
  await linked.click("#network-use");
  await linked.waitForFunction(() => /chain/.test(document.querySelector("#network-open").textContent));
  assert.ok(await linked.isVisible("#missing-network"));
  await choose(linked, ["model.json", "group1-shard1of2.bin", "group1-shard2of2.bin"]);
  await linked.click("#network-use");
  await linked.waitForFunction(() => !document.querySelector("#missing-network") && /model/.test(document.querySelector("#network-open").textContent), null, { timeout: 60_000 });
  assert.match(await linked.evaluate(() => location.hash), /m=grad_cam/);
  assert.deepEqual(linked.errors, []);
  await linked.context().close();
});

test("a network is kept only if the visitor says so, works without a connection after that, and can be deleted", async () => {
  const page = await openPage(browser, site, { query: "#img=sample:cat" });
  const inMenu = async (on) => on.evaluate(() => [...document.querySelectorAll("#networks [data-net^='local:']")].map((e) => e.textContent));
  const use = async (names, keep) => {
    await choose(page, names);
    if (keep) await page.check("#network-keep");
    await page.click("#network-use");
    await page.waitForFunction((name) => document.querySelector("#network-open").textContent.includes(name) && document.querySelector("#classes .label"), names[0].split(".")[0], { timeout: 60_000 });
  };
  await use(["chain.pth"], false);
  await use(["model.json", "group1-shard1of2.bin", "group1-shard2of2.bin"], true);
  const hash = await page.evaluate(() => location.hash), first = await page.textContent("#classes .label");
  assert.equal((await inMenu(page)).length, 2);
  // everything of the page is kept by its service worker by now, or soon
  await page.waitForFunction(async () => (await caches.keys()).some((name) => name.startsWith("cnn-lens-page-")) && navigator.serviceWorker.controller, null, { timeout: 60_000 });
  await page.waitForFunction(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("cnn-lens-page-"));
    const kept = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)));
    return kept.flat().some((url) => /worker_cpu/.test(url) && /wasm/.test(url));
  }, null, { timeout: 60_000 });
  await page.context().setOffline(true);
  await page.reload();
  // the link's network is the kept one: it answers, and nothing is asked
  await page.waitForFunction(() => /model/.test(document.querySelector("#network-open")?.textContent) && document.querySelector("#classes .label"), null, { timeout: 60_000 });
  assert.deepEqual([await page.$$("#missing-network"), await page.evaluate(() => location.hash), await page.textContent("#classes .label")], [[], hash, first]);
  const kept = await inMenu(page);
  assert.equal(kept.length, 1);
  assert.match(kept[0], /model/);
  await page.context().setOffline(false);
  // deleted: gone from the menu and from the store, and another network goes on
  await page.click("#network-open");
  await page.click("#networks .small");
  await page.waitForFunction(() => !document.querySelector("#networks [data-net^='local:']") && /VGG16/.test(document.querySelector("#network-open").textContent));
  assert.equal(await page.evaluate(async () => { let n = 0; for await (const _ of (await (await navigator.storage.getDirectory()).getDirectoryHandle("networks")).keys()) n++; return n; }), 0);
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("a network dropped anywhere is known by its name, or by how it begins", async () => {
  const page = await openPage(browser, site, { query: "#img=sample:cat" });
  for (const name of ["chain.pth", "downloaded"]) {
    await page.evaluate(({ name, bytes }) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], name));
      document.querySelector("#classes").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
    }, { name, bytes: [...fs.readFileSync(file("chain.pth"))] });
    await page.waitForFunction(() => document.querySelector("#network-use")?.disabled === false, null, { timeout: 60_000 });
    assert.match(await page.textContent("#network-name"), new RegExp(name.split(".")[0]));
    await page.click("#network-cancel");
  }
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test("what is no network is said with what to do, in both languages, and the network in use stays", async () => {
  for (const [locale, words] of [["en-GB", /file|model|network/i], ["zh-CN", /[一-龥]/]]) {
    const page = await openPage(browser, site, { query: "#img=sample:cat", locale });
    const before = await page.textContent("#network-open");
    for (const [name, bytes] of [["broken.onnx", Buffer.from("no network at all")], ["cut.pth", fs.readFileSync(file("chain.pth")).subarray(0, 900)], ["empty.h5", Buffer.alloc(0)]]) {
      await page.setInputFiles("#network-files", { name, mimeType: "application/octet-stream", buffer: bytes });
      await page.waitForSelector("#network-problem", { timeout: 30_000 });
      assert.match(await page.textContent("#network-problem"), words, name);
      await page.click("#network-close");
    }
    assert.equal(await page.textContent("#network-open"), before);
    assert.ok((await page.$$("#classes li")).length > 0);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  }
});

// Deployed again, beside other sites, and on hosts that serve half of the files: one version at a time, and never an empty page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import zlib from "node:zlib";
import { launch, root } from "./browser.mjs";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".json": "application/json", ".svg": "image/svg+xml", ".jpg": "image/jpeg", ".png": "image/png" };
const dist = path.join(root, "dist"), manifestOf = (site) => JSON.parse(fs.readFileSync(path.join(site, "weights/manifest.json")));

/**
 * A host of folders ({ "/lens/": folder }); what it does not have is answered with 404. `answer(name, res)` may answer instead,
 * `headers(name)` gives more headers; `down` is a host without a network.
 */
async function host(mounts, { answer = () => false, headers = () => ({}) } = {}) {
  const self = { mounts, down: false, asked: [] };
  const server = http.createServer((req, res) => {
    const url = decodeURIComponent(req.url.split("?")[0]);
    self.asked.push(url);
    if (self.down) return res.destroy();
    const mount = Object.keys(self.mounts).filter((m) => url.startsWith(m)).sort((a, b) => b.length - a.length)[0];
    const name = mount ? url.slice(mount.length) || "index.html" : "-";
    if (answer(name, res)) return undefined;
    const file = mount && path.join(self.mounts[mount], name);
    if (!file || !fs.existsSync(file) || fs.statSync(file).isDirectory()) return res.writeHead(404, { "content-type": "text/html" }).end("<h1>404</h1>");
    return res.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream", ...headers(name) }).end(fs.readFileSync(file));
  });
  await new Promise((ok) => server.listen(0, "127.0.0.1", ok));
  self.origin = `http://127.0.0.1:${server.address().port}`;
  self.close = () => { server.closeAllConnections(); server.close(); };
  hosts.push(self);
  return self;
}

/** The same site from other sources: another version in page and engines, another title, one shard retrained. */
function nextBuild() {
  const site = fs.mkdtempSync(path.join(os.tmpdir(), "cnn-lens-next-")), at = (name) => path.join(site, name);
  fs.cpSync(dist, site, { recursive: true });
  for (const name of fs.readdirSync(site)) {
    if (/\.(br|gz)$/.test(name)) fs.rmSync(at(name));
    else if (name.endsWith("_bg.wasm")) {
      const bytes = fs.readFileSync(at(name)), found = bytes.latin1Slice().search(/\d+\.\d+\.\d+\+[0-9a-f]{16}/);
      bytes.write("2222222222222222", bytes.indexOf("+", found) + 1);
      fs.writeFileSync(at(name), bytes);
    }
  }
  // as they come from the compiler
  for (const name of fs.readdirSync(site)) if (name.startsWith("worker_")) fs.renameSync(at(name), at(name.replace(/-[0-9a-f]{16}/, "")));
  fs.writeFileSync(at("index.html"), fs.readFileSync(at("index.html"), "utf8").replace("<title>", "<title>Next "));
  const manifest = manifestOf(site), shard = manifest.shards[0], plain = zlib.gunzipSync(fs.readFileSync(at(`weights/${shard.file}`)));
  plain[plain.length - 3] ^= 1;
  const bytes = zlib.gzipSync(plain);
  fs.writeFileSync(at(`weights/${shard.file}`), bytes);
  Object.assign(shard, { bytes: bytes.length, sha256: createHash("sha256").update(plain).digest("hex") });
  fs.writeFileSync(at("weights/manifest.json"), JSON.stringify(manifest));
  execFileSync("node", ["tools/post-build.mjs", site, "quick"], { cwd: root, env: { ...process.env, CNN_LENS_TOOLS: process.env.CNN_LENS_TOOLS ?? path.join(os.homedir(), ".cache/cnn-lens/tools") } });
  return site;
}

let browser, next;
const hosts = [];
before(async () => { next = nextBuild(); browser = await launch(); });
after(async () => { await browser.close(); for (const site of hosts) site.close(); fs.rmSync(next, { recursive: true, force: true }); });

const withContext = async (options, f) => {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 }, ...options });
  try { return await f(context); } finally { await context.close(); }
};
const visit = async (context, url, ready = "#tiles") => {
  const page = await context.newPage();
  await page.goto(url);
  if (ready) await page.waitForSelector(ready, { timeout: 60_000 });
  return page;
};
/** Addresses in the page's caches and in that of the weights, seen from a page outside of the site's folder. */
const kept = (page) => page.evaluate(async () => {
  const found = { pages: {}, weights: [] }, registrations = await navigator.serviceWorker.getRegistrations();
  // a service worker may have its files and not answer yet, or wait until nobody uses the one before
  found.settled = registrations.every((r) => r.active?.state === "activated" && !r.installing);
  found.waiting = registrations.some((r) => r.waiting);
  for (const name of await caches.keys()) {
    const urls = (await (await caches.open(name)).keys()).map((r) => r.url);
    if (name.startsWith("cnn-lens-page-")) found.pages[name] = urls; else found.weights = urls;
  }
  return found;
});
const until = async (page, what, f) => {
  for (const end = Date.now() + 60_000; ; await page.waitForTimeout(200)) {
    const found = await kept(page);
    if (found.settled && f(found)) return found;
    assert.ok(Date.now() < end, `${what}: ${JSON.stringify(Object.entries(found.pages).map(([n, u]) => [n, u.length]))}`);
  }
};
const engine = (kind) => new RegExp(`/worker_${kind}-\\w+_bg\\.wasm$`);
const whole = (urls, kind = "cpu_relaxed") => urls.some((u) => engine(kind).test(u)) && urls.some((u) => u.includes("index.html"));

test("a second deployment on a host with max-age: one version at a time, engine and weights kept over it, old ones gone", async () => {
  const site = await host({ "/lens/": dist }, { headers: () => ({ "cache-control": "max-age=3600" }) }), url = `${site.origin}/lens/`;
  await withContext({}, async (context) => {
    const outside = await visit(context, `${site.origin}/`, null);
    let page = await visit(context, url);
    const first = await until(outside, "first", ({ pages }) => Object.values(pages).some((u) => whole(u)));
    await page.close();
    site.mounts["/lens/"] = next;
    page = await visit(context, url); // the old one, whole; the new one comes meanwhile
    assert.equal(await page.title(), "CNN Lens");
    await until(outside, "second", ({ pages }) => Object.keys(pages).length === 2 && Object.values(pages).every((u) => whole(u)));
    await page.close();
    const sums = (folder) => manifestOf(folder).shards.map((s) => s.sha256);
    await until(outside, "weights", ({ weights, waiting }) => !waiting && sums(next).every((sum) => weights.some((u) => u.endsWith(sum))));
    // before anybody has seen the new page: all of it, without a network
    site.down = true;
    site.asked.length = 0;
    page = await visit(context, `${url}#img=sample:coffee&m=saliency&autorun=1`, "#result");
    assert.equal(await page.title(), "Next CNN Lens");
    assert.equal(await page.locator("#problem").count(), 0);
    assert.deepEqual(site.asked.filter((u) => !u.endsWith("/sw.js")), []);
    const last = await until(outside, "last", ({ pages }) => Object.keys(pages).length === 1);
    assert.notDeepEqual(Object.keys(last.pages), Object.keys(first.pages));
    assert.deepEqual(last.weights.map((u) => u.split("=")[1]).sort(), sums(next).sort(), "old shards are evicted");
  });
});

test("an old page in the HTTP cache beside files that are gone: loaded anew, once, and said", async () => {
  for (const fresh of [/^app-/, /^worker_/]) { // which the HTTP cache does not hold
    const site = await host({ "/lens/": dist }, { headers: (name) => ({ "cache-control": fresh.test(name) ? "no-store" : "max-age=3600" }) });
    await withContext({}, async (context) => {
      // (Playwright's own way to block service workers switches the HTTP cache off)
      await context.addInitScript(() => { delete Navigator.prototype.serviceWorker; });
      await (await visit(context, `${site.origin}/lens/`)).close();
      site.mounts["/lens/"] = next;
      const page = await visit(context, `${site.origin}/lens/`, "#renewed:visible");
      await page.waitForSelector("#tiles", { timeout: 60_000 });
      assert.equal(await page.title(), "Next CNN Lens", `${fresh}`);
      assert.equal(await page.locator("#problem").count(), 0);
    });
    }
});

test("page and engine of different builds refuse each other", async () => {
  const site = await host({ "/lens/": dist });
  await withContext({ serviceWorkers: "block" }, async (context) => {
    const page = await visit(context, `${site.origin}/lens/bench.html`, null);
    const error = await page.evaluate(async () => {
      const { CnnLens } = await import("./cnn-lens.js");
      return CnnLens.load({ device: "cpu", version: "0.0.0+other" }).then(() => null, ({ kind, detail, sentence }) => ({ kind, detail, sentence }));
    });
    assert.equal(error.kind, "mixed_versions");
    assert.match(error.detail, /^engine \d+\.\d+\.\d+\+[0-9a-f]{16}, page 0\.0\.0\+other$/);
    assert.match(error.sentence.en, /two versions/);
  });
});

test("who runs on the GPU keeps the CPU's engine too", async () => {
  const site = await host({ "/lens/": dist }), gpu = await launch({ webgpu: true });
  try {
    const context = await gpu.newContext({ locale: "en-GB" });
    await visit(context, `${site.origin}/lens/?device=webgpu`);
    const outside = await visit(context, `${site.origin}/`, null);
    await until(outside, "engines", ({ pages }) => Object.values(pages).some((u) => whole(u, "gpu") && whole(u)));
  } finally { await gpu.close(); }
});

test("who uses another network keeps its first screens and channels' pictures too, and nobody else fetches them", async () => {
  const site = await host({ "/lens/": dist });
  const own = (urls) => urls.map((u) => /\/((?:catalogue|examples)\/squeezenet\/.*?)(?:\?|$)/.exec(u)?.[1]).filter(Boolean).sort();
  const files = fs.readdirSync(dist, { recursive: true }).filter((f) => /^(catalogue|examples)\/squeezenet\/.*\./.test(f)).sort();
  assert.ok(files.length > 20, files.join(", "));
  await withContext({}, async (context) => {
    const page = await visit(context, `${site.origin}/lens/`), outside = await visit(context, `${site.origin}/`, null);
    const first = await until(outside, "first", ({ pages }) => Object.values(pages).some((u) => whole(u)));
    assert.deepEqual(Object.values(first.pages).flatMap(own), []);
    await page.evaluate(() => { location.hash = "#img=sample:cat&net=squeezenet"; });
    const all = await until(outside, "another network", ({ pages }) => Object.values(pages).some((u) => own(u).length === files.length));
    assert.deepEqual(Object.values(all.pages).flatMap(own), files);
  });
});

test("beside other sites of its host: they stay as they are, and two copies keep each their own", async () => {
  const blog = fs.mkdtempSync(path.join(os.tmpdir(), "cnn-lens-blog-"));
  fs.writeFileSync(path.join(blog, "index.html"), "<title>My blog</title>");
  const site = await host({ "/": dist, "/blog/": blog, "/2026/lens/": next });
  await withContext({}, async (context) => {
    await (await visit(context, `${site.origin}/`)).close();
    const outside = await visit(context, `${site.origin}/blog/`, null);
    const root = await until(outside, "root", ({ pages }) => Object.values(pages).some((u) => whole(u)));
    await outside.reload();
    assert.equal(await outside.title(), "My blog");
    await (await visit(context, `${site.origin}/2026/lens/`)).close();
    const both = await until(outside, "both", ({ pages }) => Object.keys(pages).length === 2 && Object.values(pages).every((u) => whole(u)));
    const [name] = Object.keys(root.pages);
    assert.deepEqual(both.pages[name], root.pages[name]);
    site.down = true;
    for (const [folder, title] of [["/", "CNN Lens"], ["/2026/lens/", "Next CNN Lens"]]) {
      const page = await visit(context, site.origin + folder);
      assert.equal(await page.title(), title);
      await page.close();
    }
    await assert.rejects(outside.goto(`${site.origin}/blog/`), "not ours to answer");
  });
});

test("a page that cannot come up says how to serve it, in both languages", async () => {
  const plain = (name, res) => /^page\.js/.test(name) && !!res.writeHead(200, { "content-type": "text/plain" }).end("export {}");
  const missing = (name, res) => name === "cnn-lens.js" && !!res.writeHead(404).end();
  const sites = [await host({ "/": dist }, { answer: plain }), await host({ "/": dist }, { answer: missing })];
  await withContext({ serviceWorkers: "block" }, async (context) => {
    const addresses = [[`file://${dist}/index.html`, /./], [sites[0].origin, /^page\.js: served as text\/plain$/], [sites[1].origin, /^cnn-lens\.js: status 404$/]];
    for (const [address, detail] of addresses) {
      const page = await visit(context, address, null);
      await page.waitForFunction(() => document.querySelector("#no-app-detail")?.textContent, null, { timeout: 20_000 });
      const text = await page.innerText("#no-app");
      assert.match(text, /python3 -m http\.server/);
      assert.match(text, /未能启动/);
      assert.match(await page.textContent("#no-app-detail"), detail);
      await page.close();
    }
  });
  // without a word of boot.js too
  const silent = await host({ "/": dist }, { answer: (name, res) => /^(boot|cnn-lens)\.js/.test(name) && !!res.writeHead(404).end() });
  await withContext({ serviceWorkers: "block" }, async (context) => {
    const page = await visit(context, silent.origin, null);
    await page.locator("#no-app").getByText("has not started").waitFor({ timeout: 30_000 });
  });
});

test("a host without some files, or that answers everything with its page: what is missing, and the likely setting", async () => {
  const page = (res) => !!res.writeHead(200, { "content-type": "text/html" }).end(fs.readFileSync(path.join(dist, "index.html")));
  const cases = [
    { gone: /^worker_cpu\S*\.wasm$/, kind: "engine_missing", says: /copy every file of dist/, detail: /worker_cpu_relaxed-\w+_bg\.wasm: status 404/ },
    { gone: /^worker_cpu\S*\.js$/, answer: page, kind: "engine_missing", says: /copy every file of dist/, detail: /worker_cpu_relaxed-\w+\.js: served as text\/html/ },
    { gone: /\.gz$/, kind: "weights_missing", says: /allow files that end in \.gz/, detail: /status 404/ },
    { gone: /\.gz$/, answer: page, kind: "page_for_file", says: /answers every address with index\.html/, detail: /served as text\/html/ },
  ];
  for (const { gone, answer, kind, says, detail } of cases) {
    const site = await host({ "/": dist }, { answer: (name, res) => gone.test(name) && (answer?.(res) ?? !!res.writeHead(404).end()) });
    await withContext({}, async (context) => {
      const page = await visit(context, site.origin, `#problem[data-kind=${kind}]`);
      await page.waitForTimeout(1000); // the page may be loaded anew, once
      await page.waitForSelector(`#problem[data-kind=${kind}]`, { timeout: 60_000 });
      assert.match(await page.textContent("#problem"), says);
      assert.match(await page.textContent("#problem code"), detail);
      assert.ok(await page.isVisible("#classes [data-class='285']"), "the first screen stays");
      // the visit, whether there is a network, its copy in the HTTP cache, the second visit
      assert.ok(site.asked.filter((u) => u === "/").length <= 4, "no loop");
    });
    }
});

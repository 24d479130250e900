// node run.mjs FOLDER : SqueezeNet 1.1 forward and its input gradient, ours and two peers, in turns in one run of Chromium; prints a
// table. FOLDER holds node_modules (package.json beside this file) and data/ (prep.py). dist/ must be built.
// Every round measures each page once, so that whatever else the machine does meets all of them; the table has medians
// and, in brackets, the middle half.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { createRequire } from "node:module";
import { launch, root } from "../../tests/e2e/browser.mjs";

const here = import.meta.dirname, folder = path.resolve(process.argv[2]), ROUNDS = 15;
const { build } = createRequire(`${folder}/package.json`)("esbuild");
for (const name of ["ort", "tfjs"]) {
  const outdir = `${folder}/build/${name}`;
  await build({ entryPoints: { main: `${here}/${name}.js` }, bundle: true, minify: true, format: "esm", outdir, nodePaths: [`${folder}/node_modules`], logLevel: "error", external: ["module", "fs", "path", "util", "crypto", "worker_threads", "perf_hooks", "os"] });
  fs.writeFileSync(`${outdir}/index.html`, `<!doctype html><meta charset="utf-8"><script type="module" src="main.js"></script>`);
}

const TYPES = { html: "text/html", js: "text/javascript", mjs: "text/javascript", wasm: "application/wasm", json: "application/json" };
const PLACES = { pkg: `${folder}/node_modules`, data: `${folder}/data`, ours: `${root}/dist` };
const server = http.createServer((request, response) => {
  const [place, ...rest] = decodeURIComponent(request.url.split("?")[0]).slice(1).split("/");
  const file = path.join(PLACES[place] ?? `${folder}/build/${place}`, rest.join("/") || "index.html");
  if (!fs.existsSync(file)) { response.writeHead(404); response.end(); return; }
  response.writeHead(200, { "content-type": TYPES[file.split(".").pop()] ?? "application/octet-stream", "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" });
  fs.createReadStream(file).pipe(response);
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const site = `http://127.0.0.1:${server.address().port}`, browser = await launch();

const PAGES = { "ours, CPU, 1 thread": "/ours/bench.html?net=squeezenet", "onnxruntime-web wasm, 1 thread": "/ort/", "tfjs wasm, 1 thread": "/tfjs/" };
const rows = [];
for (const [name, address] of Object.entries(PAGES)) {
  const page = await (await browser.newContext()).newPage();
  page.on("pageerror", (e) => console.error(name, String(e)));
  await page.goto(site + address);
  await page.waitForFunction(() => window.bench?.init);
  const info = await page.evaluate(async () => {
    const floats = async (name) => new Float32Array(await (await fetch(`/data/${name}.bin`)).arrayBuffer());
    const graph = await (await fetch("/data/graph.json")).json();
    const info = await bench.init(graph);
    /** Relative L2. */
    const error = (a, b) => Math.sqrt(a.reduce((s, v, i) => s + (v - b[i]) ** 2, 0) / b.reduce((s, v) => s + v * v, 0));
    const [x, logits, gradient] = [await floats("x"), await floats("logits"), await floats("gradient")];
    window.once = async (what) => {
      const start = performance.now();
      const answer = what === "F" ? await bench.forward(x) : await bench.grad(x, graph.channel);
      const ms = performance.now() - start;
      return { ms, error: what === "F" ? error(answer, logits) : error(answer.grad, gradient) };
    };
    return typeof info === "string" ? info : JSON.stringify(info);
  });
  rows.push({ name, page, info, F: [], G: [], has: await page.evaluate(() => typeof bench.grad === "function") });
}
for (let round = 0; round <= ROUNDS; round++) {
  for (const row of rows) {
    for (const what of row.has ? "FG" : "F") {
      const { ms, error } = await row.page.evaluate((what) => once(what), what);
      // the first one compiles and packs
      if (round) row[what].push(ms);
      row[`error${what}`] = error;
    }
  }
}
const at = (all, share) => all.toSorted((a, b) => a - b)[Math.floor(all.length * share)];
const median = (all) => at(all, 0.5), told = (all) => `${median(all).toFixed(1)} (${at(all, 0.25).toFixed(1)} to ${at(all, 0.75).toFixed(1)})`;
console.log("| SqueezeNet 1.1, 224 x 224 | F, ms | G, ms | error F | error G |\n|---|---|---|---|---|");
for (const r of rows) console.log(`| ${r.name} (${r.info}) | ${told(r.F)} | ${r.has ? told(r.G) : "none"} | ${r.errorF.toExponential(1)} | ${r.has ? r.errorG.toExponential(1) : ""} |`);
const [ours, ort, tfjs] = rows;
console.log(`\nF ours / onnxruntime-web ${(median(ours.F) / median(ort.F)).toFixed(2)} (goal 0.6); G ours / tfjs ${(median(ours.G) / median(tfjs.G)).toFixed(3)} (goal 0.1)`);
await browser.close();
server.close();

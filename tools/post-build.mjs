// post-build.mjs STAGE WASM_OPT: wasm-opt (cached by content), gzip and brotli copies, the size report and its budget.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";

const [stage, wasmOpt] = process.argv.slice(2);
const cache = path.join(process.env.CNN_LENS_TOOLS, "../wasm-opt");
fs.mkdirSync(cache, { recursive: true });
const FEATURES = ["simd", "bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types", "multivalue",
  "relaxed-simd"];

for (const name of fs.readdirSync(stage).filter((n) => n.endsWith("_bg.wasm"))) {
  const file = path.join(stage, name);
  // the CPU kernels are hot: speed; everything else: size
  const level = name.startsWith("worker_cpu") ? "-O3" : "-Oz";
  const args = [level, "--strip-debug", "--strip-producers", ...FEATURES.map((f) => `--enable-${f}`)];
  const key = createHash("sha256").update(args.join(" ")).update(fs.readFileSync(file)).digest("hex");
  const kept = path.join(cache, key);
  if (!fs.existsSync(kept)) {
    execFileSync(wasmOpt, [...args, file, "-o", kept + ".new"], { stdio: ["ignore", "inherit", "inherit"] });
    fs.renameSync(kept + ".new", kept);
  }
  fs.copyFileSync(kept, file);
}

// A strict policy: code from this site only, the one inline script by its hash. Styles in attributes are numbers (bars, shades).
// A picture that a link names may come from elsewhere, once the visitor has agreed.
const index = path.join(stage, "index.html");
const html = fs.readFileSync(index, "utf8");
const hashes = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map((m) => `'sha256-${createHash("sha256").update(m[1]).digest("base64")}'`);
const policy = ["default-src 'none'", `script-src 'self' 'wasm-unsafe-eval' ${hashes.join(" ")}`, "worker-src 'self' blob:", "style-src 'self'", "style-src-attr 'unsafe-inline'",
  "img-src 'self' data: blob:", "media-src 'self' blob:", "connect-src 'self' https:", "base-uri 'none'", "form-action 'none'"].join("; ");
if (!html.includes("Content-Security-Policy")) {
  fs.writeFileSync(index, html.replace(/(<meta charset="utf-8"\s*\/?>)/, `$1\n  <meta http-equiv="Content-Security-Policy" content="${policy}">`));
  if (!fs.readFileSync(index, "utf8").includes("Content-Security-Policy")) throw new Error("index.html has no place for its policy");
}

// What a click on an element's poster costs: the weights, the page and the CPU engine.
const embed = path.join(stage, "embed.js");
const manifest = JSON.parse(fs.readFileSync(path.join(stage, "weights/manifest.json"), "utf8"));
const code = fs.readdirSync(stage).filter((n) => /^(app-|worker_cpu_relaxed).*(wasm|js)$/.test(n)).reduce((sum, n) => sum + zlib.gzipSync(fs.readFileSync(path.join(stage, n))).length, 0);
const megabytes = (manifest.shards.reduce((sum, s) => sum + s.bytes, 0) + code) / 1e6;
fs.writeFileSync(embed, fs.readFileSync(embed, "utf8").replace('MB = "15"', `MB = "${megabytes.toFixed(1)}"`));

// What the service worker keeps: all but the engines (it is told which one is in use), the weights (they keep themselves) and the bench.
const all = fs.readdirSync(stage, { recursive: true, withFileTypes: true }).filter((f) => f.isFile())
  .map((f) => path.relative(stage, path.join(f.parentPath, f.name)).replaceAll("\\", "/")).filter((f) => !/^sw\.js$|\.(br|gz|md)$/.test(f)).sort();
const files = all.filter((f) => !/^(worker_|bench)|^weights\/(?!manifest\.json)/.test(f));
const version = createHash("sha256");
for (const f of all) version.update(fs.readFileSync(path.join(stage, f)));
const sw = path.join(stage, "sw.js");
fs.writeFileSync(sw, fs.readFileSync(sw, "utf8").replace('"dev"', JSON.stringify(version.digest("hex").slice(0, 16))).replace("FILES = []", `FILES = ${JSON.stringify(files.map((f) => `./${f}`))}`));

/** Level 11 takes seconds a megabyte: kept by content, as wasm-opt's output is. */
function brotli(bytes) {
  const kept = path.join(cache, createHash("sha256").update(bytes).digest("hex") + ".br");
  if (!fs.existsSync(kept)) fs.writeFileSync(kept, zlib.brotliCompressSync(bytes));
  return fs.readFileSync(kept);
}

const sizes = {};
for (const name of fs.readdirSync(stage).filter((n) => /\.(js|wasm|css|html)$/.test(n))) {
  const bytes = fs.readFileSync(path.join(stage, name));
  const small = brotli(bytes);
  const gzip = zlib.gzipSync(bytes, { level: 9 });
  if (name.endsWith(".wasm")) {
    fs.writeFileSync(path.join(stage, name + ".br"), small);
    fs.writeFileSync(path.join(stage, name + ".gz"), gzip);
  }
  sizes[name] = { raw: bytes.length, gzip: gzip.length, brotli: small.length };
}
const sum = (keep, kind) => Object.entries(sizes).filter(([n]) => keep(n)).reduce((s, [, v]) => s + v[kind], 0);
const page = (n) => !/^(worker_|bench|embed|sw|course|blog)/.test(n);
const paths = {
  "CPU path": (n) => page(n) || n.startsWith("worker_cpu_relaxed"),
  "CPU path, plain SIMD": (n) => page(n) || /^worker_cpu(_bg)?\./.test(n),
  "WebGPU path": (n) => page(n) || n.startsWith("worker_gpu"),
};
const kb = (n) => `${(n / 1000).toFixed(0).padStart(6)} kB`;
// raised from 760 and 1560 kB with the laboratories (issue 7): eighteen methods with their texts in the app and in each worker,
// corruptions, metrics, JPEG and PNG encoders, the report
const BUDGET = { "CPU path": 1_000_000, "CPU path, plain SIMD": 1_000_000, "WebGPU path": 1_800_000 };
let over = false;
console.log("code a visitor downloads        raw        gzip      brotli");
for (const [name, v] of Object.entries(sizes).filter(([n]) => n.endsWith(".wasm"))) {
  console.log(name.slice(0, 26).padEnd(26), kb(v.raw), " ", kb(v.gzip), " ", kb(v.brotli));
}
for (const [name, keep] of Object.entries(paths)) {
  const total = sum(keep, "brotli");
  over ||= total > BUDGET[name];
  console.log(name.padEnd(26), kb(sum(keep, "raw")), " ", kb(sum(keep, "gzip")), " ", kb(total), total > BUDGET[name] ? "OVER the budget" : "within", kb(BUDGET[name]));
}
if (over) {
  console.error("The code is larger than its budget (tools/post-build.mjs). Find out what grew before raising it.");
  process.exit(1);
}

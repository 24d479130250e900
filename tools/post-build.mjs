// post-build.mjs SITE WASM_OPT: wasm-opt (cached by content), names and versions, the strict policy, gzip and brotli copies, the
// size report and its budget; no wasm-opt, copies and report for WASM_OPT = quick. May run again on a finished site: after a
// change in www/*.js, or when an engine is built later (`make serve`).
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import zlib from "node:zlib";

const [stage, wasmOpt] = process.argv.slice(2);
const quick = wasmOpt === "quick";
const cache = path.join(process.env.CNN_LENS_TOOLS, "../wasm-opt");
fs.mkdirSync(cache, { recursive: true });
const FEATURES = ["simd", "bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types", "multivalue",
  "relaxed-simd"];

const read = (name) => fs.readFileSync(path.join(stage, name));
const text = (name) => read(name).toString();
const write = (name, content) => fs.writeFileSync(path.join(stage, name), content);
const has = (name) => fs.existsSync(path.join(stage, name));
const digest = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex").slice(0, 16);
/** Fills in `const NAME = ...;` of a script. */
const fill = (script, name, value) => script.replace(new RegExp(`^const ${name} = .*?;`, "m"), () => `const ${name} = ${JSON.stringify(value)};`);

// what has its compressed copies is done; one file keeps one core busy
await Promise.all((quick ? [] : fs.readdirSync(stage).filter((n) => n.endsWith("_bg.wasm") && !has(`${n}.br`))).map(async (name) => {
  const file = path.join(stage, name);
  // the CPU kernels are hot: speed; everything else: size
  const level = name.startsWith("worker_cpu") ? ["-O3"] : name.startsWith("app") ? ["-Oz", "--merge-similar-functions", "-Oz"] : ["-Oz"];
  // functions of like names stand side by side: brotli finds what they have in common. The lowest kilobyte is the far end of the
  // stack (rustc links with --stack-first), so an address may be an offset alone.
  const args = [...level, "--low-memory-unused", "--reorder-functions-by-name", "--strip-debug", "--strip-producers", ...FEATURES.map((f) => `--enable-${f}`)];
  const key = createHash("sha256").update(args.join(" ")).update(fs.readFileSync(file)).digest("hex");
  const kept = path.join(cache, key);
  if (!fs.existsSync(kept)) {
    const own = `${kept}.${name}.new`;
    const { stdout, stderr } = await promisify(execFile)(wasmOpt, [...args, file, "-o", own]);
    process.stderr.write(stdout + stderr);
    fs.renameSync(own, kept);
  }
  fs.copyFileSync(kept, file);
}));

// Versions never mix, whatever a cache holds. The engines' files and the app's carry their content in their names; a script with
// a fixed name is asked for with its revision (page.js?v=...).
for (const name of fs.readdirSync("www").filter((n) => /\.(js|html)$/.test(n))) fs.copyFileSync(path.join("www", name), path.join(stage, name));
const engines = {};
for (const [kind, base] of [["cpu", "worker_cpu"], ["cpu_relaxed", "worker_cpu_relaxed"], ["gpu", "worker_gpu"], ["reader", "reader_web"]]) {
  const ends = [".js", "_bg.wasm"];
  if (has(`${base}.js`)) {
    const named = `${base}-${digest(...ends.map((end) => read(base + end)))}`;
    for (const old of fs.readdirSync(stage)) if (new RegExp(`^${base}-`).test(old) && !old.startsWith(named)) fs.rmSync(path.join(stage, old));
    for (const end of ends) fs.renameSync(path.join(stage, base + end), path.join(stage, named + end));
  }
  const found = fs.readdirSync(stage).find((n) => new RegExp(`^${base}-\\w+\\.js$`).test(n));
  if (found) engines[kind] = found.replace(".js", "");
}
const { reader } = engines;
delete engines.reader;
if (reader) write("reader-worker.js", fill(text("reader-worker.js"), "READER", `./${reader}`));
const appOf = () => /app-[0-9a-f]+/.exec(text("index.html"))[0];
// page and engines say the same version, or they would refuse each other
const [, number] = /^version = "(.*)"/m.exec(fs.readFileSync("Cargo.toml", "utf8")); // a text before it may end in digits
const versions = [appOf(), ...Object.values(engines)].map((n) => new RegExp(`${number.replaceAll(".", "\\.")}\\+[0-9a-f]{16}`).exec(read(`${n}_bg.wasm`).latin1Slice())?.[0]);
if (versions[0] === undefined || versions.some((v) => v !== versions[0])) throw new Error(`builds of different sources: ${versions}`);

const revision = (name) => digest(read(name));
const revised = (content, names) => names.reduce((all, name) => all.replace(
  new RegExp(`((?:from |import\\(|src=|href=)["'](?:\\./)?)${name.replace(".", "\\.")}(?:\\?v=\\w+)?(["'])`, "g"), `$1${name}?v=${revision(name)}$2`), content);
write("reader.js", text("reader.js").replace('"reader-worker.js"', `"reader-worker.js?v=${revision("reader-worker.js")}"`));
write("cnn-lens.js", fill(fill(revised(text("cnn-lens.js"), ["pictures.js", "reader.js"]), "VERSION", versions[0]), "ENGINES", engines)
  .replace("worker.js?", `worker.js?v=${revision("worker.js")}&`));
write("open-network.js", revised(text("open-network.js"), ["cnn-lens.js", "kept.js", "reader.js"]));
write("pair.js", revised(text("pair.js"), ["cnn-lens.js"]));
write("page.js", revised(text("page.js"), ["open-network.js", "kept.js", "pair.js"]));
write("bench.js", revised(text("bench.js"), ["cnn-lens.js"]));
const app = appOf();
fs.cpSync("www/story", path.join(stage, "story"), { recursive: true });
write("story.js", fill(text("story.js"), "REVISIONS", Object.fromEntries(fs.readdirSync("www/story").sort().map((n) => [n.replace(".json", ""), revision(`story/${n}`)]))));
write(`${app}.js`, revised(text(`${app}.js`), ["cnn-lens.js", "files.js", "page.js", "story.js", "translated.js"]));
const named = `app-${digest(read(`${app}.js`), read(`${app}_bg.wasm`))}`;
for (const end of named === app ? [] : [".js", "_bg.wasm", "_bg.wasm.br", "_bg.wasm.gz"]) if (has(app + end)) fs.renameSync(path.join(stage, app + end), path.join(stage, named + end));
write("index.html", revised(text("index.html").replaceAll(app, named), ["boot.js"]));

// A strict policy: code from this site only, the one inline script by its hash. Styles in attributes are numbers (bars, shades).
// A picture that a link names may come from elsewhere, once the visitor has agreed. A script at the head's end sets it, before any other
// runs (the app's is a module), and names the site: in a frame without an origin WebKit takes 'self' for nothing at all. (A file:// address has no name.)
const html = text("index.html");
const hashes = [...html.matchAll(/<script(?![^>]*\s(?:src|id)=)[^>]*>([\s\S]*?)<\/script>/g)].map((m) => `'sha256-${createHash("sha256").update(m[1]).digest("base64")}'`);
const policy = ["default-src 'none'", `script-src 'self' 'wasm-unsafe-eval' ${hashes.join(" ")}`, "worker-src 'self' blob:", "style-src 'self'", "style-src-attr 'unsafe-inline'",
  "img-src 'self' data: blob:", "media-src 'self' blob:", "connect-src 'self' blob: https:", "base-uri 'none'", "form-action 'none'"].join("; ");
const setter = `<script id="policy">{
    const meta = document.createElement("meta");
    meta.httpEquiv = "Content-Security-Policy";
    meta.content = "${policy}".replaceAll("'self'", location.protocol.startsWith("http") ? location.origin : "'self'");
    document.head.append(meta);
  }</script>`;
const place = /(\s*<script id="policy">[\s\S]*?<\/script>)?\s*<\/head>/;
if (!place.test(html)) throw new Error("index.html has no place for its policy");
write("index.html", html.replace(place, () => `\n  ${setter}\n</head>`));

// What a click on an element's poster costs: the weights, and the program (the page and the CPU engine).
const code = fs.readdirSync(stage).filter((n) => /^(app-|worker_cpu_relaxed).*(wasm|js)$/.test(n)).reduce((sum, n) => sum + zlib.gzipSync(read(n)).length, 0);
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
const cards = fs.readdirSync(path.join(stage, "weights")).filter((id) => has(`weights/${id}/card.json`));
// the first network's shards stand beside the other networks' folders
const shards = (id) => JSON.parse(text(has(`weights/${id}/manifest.json`) ? `weights/${id}/manifest.json` : "weights/manifest.json")).shards;
const sizesOf = Object.fromEntries(cards.map((id) => [id, megabytes(shards(id).reduce((sum, s) => sum + s.bytes, 0))]));
write("embed.js", fill(fill(text("embed.js"), "MB", sizesOf), "CODE", megabytes(code)));
for (const name of ["course.html", "blog.html"]) write(name, revised(text(name), ["blog.css", "course.js", "embed.js"].filter((n) => text(name).includes(n))));

// What the service worker keeps: all but the weights (they keep themselves) and the bench; the engines, and what comes with other
// networks than the first, as parts: it is told which ones are in use.
const all = fs.readdirSync(stage, { recursive: true, withFileTypes: true }).filter((f) => f.isFile())
  .map((f) => path.relative(stage, path.join(f.parentPath, f.name)).replaceAll("\\", "/")).filter((f) => !/\.(br|gz|md)$/.test(f)).sort();
const files = all.filter((f) => !/^(worker_|bench|reader_web|sw\.js)|^weights\/(?!([\w-]+\/)?manifest\.json)/.test(f));
// those of which the name says the content have no revision
const revisions = (names) => Object.fromEntries(names.map((f) => [f, /^(app|style|worker_\w+)-/.test(f) ? "" : revision(f)]));
const parts = Object.fromEntries(Object.entries(engines).map(([kind, name]) => [kind, [`${name}.js`, `${name}_bg.wasm`]]));
for (const id of cards) if (has(`weights/${id}/manifest.json`)) parts[id] = files.filter((f) => new RegExp(`^(catalogue|examples)/${id}/`).test(f));
const always = files.filter((f) => !Object.values(parts).flat().includes(f));
write("sw.js", [["VERSION", digest(...all.map(read))], ["FILES", revisions(always)], ["PARTS", Object.fromEntries(Object.entries(parts).map(([part, names]) => [part, revisions(names)]))]]
  .reduce((script, [name, value]) => fill(script, name, value), text("sw.js")));

if (quick) process.exit(0);

/** Level 11 takes seconds a megabyte: kept by content, as wasm-opt's output is. */
async function brotli(bytes) {
  const kept = path.join(cache, createHash("sha256").update(bytes).digest("hex") + ".br");
  if (!fs.existsSync(kept)) fs.writeFileSync(kept, await promisify(zlib.brotliCompress)(bytes));
  return fs.readFileSync(kept);
}

const sizes = {};
const told = fs.readdirSync(stage).filter((n) => /\.(js|wasm|css|html)$/.test(n));
const smaller = await Promise.all(told.map((name) => brotli(read(name))));
for (const [i, name] of told.entries()) {
  const bytes = read(name), small = smaller[i];
  const gzip = zlib.gzipSync(bytes, { level: 9 });
  if (name.endsWith(".wasm")) {
    fs.writeFileSync(path.join(stage, name + ".br"), small);
    fs.writeFileSync(path.join(stage, name + ".gz"), gzip);
  }
  sizes[name] = { raw: bytes.length, gzip: gzip.length, brotli: small.length };
}
const sum = (keep, kind) => Object.entries(sizes).filter(([n]) => keep(n)).reduce((s, [, v]) => s + v[kind], 0);
const page = (n) => !/^(worker_|bench|embed|sw|course|blog|reader|open-network|kept|pair\.)/.test(n); // the last four: for who opens or compares networks
const paths = {
  "app": (n) => /^app-\w+_bg\.wasm$/.test(n),
  "CPU path": (n) => page(n) || n.startsWith("worker_cpu_relaxed"),
  "CPU path, plain SIMD": (n) => page(n) || /^worker_cpu-/.test(n),
  "WebGPU path": (n) => page(n) || n.startsWith("worker_gpu"),
};
const kb = (n) => `${(n / 1000).toFixed(0).padStart(6)} kB`;
// What a visitor downloads at most, compressed. What grew is to be found before one of these is raised.
// The page had 370 kB before there were networks of the visitor's own and two side by side.
const BUDGET = { "app": 396_000, "CPU path": 1_080_000, "CPU path, plain SIMD": 1_080_000, "WebGPU path": 1_900_000 };
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

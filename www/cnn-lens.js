// CNN Lens: a real CNN (VGG16, or SqueezeNet 1.1) in the browser, as an ES module. The page, the tests and bench.html use this very file.
//
//   const lens = await CnnLens.load({ device: "auto", onProgress: (p) => … });
//   await lens.setImage(urlOrBlobOrImageData, { size: 224, fit: "crop" });
//   await lens.classify({ top: 5 });                    // [{ index, label, logit, probability }]
//   const r = await lens.run("feature_maps", { layer: "conv4_2" });   // { figures: [{ kind, width, height, channels, data }], meta }
//   await lens.useNetwork("squeezenet");              // see lens.networks()
//   lens.methods(); lens.device; lens.close();
//
// The engine lives in a disposable worker. Calls are answered one after another, in the order in which they were made; each
// is a job of its own:
//
// * its progress, previews and result are its own, and nothing more comes of it once its promise has settled;
// * its signal cancels it alone: at once while it waits, at its next step while it runs. A job that does not answer a cancel
//   for 10 s, or says nothing for 30 s (5 minutes on WebGPU), costs the worker; time spent waiting for others never counts.
//
// A dead or silent worker is replaced, and gets your own weights and the pictures again; only the job that it was at is
// rejected, the others wait for the new one. The event `restart` tells, with `lost`: what could not be restored. When the
// engine cannot be brought up again, every call is rejected (`engine_stopped`) until reload(). Every promise settles.

import * as pictures from "./pictures.js";

// The build's version, and the engines' files (worker.js adds their endings); tools/post-build.mjs fills in both lines.
const VERSION = "dev";
const ENGINES = { cpu: "worker_cpu", cpu_relaxed: "worker_cpu_relaxed", gpu: "worker_gpu" };

/** An error with a kind, a sentence and what to do next, in English and Chinese. */
export class LensError extends Error {
  constructor({ kind, detail = "", sentence, action }) {
    super([sentence?.en ?? kind, action?.en, detail && `(${detail})`].filter(Boolean).join(" "));
    Object.assign(this, { name: "LensError", kind, detail, sentence, action });
  }
}

// Only what can fail before the worker has told all its texts (catalog/problem.rs).
const EARLY = {
  no_wasm: {
    sentence: { en: "This browser cannot run WebAssembly with SIMD.", zh: "此浏览器无法运行带 SIMD 的 WebAssembly。" },
    action: { en: "Use a current version of Firefox, Chrome, Edge or Safari.", zh: "请使用最新版的 Firefox、Chrome、Edge 或 Safari。" },
  },
  bad_parameter: {
    sentence: { en: "A parameter has a value that is not taken here.", zh: "某个参数的取值在此不被接受。" },
    action: { en: "See the documentation of load().", zh: "请参阅 load() 的文档。" },
  },
  cancelled: { sentence: { en: "Cancelled.", zh: "已取消。" }, action: { en: "Nothing was changed.", zh: "没有任何改变。" } },
  engine_stopped: {
    sentence: { en: "The engine could not be started.", zh: "引擎无法启动。" },
    action: { en: "Check the connection and reload the page.", zh: "请检查网络连接并刷新页面。" },
  },
  engine_missing: {
    sentence: { en: "A file of the engine is missing.", zh: "引擎缺少一个文件。" },
    action: {
      en: "Check the connection and reload the page; on your own server, copy every file of dist/ and serve .js and .wasm as they are.",
      zh: "请检查网络连接并刷新页面；若是自己的服务器，请复制 dist/ 的全部文件，并原样提供 .js 与 .wasm。",
    },
  },
};

// (module (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt))
const SIMD = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);
// (module (func (param v128 v128 v128) (result v128) local.get 0 local.get 1 local.get 2 f32x4.relaxed_madd))
const RELAXED = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0,
  10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11]);
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;

const sleep = (ms) => new Promise((ok) => setTimeout(ok, ms));

/**
 * Whether the device has the memory for helpers, up to three more engines of 0.3 GB each: 4 GB where the browser tells (Chromium),
 * else a desktop. iPads call themselves Macintosh, but no Macintosh has a touch screen.
 */
export function affordsHelpers({ deviceMemory, userAgent = "", maxTouchPoints = 0 }) {
  if (typeof deviceMemory === "number") return deviceMemory >= 4;
  return /Windows NT|Macintosh|X11|CrOS/.test(userAgent) && !/Android|Mobi|iPhone|iPad/i.test(userAgent)
    && !(maxTouchPoints > 1 && /Macintosh/.test(userAgent));
}

/** The ladder: what was asked for, else a real GPU, else the CPU. Returns { kind, reason, missing?, name?, software? }. */
export async function chooseDevice(wish = "auto") {
  if (wish === "cpu") return { kind: "cpu", reason: "asked for" };
  if (!ENGINES.gpu) return { kind: "cpu", reason: "this copy of the site has no WebGPU engine (yet)", missing: wish === "webgpu" };
  let adapter = null, why = "this browser has no WebGPU";
  try {
    if (navigator.gpu) {
      why = "WebGPU has no adapter";
      adapter = await Promise.race([navigator.gpu.requestAdapter(), sleep(ADAPTER)]);
    }
  } catch (e) { why = `WebGPU failed: ${e.message}`; }
  if (!adapter) return { kind: "cpu", reason: why, missing: wish === "webgpu" };
  const info = adapter.info ?? {};
  const software = adapter.isFallbackAdapter || info.isFallbackAdapter
    || SOFTWARE.test([info.vendor, info.architecture, info.device, info.description].join(" "));
  if (software && wish !== "webgpu") return { kind: "cpu", reason: "the WebGPU adapter is software, which is slower than the CPU engine" };
  const name = [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(" ");
  return { kind: "webgpu", reason: wish === "webgpu" ? "asked for" : "a real GPU", name, software: Boolean(software) };
}

/**
 * A worker. A sandboxed frame has no origin that its script could share: there a small classic one (Chromium refuses module
 * workers without an origin) imports the script.
 */
function start(url, name) {
  if (self.origin !== "null") return new Worker(url, { type: "module", name });
  return new Worker(URL.createObjectURL(new Blob([`import(${JSON.stringify(url.href)})`], { type: "text/javascript" })), { name });
}

const ADAPTER = 10_000; // for WebGPU's answer
const START = 60_000; // without a word while it comes up, a worker counts as dead
const SILENCE = { cpu: 30_000, webgpu: 300_000 }; // … while it works or loads
const CANCEL_GRACE = 10_000;
const LOSSES = 5; // workers in a minute, or one after another without one answer between
const PAUSES = [0, 500, 1000, 2000, 4000]; // before each attempt to replace one

/**
 * Reads a network's files in a worker of its own, which ends with it: { card, manifest, shards, classes, labelsFile, notes }, as openNetwork
 * takes it. Rejected with a LensError whose sentence says what the file is and what to do.
 */
export async function readNetwork(files, { onProgress, signal } = {}) {
  const { read } = await import("./reader.js");
  return read(files, { onProgress, signal, failed: (problem) => new LensError({ ...EARLY[problem.kind], ...problem }) });
}

/**
 * One engine. Events (detail carries the message): device, weights ({ bytes, total, cached }), loaded, problem (a LensError),
 * restart ({ detail, device, lost }; lost lists what the new worker has not got: "results" (of runs before, for report() and
 * `start: "last"`), "picture", "second picture", "gallery: GROUP").
 */
export class CnnLens extends EventTarget {
  #worker = null; #hello = null; #cpu; #helpers = true; #silence; #weights; #versions;
  #net; // the network asked for; undefined: the first
  #local = new Map(); // the visitor's own networks by their ids: { info, card, manifest, addresses }
  #queue = []; #running = null; #next = 1; // jobs, and places of pictures that are being read
  #turns = new Map(); // pictures on their way to the worker: the newest of each role
  #image = null; #second = null; #gallery = []; #own = new Map(); #ran = false; #missing = null; // what a new worker gets again
  #born = null; #restarting = null; #broken = null; #losses = []; #vain = 0; // the worker's life
  #settle = null; #loading = false; #watch = null; #quiet = 0;

  /**
   * net: the network, "vgg16" (the default) or "squeezenet"; networks: your own (`read` of openNetwork's answer), which net may name; device: "auto" | "webgpu" | "cpu"; base: folder of the site (default: beside this file); weights: folder of the weights of all networks, false for none (see setArrays);
   * onProgress: { bytes, total, cached } of the weights; lazy: resolve before the weights have arrived (jobs then wait);
   * helpers: false for an engine beside another one, which takes one worker and no more;
   * simd: "auto" (fused multiply-add where the browser has relaxed SIMD) or "plain"; silence: milliseconds after which a silent
   * worker counts as dead; signal: closes the engine, also while it is loading; on: { event: listener };
   * version: what the caller was built with, if the engine must have the same.
   * A load that is rejected leaves no worker behind.
   */
  static async load(options) {
    const { net, networks = [], device = "auto", simd = "auto", helpers = true, base, weights, onProgress, lazy = false, silence, signal, version = VERSION, on = {} } = options ?? {};
    const lens = new CnnLens();
    lens.#need(["auto", "webgpu", "cpu"].includes(device), `device = ${device}: takes auto, webgpu or cpu`);
    lens.base = new URL(base ?? ".", base ? document.baseURI : import.meta.url).href.replace(/\/?$/, "/");
    lens.weightsBase = weights === false ? null : new URL(weights ?? "weights/", lens.base).href.replace(/\/?$/, "/");
    networks.forEach((read) => lens.#know(read));
    lens.#need(net === undefined || lens.#local.has(net) || /^[\w-]+$/.test(net), `net = ${net}: takes a network's id`);
    lens.#net = net;
    lens.#silence = silence;
    lens.#helpers = helpers;
    lens.#versions = [VERSION, version].filter((v) => v !== "dev");
    for (const [name, f] of Object.entries(on)) lens.addEventListener(name, (e) => f(e.detail));
    if (onProgress) lens.addEventListener("weights", (e) => onProgress(e.detail));
    if (typeof WebAssembly !== "object" || !WebAssembly.validate(SIMD)) throw new LensError({ kind: "no_wasm", ...EARLY.no_wasm });
    lens.#cpu = simd !== "plain" && WebAssembly.validate(RELAXED) ? "cpu_relaxed" : "cpu";
    if (signal?.aborted) throw lens.problem("cancelled", "load()");
    signal?.addEventListener("abort", () => lens.close(), { once: true });
    lens.#expect();
    try {
      const choice = await chooseDevice(device);
      await lens.#spawn(choice);
      if (choice.missing) lens.#emit("problem", lens.problem("no_webgpu", choice.reason));
      if (!lazy) await lens.loaded;
      return lens;
    } catch (e) { lens.close(); throw e; }
  }

  /** { kind: "cpu" | "webgpu", name, software, network, reason } */
  get device() { return this.deviceReport; }
  /** Whether it was closed. */
  closed = false;
  /** The worker's binary: "cpu", "cpu_relaxed" or "gpu". */
  get engine() { return this.device?.kind === "webgpu" ? "gpu" : this.#cpu; }
  /** The binaries that this visitor may need: a GPU that is lost gives way to the CPU. */
  get engines() { return [...new Set([this.engine, this.#cpu])]; }
  /** The id of the network in use. */
  get network() { return this.#hello.network; }
  /** All networks: [{ id, name, classes, bytes, precision, licence, paper }]; bytes are those of its weights. */
  networks() {
    const own = [...this.#local.values()].map(({ info }) => info);
    return [...this.#hello.networks.filter((n) => !this.#local.has(n.id)), ...own];
  }
  /** The registry, as the network in use has it: [{ id, name, summary, formula, caveat, paper, needs, params, lacks }]; lacks: what the network has not got for it, or null. */
  methods() { return this.#hello.methods; }
  /** The network's layers: [{ name, op, channels, stride, receptive_field, offset }]; the last three are null where a unit sees the whole picture */
  layers() { return this.#hello.layers; }

  /**
   * source: a URL, Blob, File, ImageData, <img>, <canvas>, <video>, OffscreenCanvas, ImageBitmap, VideoFrame, or a file's bytes (ArrayBuffer,
   * typed array). options.fit: "crop", "contain" or "stretch"; options.crop: which square, { x, y, side } in thousandths of width, height
   * and shorter side (the middle: 500, 500, 875). options.role "second" for methods that take two, "gallery" with options.group for those that take many. Resolves to
   * { width, height, size, notes, rgba }; on an error the last picture stays. Of two calls the one asked last wins, whichever takes
   * longer: the earlier, if the engine does not have it yet, is rejected as cancelled. What is called after setImage waits for it.
   */
  async setImage(source, options, extra) {
    const { signal } = extra ?? {}, turn = new AbortController(), stop = () => turn.abort(), role = options?.role ?? "main";
    if (this.closed) throw this.problem("engine_stopped", "closed");
    this.#need(signal == null || typeof signal.addEventListener === "function", "signal: takes an AbortSignal");
    // those of the gallery come one beside the other, each under a key of its own
    const key = role === "gallery" ? turn : role;
    this.#turns.get(key)?.abort();
    this.#turns.set(key, turn);
    signal?.addEventListener("abort", stop, { once: true });
    // while it is being read, it has its place before what is called after it
    const place = { settle() {} };
    this.#queue.push(place);
    try { return await this.#take(source, { ...options }, turn.signal, signal, place); } finally {
      signal?.removeEventListener("abort", stop);
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
      if (this.#queue.includes(place)) this.#queue.splice(this.#queue.indexOf(place), 1);
      this.#advance();
    }
  }

  async #take(source, options, turn, signal, place) {
    const problem = (kind, detail) => this.problem(kind, detail), limits = this.#hello.limits;
    const goOn = () => { if (turn.aborted || signal?.aborted) throw problem("cancelled", this.closed ? "closed" : signal?.aborted ? "" : "another picture was asked for after this one"); };
    const send = (given, more) => {
      goOn();
      const pixels = given.blob ? null : [given.width, given.height];
      return this.#setImage({ blob: given.blob ?? new Blob([given.rgba]), pixels, options: { ...options, original: given.original, ...more } }, { signal, place });
    };
    goOn();
    const given = await pictures.read(source, { limits, problem, signal: turn }).catch((e) => { goOn(); throw e instanceof LensError ? e : problem("bad_parameter", e.message); });
    const result = await send(given).catch(async (e) => {
      if (!given.blob || !pictures.SECOND_OPINION.has(e.kind)) throw e;
      const shown = await pictures.byBrowser(given.blob, { svg: e.detail === "SVG", limits, problem });
      if (!shown) throw e;
      return send(shown, { notes: e.kind === "damaged_image" ? ["decoded_by_browser", "damaged"] : ["decoded_by_browser"] });
    });
    // for a new engine: the prepared square, which needs neither the file nor its decoding again
    const { width, height, size, notes, rgba } = result;
    const { crop: done, ...kept } = options;
    const job = { blob: new Blob([rgba]), pixels: [size, size], options: { ...kept, original: [width, height], notes } };
    if (options.role === "gallery") this.#gallery.push(job);
    else if (options.role === "second") this.#second = job;
    else [this.#image, this.#ran, this.#missing] = [job, false, null];
    return result;
  }

  async #setImage({ blob, pixels, options }, extra) {
    const buffer = await pictures.bytes(blob, (kind, detail) => this.problem(kind, detail));
    const { result, buffers } = await this.#call({ type: "set_image", options, pixels }, [buffer], extra);
    return { ...result, rgba: new Uint8ClampedArray(buffers[0]) };
  }

  /** Forgets the gallery's pictures of a group, or all of them. Resolves to { left }. */
  async forget(group, extra) {
    const { result } = await this.#call({ type: "forget", group }, [], extra);
    this.#gallery = this.#gallery.filter((job) => (group ?? null) !== null && (job.options.group ?? "") !== group);
    return result;
  }

  /** What was computed for the picture so far: { html, json }, one self-contained page (lang: "en" or "zh") and all numbers. */
  async report(options) {
    const { lang = "en", ...extra } = options ?? {};
    const about = { weights: this.#provenance, network: this.network, precision: this.networks().find((n) => n.id === this.network)?.precision, device: this.device, version: this.#hello.version, date: new Date().toISOString() };
    if (this.#missing) about.missing = this.#missing;
    const { result, buffers } = await this.#call({ type: "report", lang, about }, [], extra);
    return { html: new TextDecoder().decode(buffers[0]), json: result };
  }

  /** The most probable classes: [{ index, label, label_zh, logit, probability }] */
  async classify(options) {
    const { top = 5, ...extra } = options ?? {};
    return (await this.#call({ type: "classify", top }, [], extra)).result.classes;
  }

  /**
   * Runs a method; onPartial gets its figures and facts as they are so far. Resolves to { figures: [{ kind, name, width, height,
   * channels, data: Float32Array }], meta }; meta says what was asked (method, all params, target), of which weights, and in a
   * sentence { en, zh } what was found.
   */
  async run(method, params = {}, extra) {
    const { result, figures, ms, memory } = await this.#call({ type: "run", method, params }, [], extra);
    this.#ran = true;
    return { figures, meta: { ...result, ms, memory, device: this.device, weights: this.#provenance } };
  }

  /** The bare network on a normalised [3, height, width] Float32Array; op: see protocol::RawOp. */
  async raw(op, x, size, extra) {
    const [height, width] = this.#size(size);
    const { result, figures, memory } = await this.#call({ type: "raw", op, height, width }, [this.#floats(x, "x")], extra);
    return { ...result, memory, data: figures[0].data };
  }

  /**
   * Independent passes on normalised inputs, a Float32Array [n, 3, height, width]; want: { want: "logits" } or
   * { want: "gradient", class }. Resolves to n Float32Arrays. On the CPU they are spread over the machine's cores,
   * unless alone.
   */
  async probe(want, x, size, options) {
    const [height, width] = this.#size(size), { alone = false, ...extra } = options ?? {};
    const { figures } = await this.#call({ type: "probe", want, height, width, alone }, [this.#floats(x, "x")], extra);
    return figures.map((f) => f.data);
  }

  /** A film (a figure of kind "film") as the bytes of a GIF that loops; delay in milliseconds. data may be bytes too. */
  async gif(film, options) {
    const { width, height, data } = film ?? {}, { delay = 100, ...extra } = options ?? {};
    this.#need(data instanceof Uint8Array || data instanceof Float32Array, "data: takes a Uint8Array or a Float32Array");
    const bytes = data instanceof Uint8Array ? data.slice() : Uint8Array.from(data, (v) => Math.round(v * 255));
    const { buffers } = await this.#call({ type: "gif", width, height, delay }, [bytes.buffer], extra);
    return new Uint8Array(buffers[0]);
  }

  /**
   * Uses your own weights: [{ name: "features.0.weight", shape: [64, 3, 3, 3], data: Float32Array }, …], torchvision's keys, weights
   * and biases together. All or none are taken; they stay, whatever is loaded later, also when the worker is replaced. Helpers
   * have the shipped weights only, so from then on the engine works alone.
   */
  async setArrays(arrays, extra) {
    this.#need(Array.isArray(arrays), "arrays: takes a list of { name, shape, data }");
    const own = arrays.map((a) => ({ name: a?.name, shape: a?.shape && [...a.shape], data: this.#floats(a?.data, `data of ${a?.name}`) }));
    await this.#arrays(own, extra);
    // a new output layer is a new head: the hidden layer before it is gone
    if (own.some(({ name }) => name === "head.output.weight")) for (const name of this.#own.keys()) if (name.startsWith("head.")) this.#own.delete(name);
    for (const array of own) this.#own.set(array.name, array);
    this.#ran = false;
  }

  async #arrays(own, extra) {
    const arrays = own.map(({ name, shape }) => ({ name, shape }));
    await this.#call({ type: "arrays", arrays }, own.map(({ data }) => data.slice(0)), extra);
  }

  /**
   * Runs another network from now on, with the pictures that were set; your own weights, which were the other one's, are let go, and
   * so is the teaching head. What runs or waits is rejected (`cancelled`). Resolves when its weights are here; lazy: as soon as jobs
   * are taken. Of two calls the one made last counts.
   */
  async useNetwork(id, { lazy = false } = {}) {
    if (this.closed) throw this.problem("engine_stopped", "closed");
    this.#need(this.networks().some((n) => n.id === id), `net = ${id}: takes ${this.networks().map((n) => n.id).join(", ")}`);
    await this.#use(id, lazy);
  }

  async #use(id, lazy) {
    if (this.#net === undefined && id === this.network) this.#net = id;
    if (id !== this.#net) {
      const error = this.problem("cancelled", `${id} was asked for`);
      [this.#net, this.#broken, this.#losses, this.#vain, this.#ran, this.#missing, this.#weights] = [id, null, [], 0, false, null, null];
      this.#own.clear();
      for (const job of [this.#image, this.#second, ...this.#gallery]) if (job) job.options = { ...job.options, head: "default" };
      this.#expect();
      const born = this.#born;
      this.#drop(error);
      // pictures that are still being read are for the new one
      for (const job of this.#queue.filter((job) => job.id)) job.settle(error);
      this.#queue = this.#queue.filter((job) => !job.id);
      // a replacement that is under way brings up the network that is asked for
      if (born) born.down(error); else this.#restarting ??= this.#another().finally(() => { this.#restarting = null; this.#advance(); });
    }
    await this.#restarting;
    if (this.#broken) throw this.#broken;
    if (this.closed) throw this.problem("cancelled", "closed");
    if (!lazy) await this.loaded;
  }

  /** A worker with the network asked for. */
  async #another() {
    const lost = [];
    try {
      await this.#spawn(this.device);
      await this.#restore(lost);
      if (!this.#worker) throw this.problem("engine_stopped", "lost again");
      if (lost.length) this.#emit("restart", { detail: `the network ${this.network}`, device: this.device, lost });
    } catch (e) {
      this.#drop(e);
      await this.#replace(e.detail || e.message, lost);
    }
  }

  /**
   * Opens a network of your own and uses it. files: a File or a list of them (the network, its labels, its config.json), or
   * what was read before (`read` of an earlier answer). Nothing of it leaves the browser. labels: a list of names, or a File;
   * preprocessing: { mean, std, scale, order } as in a card; size: rows and columns of the pictures; onProgress:
   * { bytes, total }; signal. Resolves to { id, card, notes, read } when it is in use; until then, and if it cannot be read, the
   * network in use stays.
   */
  async openNetwork(files, options) {
    const { labels, preprocessing, size, onProgress, signal, lazy = false } = options ?? {};
    if (this.closed) throw this.problem("engine_stopped", "closed");
    // a file of labels is read beside the network's, as when both are dropped
    const beside = labels === undefined || Array.isArray(labels) ? [] : [labels];
    let read = files?.card ? files : await readNetwork([files, beside].flat(2), { onProgress, signal });
    const { input } = read.card;
    this.#need(size === undefined || size === input.size || (input.any_size && size >= Math.min(32, input.size) && size <= 512), `size = ${size}: takes ${input.any_size ? `${Math.min(32, input.size)} to 512` : input.size}`);
    this.#need(!Array.isArray(labels) || !labels.length || labels.length === read.classes, `labels: ${labels?.length} names for ${read.classes} classes`);
    if (preprocessing || Array.isArray(labels) || size) {
      read = { ...read, card: { ...read.card, ...(preprocessing && { preprocessing }), ...(Array.isArray(labels) && { labels }), input: { ...input, size: size ?? input.size } } };
    }
    // a network that is opened anew cannot be gone back to: its files give way
    const { id } = read.card, now = this.#net ?? this.network, before = now === id ? this.#hello.networks[0].id : now;
    this.#know(read);
    try { await this.#use(id, lazy); } catch (e) {
      // one that does not fit, or was given up: the one before goes on
      if (this.#net === id && !this.closed) {
        this.#forget(id);
        await this.#use(before, true);
      }
      throw e;
    }
    return { id, card: read.card, notes: read.notes, read };
  }

  /** Makes a network of the visitor's own one of networks(). */
  #know(read) {
    const { card, manifest, shards, classes } = read, { id, name, licence } = card, precision = card.precision ?? "32 bit";
    if (this.#local.get(id)?.read === read) return;
    this.#forget(id);
    // the engine and its helpers fetch them from this page, whatever the site's policy on storage is
    const files = shards.map((shard) => URL.createObjectURL(shard));
    const json = (value) => URL.createObjectURL(new Blob([JSON.stringify(value)], { type: "application/json" }));
    const own = { card: json(card), manifest: json({ ...manifest, network: id, shards: manifest.shards.map((shard, i) => ({ ...shard, file: files[i] })) }) };
    const bytes = shards.reduce((sum, shard) => sum + shard.size, 0);
    this.#local.set(id, { ...own, read, addresses: [own.card, own.manifest, ...files], info: { id, name, classes, bytes, folder: null, precision, licence, paper: null } });
    // one that is in use under this id is another one
    if (id === this.#net) this.#net = null;
  }

  #forget(id) {
    for (const address of this.#local.get(id)?.addresses ?? []) URL.revokeObjectURL(address);
    this.#local.delete(id);
  }

  /** Tries again what failed: the weights, the extras, or the engine itself. Resolves when the weights are here. */
  async reload() {
    if (this.closed) throw this.problem("engine_stopped", "closed");
    this.#expect();
    if (this.#broken) {
      [this.#broken, this.#losses, this.#vain] = [null, [], 0];
      this.#restart("asked to try again");
    } else if (this.#worker && !this.#born && !this.#loading) this.#load();
    return this.loaded;
  }

  /** Ends the worker, also one that is only coming up; every open promise is rejected (`cancelled`). */
  close() {
    if (this.closed) return;
    this.closed = true;
    const error = this.problem("cancelled", "closed"), born = this.#born;
    clearInterval(this.#watch);
    for (const turn of this.#turns.values()) turn.abort();
    for (const id of [...this.#local.keys()]) this.#forget(id);
    this.#drop(error);
    born?.down(error);
    this.#empty(error);
  }

  /** For tests: the worker that serves at the moment. */
  get worker() { return this.#worker; }

  /** A LensError of `kind` with its texts. */
  problem(kind, detail = "") { return new LensError({ ...(this.#hello?.problems[kind] ?? EARLY[kind]), kind, detail }); }

  // ---- arguments: the worker checks every number, here stands what could not even be sent ------------------------------

  #need(ok, detail) { if (!ok) throw this.problem("bad_parameter", detail); }

  #floats(x, name) {
    this.#need(x instanceof Float32Array, `${name}: takes a Float32Array`);
    return x.slice().buffer;
  }

  #size(size) {
    this.#need(Array.isArray(size) && size.length === 2, "the size: takes [height, width]");
    return size;
  }

  // ---- jobs ------------------------------------------------------------------------------------------------------------

  /** A job: { id, header, buffers, …, settle }. A replay runs before all others, while a new worker is made like the old one. */
  #call(message, buffers, extra) {
    return new Promise((resolve, reject) => {
      const { onProgress, onPartial, signal, place, replay = false } = extra ?? {};
      if (this.closed) throw this.problem("engine_stopped", "closed");
      if (this.#broken) throw this.#broken;
      for (const [name, f] of Object.entries({ onProgress, onPartial })) this.#need(f == null || typeof f === "function", `${name}: takes a function`);
      this.#need(signal == null || typeof signal.addEventListener === "function", "signal: takes an AbortSignal");
      if (signal?.aborted) throw this.problem("cancelled", "before it began");
      const id = this.#next++, job = { id, buffers, onProgress, onPartial, cancelled: null, header: this.#header({ ...message, job: id }) };
      const abort = () => this.#cancel(job);
      signal?.addEventListener("abort", abort, { once: true });
      job.settle = (error, value) => {
        signal?.removeEventListener("abort", abort);
        if (error) reject(error); else resolve(value);
      };
      if (replay) return this.#begin(job);
      this.#queue.splice(place ? this.#queue.indexOf(place) : this.#queue.length, 0, job);
      this.#advance();
    });
  }

  #header(message) {
    try {
      // JSON has no NaN: as a word the worker can name it
      return JSON.stringify(message, (_, v) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : v));
    } catch (e) { throw this.problem("bad_parameter", e.message); }
  }

  /** Gives the worker the next job that waits, if it is free. */
  #advance() {
    if (this.#worker && !this.#born && !this.#restarting && !this.#running && this.#queue[0]?.id) this.#begin(this.#queue.shift());
  }

  #begin(job) {
    if (!this.#worker) return job.settle(this.problem("engine_stopped", "no worker"));
    this.#running = job;
    this.#post(job.header, job.buffers);
    this.#attend();
  }

  #cancel(job) {
    const place = this.#queue.indexOf(job);
    if (place >= 0) {
      this.#queue.splice(place, 1);
      return job.settle(this.problem("cancelled", "before it began"));
    }
    if (this.#running !== job) return;
    job.cancelled = 0; // milliseconds since
    this.#post(JSON.stringify({ type: "cancel", job: job.id }), []);
  }

  #receive(m, buffers) {
    const job = this.#running?.id === m.job ? this.#running : null; // what is not of the running job comes too late
    const figures = () => m.figures.map((f, i) => ({ ...f, data: new Float32Array(buffers[i]) }));
    const finish = (error, value) => {
      if (!job) return;
      this.#running = null;
      job.settle(error, value);
      this.#advance();
    };
    switch (m.type) {
      case "loading": return this.#emit("weights", m);
      case "loaded": this.#weights = m.weights; this.#vain = 0; this.#settled(null); return this.#emit("loaded", m);
      case "load_failed": { const e = new LensError(m.problem); this.#settled(e); return this.#emit("problem", e); }
      case "progress": return job?.onProgress?.({ done: m.done, total: m.total });
      case "partial": return job?.onPartial?.(figures(), m.facts);
      case "failed": return finish(new LensError(m.problem));
      case "done": {
        this.#vain = 0;
        const list = figures();
        return finish(null, { result: m.result, ms: m.ms, memory: m.memory, figures: list, buffers: buffers.slice(list.length) });
      }
    }
  }

  #post(header, buffers) { this.#quiet = 0; this.#worker.postMessage({ header, buffers }, buffers); }

  /** The hash of the weights that the answers come from, and the layers that got other ones; null before they are here. */
  get #provenance() {
    const own = [...new Set([...this.#own.keys()].map((name) => name.replace(/\.[a-z]+$/, "")))];
    return own.length ? `${this.#weights ?? "none"}, with own ${own.join(", ")}` : this.#weights;
  }

  // ---- the worker's life -------------------------------------------------------------------------------------------

  /** Starts a worker; resolves when its device is up, and lets it load. A GPU that does not come up gives way to the CPU. */
  async #spawn({ kind, reason, name, software }) {
    if (this.closed) throw this.problem("cancelled", "closed");
    try {
      await new Promise((up, down) => {
        const engine = kind === "webgpu" ? "gpu" : this.#cpu;
        const worker = this.#worker = start(new URL(`worker.js?engine=${ENGINES[engine]}${this.#asked()}`, this.base), engine);
        this.#born = { down };
        worker.onmessage = ({ data }) => {
          if (worker !== this.#worker) return;
          this.#quiet = 0;
          const m = JSON.parse(data.header);
          if (m.type === "missing") { if (this.#born) down(this.problem("engine_missing", m.detail)); }
          else if (m.type === "ready") {
            this.#hello = m;
            const other = this.#versions.find((v) => v !== m.version);
            if (other) down(this.problem("mixed_versions", `engine ${m.version}, page ${other}`));
          } else if (m.type === "device") {
            this.#born = null;
            // a browser tells the adapter's name to the page only
            this.deviceReport = { kind: m.kind, name: m.name || name || "", software: m.software || Boolean(software), network: m.network, reason };
            this.#load();
            this.#emit("device", this.deviceReport); up();
          } else if (m.type === "load_failed" && this.#born) down(new LensError(m.problem));
          else this.#receive(m, data.buffers);
        };
        worker.onmessageerror = worker.onerror = (e) => {
          e.preventDefault?.();
          if (worker === this.#worker) this.#lost(e.message || "the worker failed");
        };
        this.#quiet = 0;
        this.#attend();
      });
    } catch (e) {
      const error = e instanceof LensError ? e : this.problem("engine_stopped", e.message);
      this.#born = null;
      this.#drop(error);
      if (kind !== "webgpu" || this.closed || ["mixed_versions", "bad_parameter", "cancelled"].includes(error.kind)) throw error;
      this.#emit("problem", ["no_webgpu", "engine_missing"].includes(error.kind) ? error : this.problem("no_webgpu", error.detail));
      await this.#spawn({ kind: "cpu", reason: `WebGPU could not be started: ${error.detail}` });
    }
  }

  /** The network asked for, as a part of the worker's address. */
  #asked() {
    const own = this.#local.get(this.#net);
    if (own) return `&card=${encodeURIComponent(own.card)}`;
    return this.#net ? `&net=${this.#net}` : "";
  }

  /** A promise for the weights; one that is open stays the same whatever happens to the worker. */
  #expect() {
    if (this.#settle) return;
    this.loaded = new Promise((ok, no) => { this.#settle = { ok, no }; });
    this.loaded.catch(() => {}); // reported as an event too
  }

  #load() {
    this.#expect();
    if (!this.weightsBase && !this.#local.has(this.network)) return this.#settled(null);
    this.#loading = true;
    const own = this.#local.get(this.network);
    const base = own?.manifest ?? this.weightsBase + this.networks().find((n) => n.id === this.network).folder;
    this.#post(JSON.stringify({ type: "load", base, helpers: this.#helpers && affordsHelpers(navigator) }), []);
    this.#attend();
  }

  #settled(error) {
    const settle = this.#settle;
    [this.#settle, this.#loading] = [null, false];
    if (error) settle?.no(error); else settle?.ok();
  }

  /** Listens to a worker that has something to say: its silence is counted in steps, so that a page asleep counts none. */
  #attend() {
    if (this.#watch || this.closed) return;
    const step = Math.min(1000, (this.#silence ?? 1000) / 4);
    this.#watch = setInterval(() => {
      if (!this.#worker || !(this.#born || this.#running || this.#loading)) {
        clearInterval(this.#watch);
        this.#watch = null;
        return;
      }
      this.#quiet += step;
      const limit = this.#born ? START : this.#silence ?? SILENCE[this.device.kind];
      if (this.#quiet > limit) return this.#lost(`silent for ${limit / 1000} s`);
      const job = this.#running;
      if (job && job.cancelled !== null && (job.cancelled += step) > CANCEL_GRACE) this.#lost("did not answer a cancel", "cancelled");
    }, step);
  }

  /** Ends the worker and the job that it was at. */
  #drop(error) {
    this.#worker?.terminate();
    const job = this.#running;
    [this.#worker, this.#running, this.#loading] = [null, null, false];
    job?.settle(error);
  }

  /** Nobody will do the jobs that wait, nor bring the weights. */
  #empty(error) {
    for (const job of this.#queue.splice(0)) job.settle(error);
    this.#settled(error);
  }

  #lost(detail, kind = "engine_stopped") {
    const born = this.#born, gpu = !born && this.device.kind === "webgpu";
    const error = this.problem(gpu && kind === "engine_stopped" ? "device_lost" : kind, detail);
    this.#drop(error);
    if (born) born.down(error); else this.#restart(detail);
  }

  /** A new worker like the old one, in bounded and spaced attempts. A GPU lost twice in a minute gives way to the CPU. */
  #restart(detail) {
    this.#restarting ??= this.#replace(detail).finally(() => { this.#restarting = null; this.#advance(); });
  }

  async #replace(detail, lost = []) {
    while (!this.closed) {
      const now = performance.now(), gpu = this.device.kind === "webgpu";
      this.#losses = [...this.#losses.filter((t) => now - t < 60_000), now];
      if (this.#losses.length > LOSSES || ++this.#vain > LOSSES) {
        this.#broken = this.problem("engine_stopped", `failed ${LOSSES + 1} times: ${detail}`);
        this.#empty(this.#broken);
        return this.#emit("problem", this.#broken);
      }
      await sleep(PAUSES[this.#vain - 1]);
      try {
        await this.#spawn(gpu && this.#losses.length > 1 ? { kind: "cpu", reason: "the GPU was lost twice" } : { ...this.device, reason: `restarted: ${detail}` });
        await this.#restore(lost);
        if (!this.#worker) throw this.problem("engine_stopped", "lost again");
        return this.#emit("restart", { detail, device: this.device, lost });
      } catch (e) {
        detail = e.detail || e.message;
        this.#drop(e);
      }
    }
  }

  /** Everything that changes answers, again: own weights, the pictures, and with them the head. What cannot be is added to `lost`. */
  async #restore(lost) {
    if (this.#ran) {
      lost.push("results");
      this.#missing = `results before ${new Date().toISOString()}: the engine was restarted`;
      this.#ran = false;
    }
    // with other weights than asked for, no answer is better than any
    if (this.#own.size) await this.#arrays([...this.#own.values()], { replay: true });
    for (const job of [this.#image, this.#second, ...this.#gallery]) {
      if (!job) continue;
      try { await this.#setImage(job, { replay: true }); } catch (e) {
        const again = this.#worker; // refused; or it cost the worker, which a picture may do once
        if (again || job.cost) {
          lost.push({ second: "second picture", gallery: `gallery: ${job.options.group ?? ""}` }[job.options.role] ?? "picture");
          this.#letGo(job);
        }
        job.cost = true;
        if (!again) throw e;
      }
    }
  }

  #letGo(job) {
    if (this.#image === job) this.#image = null;
    if (this.#second === job) this.#second = null;
    this.#gallery = this.#gallery.filter((other) => other !== job);
  }

  #emit(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
}

// CNN Lens: a real VGG16 in the browser, as an ES module. The page, the tests and bench.html use this very file.
//
//   const lens = await CnnLens.load({ device: "auto", onProgress: (p) => … });
//   await lens.setImage(urlOrBlobOrImageData, { size: 224, fit: "crop" });
//   await lens.classify({ top: 5 });                    // [{ index, label, logit, probability }]
//   const r = await lens.run("feature_maps", { layer: "conv4_2" });   // { figures: [{ kind, width, height, channels, data }], meta }
//   lens.methods(); lens.device; lens.close();
//
// The engine lives in a disposable worker. A dead or silent worker is replaced and the picture is set again.

/** An error with a kind, a sentence and what to do next, in English and Chinese. */
export class LensError extends Error {
  constructor({ kind, detail = "", sentence, action }) {
    super(`${sentence?.en ?? kind} ${action?.en ?? ""} (${detail})`);
    Object.assign(this, { name: "LensError", kind, detail, sentence, action });
  }
}

// Only what can fail before the worker has told all its texts (catalog/problem.rs).
const EARLY = {
  no_wasm: {
    sentence: { en: "This browser cannot run WebAssembly with SIMD.", zh: "此浏览器无法运行带 SIMD 的 WebAssembly。" },
    action: { en: "Use a current version of Firefox, Chrome, Edge or Safari.", zh: "请使用最新版的 Firefox、Chrome、Edge 或 Safari。" },
  },
  engine_stopped: {
    sentence: { en: "The engine could not be started.", zh: "引擎无法启动。" },
    action: { en: "Check the connection and reload the page.", zh: "请检查网络连接并刷新页面。" },
  },
};

// (module (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt))
const SIMD = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);
// (module (func (param v128 v128 v128) (result v128) local.get 0 local.get 1 local.get 2 f32x4.relaxed_madd))
const RELAXED = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0,
  10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11]);
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i;

/** The ladder: what was asked for, else a real GPU, else the CPU. Returns { kind, reason, missing?, name?, software? }. */
export async function chooseDevice(wish = "auto") {
  if (wish === "cpu") return { kind: "cpu", reason: "asked for" };
  let adapter = null, why = "this browser has no WebGPU";
  try {
    if (navigator.gpu) { adapter = await navigator.gpu.requestAdapter(); why = "WebGPU has no adapter"; }
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

const SILENCE = { cpu: 30_000, webgpu: 300_000 }; // without a word during a job, a worker counts as dead
const CANCEL_GRACE = 10_000;

/** One engine. Events: device, weights, problem, restart (detail carries the message). */
export class CnnLens extends EventTarget {
  #worker = null; #jobs = new Map(); #next = 1; #image = null; #second = null; #gallery = []; #losses = []; #hello = null; #watch = null; #silence; #weights; #cpu;

  /**
   * device: "auto" | "webgpu" | "cpu"; base: folder of the site (default: beside this file); weights: folder of the weights, false for none (see setArrays);
   * onProgress: { bytes, total, cached } of the weights; lazy: resolve before the weights have arrived (jobs then wait);
   simd: "auto" (fused multiply-add where the browser has relaxed SIMD) or "plain".
   */
  static async load({ device = "auto", simd = "auto", base, weights, onProgress, lazy = false, silence, on = {} } = {}) {
    const lens = new CnnLens();
    lens.base = new URL(base ?? ".", base ? document.baseURI : import.meta.url).href.replace(/\/?$/, "/");
    lens.weightsBase = weights === false ? null : new URL(weights ?? "weights/", lens.base).href.replace(/\/?$/, "/");
    lens.#silence = silence;
    for (const [name, f] of Object.entries(on)) lens.addEventListener(name, (e) => f(e.detail));
    if (onProgress) lens.addEventListener("weights", (e) => onProgress(e.detail));
    if (typeof WebAssembly !== "object" || !WebAssembly.validate(SIMD)) throw new LensError({ kind: "no_wasm", ...EARLY.no_wasm });
    lens.#cpu = simd !== "plain" && WebAssembly.validate(RELAXED) ? "cpu_relaxed" : "cpu";
    const choice = await chooseDevice(device);
    await lens.#spawn(choice);
    if (choice.missing) lens.#emit("problem", lens.problem("no_webgpu", choice.reason));
    if (!lazy) await lens.loaded;
    return lens;
  }

  /** { kind: "cpu" | "webgpu", name, software, reason } */
  get device() { return this.deviceReport; }
  /** The worker's binary: "cpu", "cpu_relaxed" or "gpu". */
  get engine() { return this.device?.kind === "webgpu" ? "gpu" : this.#cpu; }
  /** The registry: [{ id, name, summary, formula, caveat, paper, params }] */
  methods() { return this.#hello.methods; }
  /** The layer table: [{ name, op, channels, stride, receptive_field }] */
  layers() { return this.#hello.layers; }

  /** A URL, Blob, File or ImageData; options.role "second" for methods that take two, "gallery" with options.group for those that take many. Resolves to { width, height, size, notes, rgba }; on an error the last picture stays. */
  async setImage(source, options = {}, { signal } = {}) {
    let blob = source, pixels = null;
    if (typeof source === "string" || source instanceof URL) {
      const r = await fetch(source).catch((e) => { throw this.problem("image_missing", `${source}: ${e.message}`); });
      if (!r.ok) throw this.problem("image_missing", `${source}: status ${r.status}`);
      blob = await r.blob();
    } else if (typeof ImageData !== "undefined" && source instanceof ImageData) {
      pixels = [source.width, source.height]; blob = new Blob([source.data]);
    }
    if (!(blob instanceof Blob)) throw this.problem("not_an_image", "setImage takes a URL, Blob, File or ImageData");
    const job = { blob, pixels, options };
    const r = await this.#setImage(job, signal);
    if (options.role === "gallery") this.#gallery.push(job);
    else if (options.role === "second") this.#second = job; else this.#image = job;
    return r;
  }

  async #setImage({ blob, pixels, options }, signal, replay = false) {
    if (blob.size > 512 << 20) throw this.problem("image_too_large", `${blob.size} bytes`);
    const buffer = await blob.arrayBuffer().catch((e) => { throw this.problem("image_missing", e.message); });
    const { result, buffers } = await this.#call({ type: "set_image", options, pixels }, [buffer], { signal, replay });
    return { ...result, rgba: new Uint8ClampedArray(buffers[0]) };
  }

  /** Forgets the gallery's pictures of a group, or all of them. Resolves to { left }. */
  async forget(group) {
    const { result } = await this.#call({ type: "forget", group }, []);
    this.#gallery = this.#gallery.filter((job) => group !== undefined && job.options.group !== group);
    return result;
  }

  /** What was computed for the picture so far: { html, json }, one self-contained page (lang: "en" or "zh") and all numbers. */
  async report({ lang = "en", signal } = {}) {
    const about = { weights: this.#weights, precision: "8/9 bit", device: this.device, version: this.#hello.version, date: new Date().toISOString() };
    const { result, buffers } = await this.#call({ type: "report", lang, about }, [], { signal });
    return { html: new TextDecoder().decode(buffers[0]), json: result };
  }

  /** The most probable classes: [{ index, label, label_zh, logit, probability }] */
  async classify({ top = 5, signal, onProgress } = {}) {
    return (await this.#call({ type: "classify", top }, [], { signal, onProgress })).result.classes;
  }

  /** Runs a method; onPartial gets its figures and facts as they are so far. Resolves to { figures: [{ kind, name, width, height, channels, data: Float32Array }], meta } */
  async run(method, params = {}, { signal, onProgress, onPartial } = {}) {
    const { result, figures, ms, memory } = await this.#call({ type: "run", method, params }, [], { signal, onProgress, onPartial });
    return { figures, meta: { ...result, ms, memory, device: this.device, weights: this.#weights } };
  }

  /** The bare network on a normalised [3, height, width] Float32Array; op: see protocol::RawOp. */
  async raw(op, x, [height, width], { signal, onProgress } = {}) {
    const { result, figures, memory } = await this.#call({ type: "raw", op, height, width }, [x.slice().buffer], { signal, onProgress });
    return { ...result, memory, data: figures[0].data };
  }

  /**
   * Independent passes on normalised inputs, a Float32Array [n, 3, height, width]; want: { want: "logits" } or
   * { want: "gradient", class }. Resolves to n Float32Arrays. On the CPU they are spread over the machine's cores,
   unless alone.
   */
  async probe(want, x, [height, width], { alone = false, signal, onProgress } = {}) {
    const { figures } = await this.#call({ type: "probe", want, height, width, alone }, [x.slice().buffer], { signal, onProgress });
    return figures.map((f) => f.data);
  }

  /** A film (a figure of kind "film") as the bytes of a GIF that loops; delay in milliseconds. data may be bytes too. */
  async gif({ width, height, data }, { delay = 100, signal, onProgress } = {}) {
    const bytes = data instanceof Uint8Array ? data : Uint8Array.from(data, (v) => Math.round(v * 255));
    const { buffers } = await this.#call({ type: "gif", width, height, delay }, [bytes.slice().buffer], { signal, onProgress });
    return new Uint8Array(buffers[0]);
  }

  /** Uses your own weights: [{ name: "features.0.weight", shape: [64, 3, 3, 3], data: Float32Array }, …], torchvision's keys. */
  async setArrays(arrays, { signal } = {}) {
    const infos = arrays.map(({ name, shape }) => ({ name, shape }));
    await this.#call({ type: "arrays", arrays: infos }, arrays.map((a) => a.data.slice().buffer), { signal });
  }

  /** Fetches the weights again after they failed. */
  reload() { this.#load(); return this.loaded; }

  /** Ends the worker; every open job is rejected. */
  close() { this.#end(this.problem("cancelled", "closed")); this.closed = true; }

  /** For tests: the worker that serves at the moment. */
  get worker() { return this.#worker; }

  /** A LensError of `kind` with its texts. */
  problem(kind, detail = "") { return new LensError({ kind, detail, ...(this.#hello?.problems[kind] ?? EARLY[kind]) }); }

  // ---- the worker's life -------------------------------------------------------------------------------------------

  async #spawn({ kind, reason, name, software }) {
    const worker = this.#worker = start(new URL("worker.js", this.base), kind === "webgpu" ? "gpu" : this.#cpu);
    await new Promise((up, down) => {
      const timer = setTimeout(() => down(this.problem("engine_stopped", "no answer in 60 s")), 60_000);
      const stop = (e) => { clearTimeout(timer); down(e); };
      worker.onmessage = ({ data }) => {
        const m = JSON.parse(data.header);
        this.#heard = performance.now();
        if (m.type === "ready") this.#hello = m;
        else if (m.type === "device") {
          clearTimeout(timer);
          // a browser tells the adapter's name to the page only
          this.deviceReport = { kind: m.kind, name: m.name || name || "", software: m.software || Boolean(software), reason };
          this.#emit("device", this.deviceReport); up();
        } else if (m.type === "load_failed" && !this.deviceReport) stop(new LensError(m.problem));
        else this.#receive(m, data.buffers);
      };
      worker.onmessageerror = worker.onerror = (e) => {
        e.preventDefault?.();
        const error = this.problem("engine_stopped", e.message || "the worker failed");
        stop(error);
        if (this.#worker === worker && this.deviceReport) this.#lost(e.message || "the worker failed");
      };
    }).catch(async (e) => {
      worker.terminate();
      if (kind !== "webgpu") throw e;
      this.#emit("problem", e.kind === "no_webgpu" ? e : this.problem("no_webgpu", e.detail));
      await this.#spawn({ kind: "cpu", reason: `WebGPU could not be started: ${e.detail}` });
      kind = null;
    });
    if (kind) this.#load();
  }

  #heard = 0;

  #load() {
    this.loaded = new Promise((ok, no) => { this.#settle = { ok, no }; });
    this.loaded.catch(() => {}); // reported as an event too
    if (!this.weightsBase) return this.#settle.ok();
    this.#post({ type: "load", base: this.weightsBase }, []);
  }

  #settle = null;

  #receive(m, buffers) {
    const job = this.#jobs.get(m.job);
    switch (m.type) {
      case "loading": return this.#emit("weights", m);
      case "loaded": this.#weights = m.weights; this.#settle.ok(); return this.#emit("loaded", m);
      case "load_failed": { const e = new LensError(m.problem); this.#settle.no(e); return this.#emit("problem", e); }
      case "progress": return job?.onProgress?.({ done: m.done, total: m.total });
      case "partial": return job?.onPartial?.(m.figures.map((f, i) => ({ ...f, data: new Float32Array(buffers[i]) })), m.facts);
      case "failed": return job?.finish(() => job.reject(new LensError(m.problem)));
      case "done": {
        const figures = m.figures.map((f, i) => ({ ...f, data: new Float32Array(buffers[i]) }));
        return job?.finish(() => job.resolve({ result: m.result, ms: m.ms, memory: m.memory, figures, buffers: buffers.slice(figures.length) }));
      }
    }
  }

  // Calls made while a worker is being replaced wait for the new one; only the replay itself may not.
  async #call(message, buffers, { onProgress, onPartial, signal, replay = false } = {}) {
    if (!replay) await this.#restarting;
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(this.problem("engine_stopped", "closed"));
      if (signal?.aborted) return reject(this.problem("cancelled"));
      const id = this.#next++;
      let kill;
      const abort = () => {
        this.#post({ type: "cancel", job: id }, []);
        kill = setTimeout(() => this.#lost("did not answer a cancel", "cancelled"), CANCEL_GRACE);
      };
      signal?.addEventListener("abort", abort, { once: true });
      const finish = (f) => {
        this.#jobs.delete(id); clearTimeout(kill); signal?.removeEventListener("abort", abort);
        if (!this.#jobs.size) { clearInterval(this.#watch); this.#watch = null; }
        f();
      };
      this.#jobs.set(id, { resolve, reject, onProgress, onPartial, finish });
      this.#heard = performance.now();
      this.#watch ??= setInterval(() => {
        const limit = this.#silence ?? SILENCE[this.device.kind];
        if (performance.now() - this.#heard > limit) this.#lost(`silent for ${limit / 1000} s`);
      }, Math.min(1000, (this.#silence ?? 1000) / 4));
      this.#post({ ...message, job: id }, buffers);
    });
  }

  #post(header, buffers) { this.#worker.postMessage({ header: JSON.stringify(header), buffers }, buffers); }

  #end(error) {
    this.#worker?.terminate();
    for (const job of [...this.#jobs.values()]) job.finish(() => job.reject(error));
  }

  // The worker is gone: a new one, the weights (from the cache), the picture. A GPU lost twice in a minute gives way to the CPU.
  async #lost(detail, kind = "engine_stopped") {
    if (this.closed || this.#restarting) return;
    let settled;
    this.#restarting = new Promise((ok) => { settled = ok; });
    const gpu = this.device.kind === "webgpu", now = performance.now();
    this.#losses = [...this.#losses.filter((t) => now - t < 60_000), now];
    this.#end(this.problem(gpu && kind === "engine_stopped" ? "device_lost" : kind, detail));
    try {
      if (this.#losses.length > 5) throw this.problem("engine_stopped", `failed ${this.#losses.length} times in a minute: ${detail}`);
      const choice = gpu && this.#losses.length > 1 ? { kind: "cpu", reason: "the GPU was lost twice" } : { ...this.device, reason: `restarted: ${detail}` };
      this.deviceReport = null;
      await this.#spawn(choice);
      for (const job of [this.#image, this.#second, ...this.#gallery]) if (job) await this.#setImage(job, undefined, true);
      this.#emit("restart", { detail, device: this.device });
    } catch (e) { this.#emit("problem", e); } finally { this.#restarting = null; settled(); }
  }

  #restarting = null;

  #emit(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
}

// For the model test of the JavaScript API: a clock that runs as fast as it can, and a worker that speaks the protocol but computes
// nothing. What it says and hears has the shape of tests/fixtures/messages.json, which tests/protocol.rs compares with the Rust types.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";

const samples = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "../fixtures/messages.json")));
const OPTIONAL = ["pixels", "group", "params", "options"];
const kind = (v) => (Array.isArray(v) ? "array" : v === null ? "null" : typeof v);

/** Why `message` has not the shape of its sample; null when it has. */
export function misshapen(message, side) {
  const sample = samples[side].find((s) => s.type === message.type);
  if (!sample) return `unknown message ${message.type}`;
  for (const key of Object.keys(message)) if (!(key in sample)) return `${message.type}.${key} is unknown`;
  for (const [key, v] of Object.entries(sample)) {
    if (!(key in message) || message[key] === null) { if (!OPTIONAL.includes(key)) return `${message.type}.${key} is missing`; continue; }
    if (kind(message[key]) !== kind(v)) return `${message.type}.${key} is ${kind(message[key])}, not ${kind(v)}`;
  }
  return null;
}

/** Random numbers, the same ones again for the same seed (mulberry32). */
export function random(seed) {
  const next = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, below: (n) => Math.floor(next() * n), chance: (p) => next() < p, of: (list) => list[Math.floor(next() * list.length)] };
}

const turn = () => new Promise((ok) => setImmediate(ok));

/** Timers that wait in no real time. */
export class Clock {
  now = 0;
  #timers = new Map();
  #next = 1;

  after(f, ms = 0, every = false) {
    this.#timers.set(this.#next, { at: this.now + Math.max(ms, every ? 1 : 0), f, every: every ? ms : null });
    return this.#next++;
  }

  clear(id) { this.#timers.delete(id); }

  get waiting() { return this.#timers.size; }

  /** Runs what is due within `ms`. */
  async run(ms) {
    const until = this.now + ms;
    await turn();
    for (;;) {
      let first = null;
      for (const [id, t] of this.#timers) if (t.at <= until && (!first || t.at < first[1].at)) first = [id, t];
      if (!first) break;
      const [id, timer] = first;
      this.now = timer.at;
      if (timer.every === null) this.#timers.delete(id); else timer.at += timer.every;
      timer.f();
      await turn();
    }
    this.now = until;
  }

  /** Takes the place of the global timers. */
  install() {
    globalThis.setTimeout = (f, ms) => this.after(f, ms);
    globalThis.setInterval = (f, ms) => this.after(f, ms, true);
    globalThis.clearTimeout = globalThis.clearInterval = (id) => this.clear(id);
    Object.defineProperty(globalThis, "performance", { configurable: true, value: { now: () => this.now } });
  }
}

/** The world that fake workers live in: its clock, its chance, its network, and who lives. */
export class World {
  network = { missing: false, slow: false };
  live = new Set();
  born = 0;
  loads = 0;
  deaths = 0;
  refusals = 0;

  constructor(seed, clock) { this.random = random(seed); this.clock = clock; }

  /** A class in the place of Worker. */
  get Worker() {
    const world = this;
    return class { constructor(url, options) { return new FakeWorker(world, options.name, new URL(url).searchParams.get("net") ?? NETWORKS[0]); } };
  }
}

const PROBLEMS = ["cancelled", "engine_stopped", "device_lost", "bad_parameter", "no_image", "weights_missing", "no_webgpu", "image_missing", "not_an_image"];
const told = (kind, detail) => ({ kind, detail, sentence: { en: `${kind}.`, zh: kind }, action: { en: "Do.", zh: "do" } });

/** The networks that it knows. */
export const NETWORKS = ["vgg16", "squeezenet"];

class FakeWorker {
  #world; #inbox = []; #running = null; #cancelled = false; #dead = false; #silent = false;
  #weights = "none"; // none, coming, here, failed
  #state = { net: null, picture: null, second: null, gallery: [], own: {} };

  constructor(world, name, net) {
    this.#world = world;
    this.#state.net = net;
    world.live.add(this);
    world.born++;
    const { random } = world, fate = random.next();
    this.#later(random.below(400), () => {
      if (fate < 0.03) return this.crash("no such module");
      if (fate < 0.05) return this.silence();
      this.#say({ type: "ready", version: "0.1.0", network: net, networks: NETWORKS.map((id) => ({ id, folder: `${id}/` })), methods: [], layers: [], problems: Object.fromEntries(PROBLEMS.map((k) => [k, told(k, "")])), limits: { bytes: 1 << 20, pixels: 1 << 16, side: 1 } });
      this.#later(random.below(200), () => {
        if (name === "gpu" && random.chance(0.2) && ++world.refusals) return this.#say({ type: "load_failed", ...told("no_webgpu", "no device") });
        this.#say({ type: "device", kind: name === "gpu" ? "webgpu" : "cpu", name: "fake", software: false, network: net, reason: "" });
        this.#serve();
      });
    });
  }

  /** As a trap does. */
  crash(message = "unreachable") {
    if (this.#dead) return;
    this.silence();
    this.onerror?.({ message, preventDefault() {} });
  }

  /** As a worker that the browser has killed. */
  silence() { this.#silent = true; this.#world.deaths++; }

  terminate() {
    // what it had posted before may still arrive
    if (this.#running && this.#world.random.chance(0.3)) this.#world.clock.after(() => this.onmessage?.({ data: { header: JSON.stringify({ type: "progress", job: this.#running?.job, done: 9, total: 9 }), buffers: [] } }), 1);
    this.#dead = true;
    this.#world.live.delete(this);
  }

  postMessage({ header, buffers }) {
    if (this.#dead) throw new Error("a message to a worker that was ended");
    const m = JSON.parse(header), wrong = misshapen(m, "to_worker");
    if (this.#silent) return;
    if (wrong && m.job === undefined) throw new Error(wrong);
    if (wrong) return this.#later(1, () => this.#say({ type: "failed", job: m.job, problem: told("bad_parameter", wrong) }));
    if (m.type === "load") return this.#load();
    if (m.type !== "cancel") { this.#inbox.push({ m, buffers }); return this.#serve(); }
    if (this.#running?.job === m.job) this.#cancelled = true;
    else assert.ok(!this.#inbox.some((j) => j.m.job === m.job), "a job that waits in the worker was cancelled: only one is sent at a time");
  }

  #say(message, buffers = []) {
    if (this.#dead || this.#silent) return;
    const { problem, ...rest } = message;
    const plain = message.type === "load_failed" ? { type: "load_failed", kind: message.kind, detail: message.detail } : message;
    assert.equal(misshapen(plain, "from_worker"), null);
    // a refused load carries its texts as port.rs writes them
    const header = message.type === "load_failed" ? { type: "load_failed", problem: told(message.kind, message.detail) } : problem ? { ...rest, problem } : message;
    this.onmessage?.({ data: { header: JSON.stringify(header), buffers } });
  }

  #later(ms, f) { this.#world.clock.after(() => { if (!this.#dead && !this.#silent) f(); }, ms); }

  #load() {
    const { network, random } = this.#world;
    this.#world.loads++;
    this.#weights = "coming";
    const end = network.slow ? 5000 + random.below(90_000) : random.below(1500), began = this.#world.clock.now;
    const step = () => {
      this.#say({ type: "alive" });
      if (this.#world.clock.now - began < end) return this.#later(1000, step);
      if (network.missing) { this.#weights = "failed"; return this.#say({ type: "load_failed", ...told("weights_missing", "status 404") }); }
      this.#weights = "here";
      this.#say({ type: "loading", bytes: 1, total: 1, cached: false });
      this.#say({ type: "loaded", weights: "shipped" });
    };
    step();
  }

  #serve() {
    if (this.#running || !this.#inbox.length) return;
    const { random } = this.#world, { m, buffers } = this.#inbox.shift(), fate = random.next();
    this.#running = m;
    this.#cancelled = false;
    const deaf = fate > 0.02 && fate < 0.05; // does not hear a cancel, but works on
    let left = random.below(6) + (deaf ? 25 : 0);
    const end = (message, buffers) => {
      const job = m.job;
      this.#running = null;
      this.#say({ ...message, job }, buffers);
      if (random.chance(0.2)) this.#later(1, () => this.#say({ type: "progress", job, done: 7, total: 7 })); // too late
      this.#serve();
    };
    const step = () => {
      if (fate < 0.01) return this.crash();
      if (fate < 0.02) return this.silence();
      if (this.#cancelled && !deaf) return end({ type: "failed", problem: told("cancelled", "cancelled") });
      const needs = m.type === "run" || m.type === "classify";
      if (needs && !this.#state.picture) return end({ type: "failed", problem: told("no_image", "no image was set") });
      if (needs && this.#weights === "failed") return end({ type: "failed", problem: told("weights_missing", "status 404") });
      if (needs && this.#weights === "coming") return this.#later(100, step);
      if (left-- > 0) {
        this.#say({ type: "progress", job: m.job, done: 1, total: 2 });
        if (random.chance(0.3)) this.#say({ type: "partial", job: m.job, figures: [], facts: { job: m.job } });
        return this.#later(50 + random.below(900), step);
      }
      const { result, pixels } = this.#done(m, buffers);
      end({ type: "done", ms: 1, memory: 1, figures: [], result }, pixels ? [pixels] : []);
    };
    this.#later(random.below(20), step);
  }

  #done(m, buffers) {
    const state = this.#state, { type, job, ...asked } = m;
    if (type === "set_image") {
      const id = new Uint8Array(buffers[0])[0], role = asked.options.role ?? "main", group = asked.options.group ?? "";
      if (role === "main") state.picture = `${id} ${asked.options.head ?? "default"}`;
      else if (role === "second") state.second = id; else state.gallery.push(`${group} ${id}`);
    }
    if (type === "arrays") asked.arrays.forEach((a, i) => { state.own[a.name] = new Float32Array(buffers[i])[0]; });
    if (type === "forget") state.gallery = state.gallery.filter((g) => asked.group != null && g.split(" ")[0] !== asked.group);
    const seen = JSON.parse(JSON.stringify(state));
    if (type === "classify") return { result: { classes: [{ asked, seen }] } };
    // a picture of one pixel is prepared as it is
    const size = type === "set_image" ? { width: 1, height: 1, size: 1, notes: [] } : {};
    return { result: { type, asked, seen, ...size }, pixels: type === "set_image" ? buffers[0].slice(0, 4) : type === "report" && new ArrayBuffer(4) };
  }
}

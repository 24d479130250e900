// What the page needs of the browser beside its engine: the address, the page around it, and whether to ask before a download.
// Everything here works in a sandboxed frame without storage or history.

/** Writes the hash: a new step of the history, or in place of the present one. */
export function write(hash, step) {
  if (hash === location.hash) return;
  try { history[step ? "pushState" : "replaceState"](null, "", hash); } catch { /* a frame without an origin */ }
}

/** Bytes that a visitor would have to be asked about: those of the weights, or 0 if they may be fetched at once. */
export async function toAsk(wish) {
  if (wish === "auto") return 0;
  const around = parent !== window, small = matchMedia("(max-width: 600px)").matches;
  if (wish !== "ask" && !around && !small && !navigator.connection?.saveData) return 0;
  try {
    // kept already
    const cache = await caches.open("cnn-lens-weights-1");
    if ((await cache.keys()).length) return 0;
  } catch { /* no storage: they will be fetched */ }
  try {
    const { shards } = await (await fetch("weights/manifest.json")).json();
    return shards.reduce((sum, s) => sum + s.bytes, 0);
  } catch { return 0; } // the engine will say what is wrong
}

/** Tells the page around this one: { source: "cnn-lens", t, … }. */
export function tell(t, detail) {
  if (parent !== window) parent.postMessage({ source: "cnn-lens", t, ...JSON.parse(detail || "{}") }, "*");
}

const text = (v) => typeof v === "string" && v.length <= 4000;
const KINDS = {
  set: (m) => text(m.hash),
  run: () => true,
  cancel: () => true,
  export: (m) => ["png", "json"].includes(m.format),
};

/** Calls back(kind, argument) for every well-formed message of the page around this one. */
export function hear(back) {
  addEventListener("message", ({ data, source }) => {
    if (source !== parent || parent === window || typeof data !== "object" || data?.target !== "cnn-lens") return;
    const kind = Object.hasOwn(KINDS, data.t) && KINDS[data.t](data) ? data.t : null;
    if (!kind) return tell("error", JSON.stringify({ kind: "bad_message", detail: String(data.t).slice(0, 40) }));
    back(kind, data.hash ?? data.format ?? "");
  });
  // the frame can be as high as what it shows
  new ResizeObserver(() => tell("size", JSON.stringify({ height: document.documentElement.scrollHeight }))).observe(document.body);
}

/** Copies a text; false if the browser does not allow it. */
export async function copy(value) {
  try { await navigator.clipboard.writeText(value); return true; } catch { return false; }
}

/** From now on the page works without a network, where the browser can do that. Called once the weights are here. */
export async function offline(engine) {
  if (!("serviceWorker" in navigator) || self.origin === "null") return;
  try {
    await navigator.serviceWorker.register("sw.js");
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ keep: [`worker_${engine}.js`, `worker_${engine}_bg.wasm`] });
  } catch { /* the page works with the network only */ }
}

// What the page needs of the browser beside its engine: the address, the page around it, and whether to ask before a download.
// Everything here works in a sandboxed frame without storage or history.

let read = location.hash;
addEventListener("hashchange", () => { read = location.hash; });

/** The hash as it was read or written last. */
export const hash = () => read;

/** Opens or closes a sheet; a browser without popovers has it on the page. */
export const sheet = (id, open) => document.getElementById(id)?.togglePopover?.(open);
addEventListener("popstate", () => { for (const e of document.querySelectorAll("[popover]")) e.togglePopover?.(false); });
// whoever opened it goes on from its open tab
addEventListener("toggle", (e) => { if (e.target.popover && e.newState === "open") e.target.querySelector("[role=tab][aria-selected=true]")?.focus(); }, true);

let later;

/** Writes the hash: a new step of the history, or in place of the present one. One that is not read yet is never written over. */
export function write(hash, step, tries = 40) {
  clearTimeout(later);
  if (hash === read || read !== location.hash) return;
  try {
    history[step ? "pushState" : "replaceState"](null, "", hash);
    read = location.hash;
  } catch {
    // WebKit takes a hundred in thirty seconds; a frame without an origin takes none
    if (tries > 0) later = setTimeout(write, 1000, hash, step, tries - 1);
  }
}

/** Bytes that a visitor would have to be asked about: those of the weights in weights/`folder` that are not here, or 0 if they may be fetched at once. */
export async function toAsk(wish, folder) {
  if (wish === "auto") return 0;
  const small = matchMedia("(max-width: 600px)").matches, must = wish === "ask" || parent !== window || navigator.connection?.saveData;
  if (!must && !small) return 0;
  try {
    const { shards } = await (await fetch(`weights/${folder}manifest.json`, { cache: "no-cache" })).json();
    let cache = null;
    try { cache = await caches.open("cnn-lens-weights-1"); } catch { /* no storage: a frame without an origin throws at once */ }
    const kept = await Promise.all(shards.map((s) => cache?.match(`weights/${folder}${s.file}?sha256=${s.sha256}`)));
    const bytes = shards.reduce((sum, s, i) => sum + (kept[i] ? 0 : s.bytes), 0);
    // no more than a photo takes: a phone's visitor need not be asked
    return must || bytes > 3e6 ? bytes : 0;
  } catch { return 0; } // the engine will say what is wrong
}

/**
 * Tells the page around this one: { source: "cnn-lens", t, … }. `to` is the one origin that may hear it, or "*". Whatever comes
 * from a picture of the visitor's own has an origin (state/export.rs decides).
 */
export function tell(t, detail, to) {
  if (parent === window) return;
  // a page without an origin of its own can be reached in no other way: nothing but examples is ever meant for it
  parent.postMessage({ source: "cnn-lens", t, ...JSON.parse(detail || "{}") }, to === "null" ? "*" : to);
}

const text = (v) => typeof v === "string" && v.length <= 4000;
const KINDS = {
  set: (m) => text(m.hash),
  run: () => true,
  cancel: () => true,
  export: (m) => ["png", "json"].includes(m.format),
};

/** Calls back(kind, argument, origin) for every well-formed message of the page around this one. */
export function hear(back) {
  addEventListener("message", ({ data, source, origin }) => {
    if (source !== parent || parent === window || typeof data !== "object" || data?.target !== "cnn-lens") return;
    const kind = Object.hasOwn(KINDS, data.t) && KINDS[data.t](data) ? data.t : null;
    if (!kind) return tell("error", JSON.stringify({ kind: "bad_message", detail: String(data.t).slice(0, 40) }), origin);
    back(kind, data.hash ?? data.format ?? "", origin);
  });
  // the frame can be as high as what it shows; the document's own height is never below the frame's
  new ResizeObserver(() => tell("size", JSON.stringify({ height: Math.ceil(document.body.getBoundingClientRect().height) }), "*")).observe(document.body);
}

/** Calls back(true or false) whenever the visitor begins or ceases to see all of an element: nothing of the page around lies over it. Browsers that cannot tell say yes. */
export function inSight(element, back) {
  const observer = new IntersectionObserver((seen) => {
    const { isIntersecting, intersectionRatio, isVisible } = seen.at(-1);
    back(isIntersecting && intersectionRatio > 0.9 && isVisible !== false);
  }, { threshold: [0, 0.5, 0.95, 1], trackVisibility: true, delay: 100 });
  observer.observe(element);
}

/**
 * The pixels of an image or video as { width, height, rgba }, without a canvas, which browsers that protect against
 * fingerprinting read back as noise; null if this one cannot do that.
 */
export async function pixels(picture) {
  try {
    const frame = new VideoFrame(picture, { timestamp: 0 });
    try {
      const { width, height } = frame.visibleRect, rgba = new Uint8Array(4 * width * height);
      const [{ offset, stride }] = await frame.copyTo(rgba, { format: "RGBA", layout: [{ offset: 0, stride: 4 * width }] });
      return offset === 0 && stride === 4 * width ? { width, height, rgba } : null;
    } finally { frame.close(); }
  } catch { return null; }
}

/** Copies a text; false if the browser does not allow it. */
export async function copy(value) {
  try { await navigator.clipboard.writeText(value); return true; } catch { return false; }
}

/** From now on the page works without a network, where the browser can do that. Called with the engines and the network in use, once the weights are here. */
export async function offline(parts) {
  if (!("serviceWorker" in navigator) || self.origin === "null") return;
  try {
    const { installing, waiting, active } = await navigator.serviceWorker.register("sw.js");
    for (const worker of [installing, waiting, active]) worker?.postMessage({ keep: parts });
  } catch { /* the page works with the network only */ }
}

/** A piece of another version is in use: boot.js loads the page anew, once. */
export function mixed() { dispatchEvent(new Event("cnn-lens-mixed")); }

/** Asks what is to be known of a network's files; see open-network.js, which is fetched only then. Null if the visitor gave up. */
export async function openNetwork(files, lang, photo, wanted) {
  const { open } = await import("./open-network.js");
  return open([...files], { lang, photo, wanted });
}

const kept = () => import("./kept.js");

/** The networks that the visitor has kept in this browser, as openNetwork takes them. */
export async function keptNetworks() {
  try {
    // who has none fetches nothing more
    await (await navigator.storage.getDirectory()).getDirectoryHandle("networks");
    return await (await kept()).all();
  } catch { return []; } // none, or a browser or frame that keeps nothing
}

/** Keeps a network in this browser; whether that was possible. */
export async function keepNetwork(read) {
  try {
    await (await kept()).keep(read);
    return true;
  } catch { return false; }
}

/** Deletes a network that was kept. */
export async function forgetNetwork(id) {
  try { await (await kept()).forget(id); } catch { /* nothing was kept */ }
}

/** A network that was read as one file for the scripts; null where it cannot be read any more. */
export async function networkFile(read) {
  try { return await (await kept()).asFile(read); } catch { return null; }
}

/** The engine that does a job of two networks that are compared; see pair.js, which is fetched only then. */
export async function engineFor(...all) { return (await import("./pair.js")).engineFor(...all); }
/** The class of a photo of a folder. */
export async function classOf(...all) { return (await import("./pair.js")).classOf(...all); }
/** Nobody asks the other network any more. */
export async function release() { (await import("./pair.js")).release(); }

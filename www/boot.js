// Before anything of wasm runs: can this browser do it at all? And when the app does not come up: why, and once a try to mend it.
(() => {
  // (module (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt))
  const simd = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);
  const id = (name) => document.getElementById(name), MARK = "cnn-lens-renewed", HOUR = 3_600_000;
  let able = false, started = false, failed = false;
  try { able = WebAssembly.validate(simd); } catch { /* no WebAssembly */ }
  if (!able) {
    id("no-wasm").hidden = false;
    id("no-app").remove();
    return;
  }

  // when this page was loaded anew; a frame without storage cannot know more than that it was
  const renewed = () => {
    try { return Number(sessionStorage.getItem(MARK)); } catch { return performance.getEntriesByType("navigation")[0]?.type === "reload" ? Date.now() : 0; }
  };
  // whether the visitor is still to be told that the page was loaded anew: once for each time
  const owed = () => {
    try {
      const when = sessionStorage.getItem(MARK), told = sessionStorage.getItem(`${MARK}-told`);
      if (when) sessionStorage.setItem(`${MARK}-told`, when);
      return when !== told;
    } catch { return false; }
  };
  const mark = () => { try { sessionStorage.setItem(MARK, Date.now()); } catch { /* no storage */ } };

  addEventListener("TrunkApplicationStarted", () => {
    started = true;
    id("no-app").remove();
    if (!owed()) return;
    id("renewed").hidden = false;
    setTimeout(() => { id("renewed").hidden = true; }, 20_000);
  });
  // a module that is missing, of a wrong type or of another version; what goes wrong later is the app's own business
  for (const name of ["error", "unhandledrejection"]) {
    addEventListener(name, (e) => { if (!started) fail(e.message || e.reason?.message || ""); }, true);
  }
  for (const sheet of document.querySelectorAll("link[rel=stylesheet]")) if (!sheet.sheet) fail(sheet.href);
  // the engine, or a file of it, is of another version (ui/effects.rs)
  addEventListener("cnn-lens-mixed", () => { renew(); });

  async function fail(detail) {
    if (failed) return;
    failed = true;
    if (location.protocol !== "file:" && await renew()) return;
    if (started) return; // a style alone
    id("no-app").classList.add("now");
    id("no-app-detail").textContent = await lacking() ?? detail;
  }

  // the files that the page needs to come up
  function needed() {
    const named = [...document.querySelectorAll("link[rel=modulepreload], link[rel=preload][as=fetch], link[rel=stylesheet]")].map((l) => l.href);
    return [...named, ...["cnn-lens.js", "pictures.js", "files.js", "page.js", "translated.js"].map((name) => new URL(name, document.baseURI).href)];
  }

  /** The first of the needed files that the host does not have or serves as another type, and how; null if all are there. */
  async function lacking() {
    if (location.protocol === "file:") return "a file:// address";
    for (const url of needed()) {
      const name = new URL(url).pathname.split("/").pop(), answer = await fetch(url).catch(() => null), type = answer?.headers.get("content-type") ?? "";
      if (!answer?.ok) return `${name}: ${answer ? `status ${answer.status}` : "no answer"}`;
      if (/\.js$/.test(name) ? !/javascript/.test(type) : /html/.test(type)) return `${name}: served as ${type || "no type"}`;
    }
    return null;
  }

  /**
   * Parts of two versions met, or one is gone: what is kept of this page goes, and it is loaded anew. Once, and only where there
   * is a network (no service worker answers HEAD). False if it was of no use.
   */
  async function renew() {
    if (Date.now() - renewed() < HOUR) return false;
    try { await fetch(location.pathname, { method: "HEAD", cache: "no-store" }); } catch { return false; }
    mark();
    const here = new URL(".", location.href).href;
    try {
      for (const name of await caches.keys()) {
        if (name.startsWith("cnn-lens-page-") && await (await caches.open(name)).match(`${here}index.html`, { ignoreSearch: true })) await caches.delete(name);
      }
      const registration = await navigator.serviceWorker.getRegistration();
      if (registration?.scope === here) await registration.unregister();
    } catch { /* no storage */ }
    for (const url of new Set([new URL(location.pathname, here).href, here, ...needed()])) await fetch(url, { cache: "reload" }).catch(() => {});
    location.reload();
    return true;
  }
})();

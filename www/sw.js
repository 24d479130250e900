// The page without a network. Everything of this build is kept under its version and this folder; the weights keep themselves
// (worker/fetch.rs). Two versions never mix: what an HTTP cache may hold under the same name is asked for anew, and a version
// is used only when all of it is here.
// tools/post-build.mjs fills in these three: files with their revision (none where the name has it), and the same of what only some
// visitors use: engines, and what comes with other networks than the first.
const VERSION = "dev";
const FILES = {};
const PARTS = {};
const REVISIONS = Object.assign({}, FILES, ...Object.values(PARTS));

const SCOPE = new URL(registration.scope);
const OURS = ` ${SCOPE.pathname}`; // no address has a bare space: "/" does not take "/a/" for its own
const CACHE = `cnn-lens-page-${VERSION}${OURS}`;
const WEIGHTS = "cnn-lens-weights-1";
const ANY = { ignoreSearch: true, ignoreVary: true };

self.addEventListener("install", (e) => e.waitUntil(fill()));

self.addEventListener("activate", (e) => e.waitUntil((async () => {
  for (const name of await others()) await caches.delete(name);
  await clients.claim();
})()));

// which engines and networks this visitor uses
self.addEventListener("message", (e) => {
  if (Array.isArray(e.data?.keep)) e.waitUntil(keep(e.data.keep).catch(() => {})); // told again at the next visit
});

self.addEventListener("fetch", (e) => {
  const name = e.request.method === "GET" && nameOf(e.request.url);
  if (name) e.respondWith(kept(name).catch(() => null).then((found) => found ?? fetch(e.request)));
});

const kept = async (name) => (await caches.open(CACHE)).match(name, ANY);

/** Which of our own files an address is, if any: the host may have other sites, around this folder and in it. */
function nameOf(url) {
  if (!url.startsWith(SCOPE.href)) return undefined;
  const path = new URL(url).pathname.slice(SCOPE.pathname.length) || "index.html";
  // some hosts leave .html out
  return [path, `${path}.html`].find((name) => Object.hasOwn(REVISIONS, name));
}

/** The names of the caches that other versions of the page in this folder have filled. */
async function others() {
  const names = (await caches.keys()).filter((name) => name.startsWith("cnn-lens-page-") && name !== CACHE);
  // the first versions did not say their folder
  const mine = await Promise.all(names.map(async (name) => name.endsWith(OURS)
    || (/^cnn-lens-page-\w+$/.test(name) && Boolean(await (await caches.open(name)).match(`${SCOPE.href}index.html`)))));
  return names.filter((_, i) => mine[i]);
}

/** All of this version, the parts and weights that an older one had kept included: it goes only when this one is whole. */
async function fill() {
  const cache = await caches.open(CACHE), before = await Promise.all((await others()).map((name) => caches.open(name)));
  await Promise.all(Object.keys(FILES).map((name) => add(cache, name, before)));
  // a cache on the way that gives an old page for the new one
  const page = await (await cache.match("index.html", ANY)).text();
  for (const name of Object.keys(FILES)) if (/^app-.*\.js$/.test(name) && !page.includes(name)) throw new Error(`index.html is not the one of ${name}`);
  const used = new Set();
  for (const old of before) for (const { url } of await old.keys()) {
    const at = new URL(url).pathname;
    used.add(/\/worker_(cpu_relaxed|cpu|gpu)(?:-\w+)?\.js$/.exec(at)?.[1] ?? /\/catalogue\/([\w-]+)\/index\.json$/.exec(at)?.[1]);
  }
  used.delete(undefined);
  await keep([...used], before);
  if (used.size) await weights(cache);
}

async function keep(parts, before = []) {
  const cache = await caches.open(CACHE);
  for (const name of parts.flatMap((part) => Object.keys(PARTS[part] ?? {}))) if (!(await cache.match(name, ANY))) await add(cache, name, before);
}

async function add(cache, name, before) {
  const revision = REVISIONS[name], url = revision ? `${name}?v=${revision}` : name;
  // what is unchanged is taken over; what runs and is not named by its content is always asked for
  if (!revision || !/\.(html|js|css|json)$/.test(name)) {
    for (const old of before) {
      const same = await old.match(url, { ignoreVary: true });
      if (same) return cache.put(url, same);
    }
  }
  return cache.put(url, await get(url, revision ? "reload" : "default"));
}

async function get(url, cache) {
  const answer = await fetch(url, { cache });
  if (!answer.ok) throw new Error(`${url}: status ${answer.status}`);
  // without its address: a script would take that for its own, query and all, and a redirected one may not answer a page
  return new Response(answer.body, answer);
}

/** The weights that this version needs, of every network of which the visitor had those of an older one. */
async function weights(cache) {
  const store = await caches.open(WEIGHTS), had = (await store.keys()).map(({ url }) => url);
  for (const manifest of Object.keys(FILES).filter((name) => /^weights\/(.+\/)?manifest\.json$/.test(name))) {
    const base = SCOPE.href + manifest.replace("manifest.json", "");
    const { shards, extras = [] } = await (await cache.match(manifest, ANY)).json();
    // not what another network has in a folder below
    if (!had.some((url) => url.startsWith(base) && !url.slice(base.length).includes("/"))) continue;
    const older = await Promise.all(extras.map(({ file }) => store.match(base + file, ANY)));
    for (const { file, sha256 } of [...shards, ...extras.filter((_, i) => older[i])]) {
      const url = `${base}${file}?sha256=${sha256}`;
      if (await store.match(url)) continue;
      const answer = await get(url, "default");
      await store.put(url, answer).catch(() => {}); // a full quota: fetched when they are needed
    }
  }
}

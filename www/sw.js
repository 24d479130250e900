// The page without a network. Everything of this build is kept under its version; the weights keep themselves (worker/fetch.rs).
// tools/post-build.mjs fills in both lines.
const VERSION = "dev";
const FILES = [];

const CACHE = `cnn-lens-page-${VERSION}`;

self.addEventListener("install", (e) => e.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES))));

self.addEventListener("activate", (e) => e.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("cnn-lens-page-") && name !== CACHE) await caches.delete(name);
  await clients.claim();
})()));

// what this visitor's engine needs beside FILES
self.addEventListener("message", ({ data }) => {
  if (Array.isArray(data?.keep)) keep(data.keep).catch(() => {}); // told again at the next visit
});

async function keep(names) {
  const cache = await caches.open(CACHE);
  for (const name of names) if (!(await cache.match(name))) await cache.add(name);
}

self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== location.origin) return;
  const name = url.pathname.endsWith("/") ? "./index.html" : e.request;
  e.respondWith(caches.open(CACHE).then((cache) => cache.match(name, { ignoreSearch: true })).then((kept) => kept ?? fetch(e.request)));
});

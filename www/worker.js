// Starts the engine that its own address names, with the network named there: worker.js?engine=worker_cpu&net=squeezenet. Three binaries, so that nobody downloads burn-wgpu
// in vain and browsers without relaxed SIMD (Safari) still get a valid module. A helper starts from the same address.
const address = new URL(import.meta.url).searchParams, engine = address.get("engine");
self.lensNetwork = address.get("net") ?? ""; // read by src/worker: the first network where none is named
self.lensCard = ""; // read by src/worker: the card of a network that is not shipped
const [code, wasm] = [".js", "_bg.wasm"].map((end) => new URL(engine + end, import.meta.url));
try {
  const card = address.get("card");
  if (card) self.lensCard = await (await fetch(card)).text();
  const { default: init } = await import(code);
  await init({ module_or_path: wasm });
} catch (e) {
  const detail = await lacking(code, /javascript/) ?? await lacking(wasm, /wasm|octet-stream/);
  if (!detail) throw e;
  postMessage({ header: JSON.stringify({ type: "missing", detail }), buffers: [] });
}

/** What is wrong with a file of the engine on this host, if anything. */
async function lacking(url, type) {
  const name = url.pathname.split("/").pop(), answer = await fetch(url).catch((e) => ({ words: e.message }));
  if (!answer.body) return `${name}: ${answer.words ?? `status ${answer.status}`}`;
  answer.body.cancel();
  const given = answer.headers.get("content-type") ?? "no type";
  return !answer.ok ? `${name}: status ${answer.status}` : type.test(given) ? undefined : `${name}: served as ${given}`;
}

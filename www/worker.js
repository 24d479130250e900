// Starts the engine named in the URL: worker.js?engine=cpu or gpu. Two binaries, so that nobody downloads burn-wgpu in vain.
const engine = new URL(import.meta.url).searchParams.get("engine") === "gpu" ? "gpu" : "cpu";
const { default: init } = await import(`./worker_${engine}.js`);
await init({ module_or_path: new URL(`./worker_${engine}_bg.wasm`, import.meta.url) });

// Starts the engine named in the URL: worker.js?engine=cpu, cpu_relaxed or gpu. Three binaries, so that nobody downloads
// burn-wgpu in vain and browsers without relaxed SIMD (Safari) still get a valid module.
const asked = new URL(import.meta.url).searchParams.get("engine");
const engine = ["gpu", "cpu_relaxed"].includes(asked) ? asked : "cpu";
const { default: init } = await import(`./worker_${engine}.js`);
await init({ module_or_path: new URL(`./worker_${engine}_bg.wasm`, import.meta.url) });

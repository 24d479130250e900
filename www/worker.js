// Starts the engine that the worker is named after: cpu, cpu_relaxed or gpu. Three binaries, so that nobody downloads
// burn-wgpu in vain and browsers without relaxed SIMD (Safari) still get a valid module.
const engine = ["gpu", "cpu_relaxed"].includes(self.name) ? self.name : "cpu";
const { default: init } = await import(`./worker_${engine}.js`);
await init({ module_or_path: new URL(`./worker_${engine}_bg.wasm`, import.meta.url) });

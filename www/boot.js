// Before anything of wasm runs: can this browser do it at all? (The test module uses one SIMD instruction.)
(() => {
  const simd = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]);
  let able = false;
  try { able = WebAssembly.validate(simd); } catch { /* no WebAssembly */ }
  if (!able) document.getElementById("no-wasm").hidden = false;
})();

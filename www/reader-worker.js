// The worker that reads one network's files, ended with all its memory. In: { files }; out: { progress: { bytes, total } }, at last
// { read } or { problem: { kind, detail, sentence, action } }.
addEventListener("message", async ({ data: { files } }) => {
  const { default: init, open } = await import("./reader_web.js");
  await init({ module_or_path: new URL("reader_web_bg.wasm", import.meta.url) });
  postMessage(open(files, (bytes, total) => postMessage({ progress: { bytes, total } })));
});

// The worker that reads one network's files, ended with all its memory. In: { files }; out: { progress: { bytes, total } }, at last
// { read } or { problem: { kind, detail, sentence, action } }. Or in: { text } with names of classes; out: { read }, the list of them.
// tools/post-build.mjs fills in the reader's file without its endings.
const READER = "./reader_web";
addEventListener("message", async ({ data: { files, text } }) => {
  const { default: init, open, labels } = await import(`${READER}.js`);
  await init({ module_or_path: new URL(`${READER}_bg.wasm`, import.meta.url) });
  postMessage(files ? open(files, (bytes, total) => postMessage({ progress: { bytes, total } })) : { read: labels(text) });
});

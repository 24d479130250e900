// Reads a network's files in a worker that ends with it, so that its memory comes back. See readNetwork in cnn-lens.js.

/** See readNetwork. failed: makes the error that is thrown. */
export const read = (files, options) => ask({ files }, options);

/** The names of classes in a text: one a line, JSON, or a Hugging Face config.json; an empty list where there are none. */
export const labels = (text, options) => ask({ text }, options);

function ask(what, { onProgress, signal, failed = ({ detail }) => new Error(detail) } = {}) {
  return new Promise((ok, no) => {
    const cancelled = () => end(() => no(failed({ kind: "cancelled", detail: "" })));
    if (signal?.aborted) return cancelled();
    const worker = new Worker(new URL("reader-worker.js", import.meta.url), { type: "module", name: "reader" });
    const end = (then) => { worker.terminate(); signal?.removeEventListener("abort", cancelled); then(); };
    signal?.addEventListener("abort", cancelled, { once: true });
    worker.onerror = (e) => { e.preventDefault(); end(() => no(failed({ kind: "engine_missing", detail: e.message ?? "reader" }))); };
    worker.onmessage = ({ data }) => {
      if (data.progress) return onProgress?.(data.progress);
      end(() => (data.problem ? no(failed(data.problem)) : ok(data.read)));
    };
    worker.postMessage(what);
  });
}

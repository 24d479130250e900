// onnxruntime-web as its users write it: forward only, it has no gradients.
import * as ort from "onnxruntime-web/wasm";

let session, size;
window.bench = {
  async init({ size: side, output }) {
    size = side;
    ort.env.wasm.wasmPaths = "/pkg/onnxruntime-web/dist/";
    ort.env.wasm.numThreads = 1;
    session = await ort.InferenceSession.create("/data/model.onnx", { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
    this.output = output;
    return `onnxruntime-web ${ort.env.versions.web}, wasm, 1 thread`;
  },
  async forward(x) { return (await session.run({ input: new ort.Tensor("float32", x, [1, 3, size, size]) }))[this.output].data; },
};

// tfjs as its users write it: fused convolutions forward, tf.valueAndGrad for the gradient.
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import * as tf from "@tensorflow/tfjs-core";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

let graph, arrays;
/** Rows, columns and channels of the picture, from channels, rows and columns; and back. */
const last = (x) => tf.transpose(tf.tensor4d(x, [1, 3, graph.size, graph.size]), [0, 2, 3, 1]);
const first = (x) => tf.transpose(x, [0, 3, 1, 2]);

function net(x) {
  const values = { input: x }, fused = new Map();
  // a ReLU that is a convolution's only reader is computed with it
  for (const n of graph.nodes) if (n.op === "activation" && graph.nodes.filter((m) => m.inputs.includes(n.inputs[0])).length === 1) fused.set(n.inputs[0], n.name);
  for (const n of graph.nodes) {
    const reads = n.inputs.map((name) => values[name]);
    if (n.op === "conv") {
      const pad = n.pad ? [[0, 0], [n.pad[0], n.pad[2]], [n.pad[1], n.pad[3]], [0, 0]] : "valid";
      const relu = fused.get(n.name);
      values[relu ?? n.name] = tf.fused.conv2d({
        x: reads[0], filter: arrays[`${n.name}.weight`], bias: arrays[`${n.name}.bias`], strides: n.stride ?? 1, pad: n.pad?.every((p) => p === 1) ? "same" : pad,
        ...(relu ? { activation: "relu" } : {}),
      });
    } else if (n.op === "activation") values[n.name] ??= tf.relu(reads[0]);
    // ceil: where the last window is not whole, "same" pads below and right only, and a maximum ignores it
    else if (n.op === "max_pool") values[n.name] = tf.maxPool(reads[0], n.kernel, n.stride, n.ceil && (reads[0].shape[1] - n.kernel[0]) % n.stride[0] ? "same" : "valid");
    else if (n.op === "concat") values[n.name] = tf.concat(reads, 3);
    else values[n.name] = tf.mean(reads[0], [1, 2]);
  }
  return values[graph.output];
}

window.bench = {
  async init(given) {
    graph = given;
    setWasmPaths("/pkg/@tensorflow/tfjs-backend-wasm/dist/");
    setThreadsCount(1);
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    await tf.setBackend("wasm");
    await tf.ready();
    const flat = new Float32Array(await (await fetch("/data/weights.bin")).arrayBuffer());
    arrays = Object.fromEntries(Object.entries(graph.arrays).map(([name, { at, shape }]) => [name, tf.tensor(flat.slice(at, at + shape.reduce((a, b) => a * b, 1)), shape)]));
    return `tfjs ${tf.version_core}, ${tf.getBackend()}, 1 thread`;
  },
  async forward(x) {
    const y = tf.tidy(() => net(last(x)));
    const data = await y.data();
    y.dispose();
    return data;
  },
  async grad(x, channel) {
    const { value, grad } = tf.tidy(() => {
      const r = tf.valueAndGrad((x) => tf.sum(tf.slice(net(x), [0, channel], [1, 1])))(last(x));
      return { value: r.value, grad: first(r.grad) };
    });
    const answer = { value: (await value.data())[0], grad: await grad.data() };
    value.dispose();
    grad.dispose();
    return answer;
  },
};

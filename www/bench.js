// The page protocol of the peers' benchmark, with the real engine in its worker.
import { CnnLens } from "./cnn-lens.js";

const LAYER = "relu5_3";
let lens;
const side = (x) => Math.round(Math.sqrt(x.length / 3));
const raw = (op, x) => lens.raw(op, x, [side(x), side(x)]);

window.bench = {
  layout: "NCHW",
  async init() {
    const query = new URL(location).searchParams;
    lens = await CnnLens.load({ device: query.get("device") ?? "cpu", simd: query.get("simd") ?? "auto" });
    return { version: "cnn-lens", backend: `${lens.device.kind}: ${lens.device.name}` };
  },
  async forward(x) { return (await raw({ op: "forward", layer: LAYER }, x)).data; },
  async grad(x, channel) {
    const r = await raw({ op: "gradient", layer: LAYER, channel }, x);
    return { value: r.value, grad: r.data };
  },
  async ascend(x, channel, { steps, lr, b1, b2, eps }) {
    const r = await raw({ op: "ascend", layer: LAYER, channel, steps, lr, b1, b2, eps }, x);
    return { x: r.data, values: r.values };
  },
};

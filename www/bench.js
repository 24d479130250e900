// The page protocol of the peers' benchmark, with the real engine in its worker.
import { CnnLens } from "./cnn-lens.js";

const LAYER = "relu5_3";
let lens;
const side = (x) => Math.round(Math.sqrt(x.length / 3));
const raw = (op, x) => lens.raw(op, x, [side(x), side(x)]);

async function floatWeights(meta) {
  const flat = new Float32Array(await (await fetch("/data/weights_oihw.bin")).arrayBuffer());
  const convs = lens.layers().map((l, i) => ({ ...l, i })).filter((l) => l.op === "conv");
  for (const [n, { cin, cout, w, b }] of meta.layers.entries()) {
    const name = `features.${convs[n].i}`;
    await lens.setArrays([
      { name: `${name}.weight`, shape: [cout, cin, 3, 3], data: flat.subarray(w, w + 9 * cin * cout) },
      { name: `${name}.bias`, shape: [cout], data: flat.subarray(b, b + cout) },
    ]);
  }
}

/** The three channels the other way round. */
function turned(x) {
  const y = new Float32Array(x.length), n = x.length / 3;
  for (const c of [0, 1, 2]) y.set(x.subarray(c * n, (c + 1) * n), (2 - c) * n);
  return y;
}

/** Of another network (?net=squeezenet, for benches/squeezenet): logits, and the gradient of one; x as its card has it. */
function whole(net) {
  // the engine takes red first, whatever the network does
  let turn = (x) => x;
  const one = async (want, x) => (await lens.probe(want, turn(x), [side(x), side(x)], { alone: true }))[0];
  return {
    async init({ order }) {
      lens = await CnnLens.load({ net, device: "cpu" });
      if (order === "bgr") turn = turned;
      return `cnn-lens, ${lens.device.name}`;
    },
    forward: (x) => one({ want: "logits" }, x),
    async grad(x, channel) {
      const answer = await one({ want: "gradient", class: channel }, x);
      return { value: answer[0], grad: turn(answer.subarray(1)) };
    },
  };
}

const net = new URL(location).searchParams.get("net");
window.bench = net ? whole(net) : {
  layout: "NCHW",
  async init() {
    const query = new URL(location).searchParams;
    // the harness offers the float32 weights that its reference used; without it, the page's own packed ones
    const meta = await fetch("/data/meta.json").then((r) => (r.ok ? r.json() : null)).catch(() => null);
    const options = { device: query.get("device") ?? "cpu", simd: query.get("simd") ?? "auto" };
    lens = await CnnLens.load(meta ? { ...options, weights: false } : options);
    if (meta) await floatWeights(meta);
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

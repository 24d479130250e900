// Which engine does a job. The network that is compared with the one in use gets a second engine beside the page's; or, where the
// memory is small, the page's own runs the two networks in turn. Fetched when two networks are compared.
import { affordsHelpers, CnnLens } from "./cnn-lens.js";

/** The group of the engine's gallery in which a folder's photo is made ready; no visitor can type this name. */
const FOLDER = "\u0001";
/** Side of a folder's photo as the page keeps it, in pixels. */
const SMALL = 96;

let second = null; // a promise of the second engine
let has = null; // the picture that the other network's engine has
let lent = false; // the page's own engine may run the other network
let hear = null; // gets the progress of the weights: the job that waits for them

/** Lets an engine run a network, and waits for its weights. read: what openNetwork takes, for one of the visitor's own. */
async function give(engine, id, read) {
  if (engine.network !== id) has = null;
  await (read ? engine.openNetwork(read) : engine.useNetwork(id));
  // meanwhile another one may have been asked for
  if (engine.network !== id) throw engine.problem("cancelled", "another network was asked for");
}

/**
 * The engine that does a job, with the network and the picture that it is about. main: the page's own; own: the id of the network
 * in use; net, read: that of the job; picture: { given, options } as setImage takes them, or null; extra: the job's { signal,
 * onProgress }; load: options of CnnLens.load.
 */
export async function engineFor(main, own, net, { read, picture, extra, load }) {
  if (net === own) {
    if (!lent) return main;
    await give(main, net, read);
    [lent, has] = [false, null];
    // the other network's square of it may be another one
    if (picture) await main.setImage(picture.given, picture.options, extra);
    return main;
  }
  hear = extra.onProgress;
  let engine = main;
  if (affordsHelpers(navigator)) {
    const on = { weights: ({ bytes, total }) => hear?.({ done: bytes, total }) };
    const coming = second ??= CnnLens.load({ ...load, net, networks: read ? [read] : [], lazy: true, helpers: false, on });
    engine = await coming.catch((e) => {
      if (second === coming) second = null;
      throw e;
    });
  } else lent = true;
  await give(engine, net, read);
  hear = null;
  const options = JSON.stringify(picture?.options);
  if (picture && !(has?.given === picture.given && has.options === options)) {
    has = null;
    await engine.setImage(picture.given, picture.options, extra);
    has = { given: picture.given, options };
  }
  return engine;
}

/** Nobody asks the other network any more: the second engine ends. */
export function release() {
  second?.then((engine) => engine.close(), () => {});
  [second, has] = [null, null];
}

/**
 * The most probable class of a photo, without a change of the picture that the engine has: the photo is made ready as one of the
 * gallery's. mean, std: of red, green and blue in 0..1. Resolves to setImage's answer with a small picture, and { index, logit,
 * probability }.
 */
export async function classOf(engine, given, mean, std, extra) {
  const prepared = engine.setImage(given, { role: "gallery", group: FOLDER }, extra);
  const taken = await prepared.finally(() => engine.forget(FOLDER));
  const { size, rgba } = taken, n = size * size, x = new Float32Array(3 * n);
  for (let i = 0; i < 3 * n; i++) {
    const c = Math.floor(i / n);
    x[i] = (rgba[4 * (i % n) + c] / 255 - mean[c]) / std[c];
  }
  const [logits] = await engine.probe({ want: "logits" }, x, [size, size], extra);
  const index = logits.indexOf(logits.reduce((most, v) => Math.max(most, v))), logit = logits[index];
  return { ...taken, ...small(rgba, size), index, logit, probability: 1 / logits.reduce((sum, v) => sum + Math.exp(v - logit), 0) };
}

/** A picture made small: the mean of what falls on each of its pixels. */
function small(rgba, from) {
  const size = Math.min(SMALL, from), out = new Uint8ClampedArray(4 * size * size), edge = (i) => Math.floor(i * from / size);
  for (let i = 0; i < out.length; i++) {
    const c = i % 4, x = (i >> 2) % size, y = Math.floor((i >> 2) / size);
    let sum = 0, n = 0;
    for (let row = edge(y); row < edge(y + 1); row++) for (let column = edge(x); column < edge(x + 1); column++, n++) sum += rgba[4 * (row * from + column) + c];
    out[i] = sum / n;
  }
  return { size, rgba: out };
}

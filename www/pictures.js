// Whatever may hold a picture, as what the engine takes: a file, or pixels. Limits come first, before anything is copied.

/** Kinds of refusal after which the browser's own decoder is asked. A file that ends early is not among them: it would be half grey. */
export const SECOND_OPINION = new Set(["unsupported_format", "damaged_image", "not_an_image"]);

// Elements and objects that can be drawn, and their width and height.
const DRAWN = {
  HTMLImageElement: (s) => [s.naturalWidth, s.naturalHeight],
  HTMLVideoElement: (s) => (s.readyState < 2 ? [0, 0] : [s.videoWidth, s.videoHeight]),
  HTMLCanvasElement: (s) => [s.width, s.height],
  OffscreenCanvas: (s) => [s.width, s.height],
  ImageBitmap: (s) => [s.width, s.height],
  VideoFrame: (s) => [s.displayWidth, s.displayHeight],
};
const LARGEST_CANVAS = 4096 * 4096; // what every browser can draw; a larger picture is drawn smaller
const SVG_SIDE = 1024; // a drawing has no pixels of its own

/**
 * Reads a source of setImage. Resolves to { blob } or { width, height, rgba, original }; rejects with a LensError.
 * limits: { bytes, pixels, side } (catalog/picture.rs); problem(kind, detail) makes the error.
 */
export async function read(source, { limits, problem, signal }) {
  const tag = Object.prototype.toString.call(source).slice(8, -1); // unlike instanceof it knows objects of other frames
  const fits = (bytes) => { if (bytes > limits.bytes) throw problem("image_too_large", `${bytes} bytes`); };
  if (tag === "String" || tag === "URL") return { blob: await fetched(String(source), { limits, problem, signal, fits }) };
  if (tag === "Blob" || tag === "File") { fits(source.size); return { blob: source }; }
  if (tag === "ArrayBuffer" || tag === "SharedArrayBuffer" || ArrayBuffer.isView(source)) {
    fits(source.byteLength);
    return { blob: new Blob([tag === "SharedArrayBuffer" ? new Uint8Array(source).slice() : source]) };
  }
  if (tag === "ImageData") {
    measure([source.width, source.height], { limits, problem });
    if (source.data instanceof Uint8ClampedArray && (source.colorSpace ?? "srgb") === "srgb") {
      return { width: source.width, height: source.height, rgba: source.data.slice().buffer };
    }
    return pixels(await createImageBitmap(source), [source.width, source.height], problem);
  }
  if (tag in DRAWN) {
    if (tag === "HTMLImageElement" && !source.complete) await source.decode().catch(() => {}); // one without a picture has no width
    const size = DRAWN[tag](source);
    if (tag.startsWith("HTML") && tag !== "HTMLCanvasElement" && !size[0]) throw problem("image_missing", `the <${source.localName}> shows no picture yet`);
    measure(size, { limits, problem });
    return pixels(source, size, problem);
  }
  throw problem("unknown_source", `setImage was given ${source === null ? "null" : typeof source === "object" ? source.constructor?.name ?? tag : typeof source}`);
}

function measure([width, height], { limits, problem }) {
  if (width * height > limits.pixels) throw problem("image_too_large", `${width} x ${height} pixels`);
  if (Math.min(width, height) < limits.side) throw problem("image_too_small", `${width} x ${height} pixels`);
}

/** The file at an address, as long as it is not too large. */
async function fetched(url, { problem, signal, fits }) {
  const failed = (e) => { throw e.kind ? e : signal?.aborted ? problem("cancelled") : problem("image_missing", `${url}: ${e.message}`); };
  const r = await fetch(url, { signal }).catch(failed);
  if (!r.ok) throw problem("image_missing", `${url}: status ${r.status}`);
  const chunks = [], reader = r.body?.getReader();
  try {
    fits(Number(r.headers.get("content-length")));
    for (let size = 0; reader;) {
      const { done, value } = await reader.read();
      if (done) break;
      fits(size += value.length);
      chunks.push(value);
    }
  } catch (e) { reader?.cancel().catch(() => {}); failed(e); }
  return new Blob(chunks);
}

/** A file's bytes. One that changed on disk since it was chosen cannot be read. */
export function bytes(blob, problem) {
  return blob.arrayBuffer().catch((e) => { throw problem(blob instanceof File ? "file_changed" : "image_missing", e.message); });
}

/**
 * The browser's own decoder: turned by EXIF and converted to sRGB as it shows the picture; scripts in an SVG do not run and
 * nothing is fetched for it. Resolves like read(), or to null when the browser does not show it either.
 */
export async function byBrowser(blob, { svg, limits, problem }) {
  const file = svg ? await sized(blob) : blob.slice(0, blob.size, "");
  const url = URL.createObjectURL(file), image = new Image();
  try {
    await new Promise((ok, no) => { image.onload = ok; image.onerror = no; image.src = url; });
    let size = [image.naturalWidth, image.naturalHeight];
    if (svg) {
      const grown = SVG_SIDE / Math.max(...size);
      return { ...await pixels(image, size.map((n) => Math.max(1, Math.round(n * grown))), problem), original: size };
    }
    measure(size, { limits, problem });
    return await pixels(image, size, problem);
  } catch (e) {
    // what it cannot draw (or may not, as a drawing with HTML in it) it does not show
    if (e.kind && e.kind !== "pixels_forbidden") throw e;
    return null;
  } finally { URL.revokeObjectURL(url); }
}

/** An SVG with a width and a height: without them browsers give it none, or their own. */
async function sized(blob) {
  let text = await blob.text();
  try {
    const drawing = new DOMParser().parseFromString(text, "image/svg+xml"), root = drawing.documentElement;
    const [, , width, height] = (root.getAttribute("viewBox") ?? "").split(/[\s,]+/).map(Number);
    const given = (name) => /^\s*[\d.]+(px)?\s*$/.test(root.getAttribute(name) ?? "");
    if (root.localName === "svg" && !(given("width") && given("height"))) {
      root.setAttribute("width", width > 0 ? width : SVG_SIDE);
      root.setAttribute("height", height > 0 ? height : SVG_SIDE);
      text = new XMLSerializer().serializeToString(drawing);
    }
  } catch { /* a page with Trusted Types may not parse: then as the browser takes it */ }
  return new Blob([text], { type: "image/svg+xml" });
}

function context(width, height) {
  const canvas = typeof OffscreenCanvas === "function" ? new OffscreenCanvas(width, height) : Object.assign(document.createElement("canvas"), { width, height });
  return canvas.getContext("2d", { willReadFrequently: true });
}

/** Whether a canvas gives back what was drawn on it: protection against fingerprinting alters it. */
function honest() {
  const side = 64, drawn = new ImageData(side, side), canvas = context(side, side);
  for (let i = 0; i < drawn.data.length; i++) drawn.data[i] = i % 4 === 3 ? 255 : (i * 2654435761) >>> 24;
  canvas.putImageData(drawn, 0, 0);
  return canvas.getImageData(0, 0, side, side).data.every((v, i) => v === drawn.data[i]);
}

/** What `source` shows, drawn at width x height, as { width, height, rgba, original }. */
async function pixels(source, original, problem) {
  const scale = Math.min(1, Math.sqrt(LARGEST_CANVAS / (original[0] * original[1])));
  const [width, height] = original.map((n) => Math.max(1, Math.floor(n * scale)));
  try {
    if (honest()) {
      const canvas = context(width, height);
      canvas.imageSmoothingQuality = "high";
      canvas.drawImage(source, 0, 0, width, height);
      return { width, height, rgba: canvas.getImageData(0, 0, width, height).data.buffer, original };
    }
    return { ...await copied(source, [width, height]), original };
  } catch (e) {
    if (e.name === "SecurityError") throw problem("pixels_forbidden", e.message);
    throw e.name === "Altered" ? problem("pixels_altered", "a test pattern came back changed") : e;
  }
}

/** The pixels of `source` at this size, for browsers that give noise instead of what was drawn on a canvas. */
async function copied(source, [resizeWidth, resizeHeight]) {
  const altered = () => Object.assign(new Error(), { name: "Altered" });
  if (typeof VideoFrame !== "function") throw altered();
  const bitmap = await createImageBitmap(source, { resizeWidth, resizeHeight, resizeQuality: "high" });
  const frame = new VideoFrame(bitmap, { timestamp: 0 });
  try {
    const { width, height } = frame.visibleRect, rgba = new ArrayBuffer(4 * width * height);
    await frame.copyTo(rgba, { format: "RGBA", colorSpace: "srgb", layout: [{ offset: 0, stride: 4 * width }] });
    return { width, height, rgba };
  } catch { throw altered(); } finally { frame.close(); bitmap.close(); }
}

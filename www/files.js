// Pictures in folders: what was dropped or chosen, as [{ group, file }].

const named = (group, files) => files.map((file) => ({ group, file }));
const isPicture = (file) => file.type.startsWith("image/") || /\.(png|jpe?g|webp|gif|bmp|ico|avif|hei[cf]|tiff?|svg)$/i.test(file.name);

const NETWORK = /\.(onnx|pth?|ckpt|safetensors|h5|hdf5|keras|tflite|mlmodel|caffemodel|gguf|pb|pkl|torchscript)$|^(model|config)\.json$|\.bin$/i;

/** Whether a file holds a network, by its name. */
export const isNetwork = (file) => NETWORK.test(file.name ?? "");

/** Whether a file whose name says nothing begins as networks do: zip (PyTorch, Keras), pickle, HDF5, safetensors. */
async function begins(file) {
  if (/\.\w+$/.test(file.name) || file.type) return false;
  const [a, b, c, d, e, , , , open] = new Uint8Array(await file.slice(0, 9).arrayBuffer().catch(() => new ArrayBuffer(0)));
  const is = (...bytes) => bytes.every((byte, i) => byte === [a, b, c, d][i]);
  return is(0x50, 0x4b, 3, 4) || is(0x80, 2) || is(0x89, 0x48, 0x44, 0x46) || (e === 0 && open === 0x7b);
}

/** A chosen folder's files carry their path; single files go to the group that was typed. */
export function chosen(list, group) {
  const folder = (file) => file.webkitRelativePath?.split("/").slice(-2, -1)[0];
  return [...list].filter(isPicture).map((file) => ({ group: folder(file) || group, file }));
}

/** Dropped folders are groups by their names; single files go to the group that was typed. */
export async function dropped(transfer, group) {
  // the entries must be taken before the first await
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return chosen(transfer.files, group);
  const file = (entry) => new Promise((ok, no) => entry.file(ok, no));
  const all = async (reader) => {
    const part = await new Promise((ok, no) => reader.readEntries(ok, no));
    return part.length ? [...part, ...(await all(reader))] : [];
  };
  const walk = async (entry, group) => {
    if (entry.isFile) return named(group, [await file(entry)].filter(isPicture));
    const inside = await all(entry.createReader());
    return (await Promise.all(inside.map((e) => walk(e, entry.name)))).flat();
  };
  return (await Promise.all(entries.map((e) => walk(e, group)))).flat();
}

/**
 * What was dropped on the page: { network } of the files of a network, { files: [{ group, file }] with the pictures first, as
 * their names are ordered }, or { url } of an image dragged from another page, or neither.
 */
export async function received(transfer, group) {
  // all of it must be taken before the first await
  const url = address(transfer), given = [...transfer.files], list = dropped(transfer, group);
  if (given.some(isNetwork)) return { network: given };
  if ((await Promise.all(given.map(begins))).some(Boolean)) return { network: given };
  const files = await list.catch(() => []);
  files.sort((a, b) => a.group.localeCompare(b.group) || a.file.name.localeCompare(b.file.name, undefined, { numeric: true }));
  if (files.length) return { files };
  // no picture by its name: the engine says what it is, unless it is a folder, which has no bytes
  const other = given.find((file) => file.type || file.size % 4096 || /\.\w+$/.test(file.name));
  if (other) return { files: named(group, [other]) };
  const inside = url && data(url);
  return inside ? { files: named(group, [inside]) } : { files: [], url: given.length ? undefined : url };
}

/** The image's own address, not that of a link around it. */
function address(transfer) {
  const html = transfer.getData("text/html");
  const image = html ? new DOMParser().parseFromString(html, "text/html").querySelector("img[src]") : null;
  const list = transfer.getData("text/uri-list").split(/\r?\n/).filter((line) => line && !line.startsWith("#"));
  return image?.getAttribute("src") || list[0];
}

/** The picture inside a data: address, which the page's policy lets nobody fetch. */
function data(url) {
  const [, type, coded] = /^data:(image\/[\w.+-]+);base64,(.*)$/s.exec(url) ?? [];
  try { return type && new File([Uint8Array.from(atob(coded), (c) => c.charCodeAt(0))], "picture", { type }); } catch { return null; }
}

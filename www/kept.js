// Networks of the visitor's own that stay in this browser, if the visitor says so: one folder each below "networks" in the
// origin-private file system (page.js looks whether that is there before it fetches this file), with the shards as files and
// about.json, which is written last: a folder without it is no network.
const ABOUT = "about.json", VERSION = 1;
const root = async (create) => (await navigator.storage.getDirectory()).getDirectoryHandle("networks", { create });
// an id has signs that not every file system takes
const folderOf = (id) => encodeURIComponent(id);

/** Whether this browser can keep networks: it has the file system, and lets this page write to it (a frame without an origin may not). */
export async function able() {
  try {
    await navigator.storage.getDirectory();
    return "createWritable" in FileSystemFileHandle.prototype;
  } catch { return false; }
}

/**
 * Keeps what was read of a network, as openNetwork takes it. onProgress: { bytes, total }. Throws the browser's error, with
 * nothing kept, where there is no room (QuotaExceededError).
 */
export async function keep(read, onProgress) {
  const { shards, card, ...rest } = read, id = card.id, total = shards.reduce((sum, shard) => sum + shard.size, 0);
  await forget(id);
  const all = await root(true), folder = await all.getDirectoryHandle(folderOf(id), { create: true });
  const write = async (name, content) => {
    const stream = await (await folder.getFileHandle(name, { create: true })).createWritable();
    await stream.write(content);
    await stream.close();
  };
  try {
    let bytes = 0;
    for (const [i, shard] of shards.entries()) {
      await write(String(i), shard);
      onProgress?.({ bytes: bytes += shard.size, total });
    }
    await write(ABOUT, JSON.stringify({ version: VERSION, shards: shards.length, card, ...rest }));
  } catch (e) {
    await forget(id);
    throw e;
  }
  // else a browser that is short of room may clear it; the answer changes nothing here
  await navigator.storage.persist?.().catch(() => false);
}

/** All that are kept, as openNetwork takes them; their shards are files, which are read when they are used. */
export async function all() {
  const found = [];
  for await (const folder of (await root(false)).values()) {
    try {
      const file = async (name) => (await folder.getFileHandle(name)).getFile();
      const { version, shards, ...read } = JSON.parse(await (await file(ABOUT)).text());
      if (version === VERSION) found.push({ ...read, shards: await Promise.all(Array.from({ length: shards }, (_, i) => file(String(i)))) });
    } catch { /* begun and never finished, or of another version */ }
  }
  return found;
}

/** Deletes one, if it is kept. */
export async function forget(id) {
  await (await root(true)).removeEntry(folderOf(id), { recursive: true }).catch(() => {});
}

/**
 * A network that was read as one file of safetensors: its arrays, and its card as metadata. What the scripts' network() takes
 * (torch/cnn_lens.py).
 */
export async function asFile({ card, shards }) {
  const header = { __metadata__: { card: JSON.stringify(card) } }, bodies = [];
  let from = 0;
  for (const shard of shards) {
    const length = Number(new DataView(await shard.slice(0, 8).arrayBuffer()).getBigUint64(0, true));
    const { __metadata__, ...tensors } = JSON.parse(await shard.slice(8, 8 + length).text());
    for (const [name, tensor] of Object.entries(tensors)) header[name] = { ...tensor, data_offsets: tensor.data_offsets.map((at) => at + from) };
    bodies.push(shard.slice(8 + length));
    from += shard.size - 8 - length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header)), size = new DataView(new ArrayBuffer(8));
  // numbers of four bytes begin at such a place, for those who map the file into memory
  const padding = " ".repeat((8 - text.length % 8) % 8);
  size.setBigUint64(0, BigInt(text.length + padding.length), true);
  return new Blob([size, text, padding, ...bodies]);
}

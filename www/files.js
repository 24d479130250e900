// Pictures in folders: what was dropped or chosen, as [{ group, file }].

const named = (group, files) => files.map((file) => ({ group, file }));
const isPicture = (file) => file.type.startsWith("image/") || /\.(png|jpe?g|webp|gif)$/i.test(file.name);

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

// What the story needs of the browser: its text, which paragraph is read, and paper.

// tools/post-build.mjs fills in every language's revision.
const REVISIONS = {};

/** A language's file, or null: asked for when the story is opened. */
export async function told(lang) {
  try {
    const answer = await fetch(`story/${lang}.json${REVISIONS[lang] ? `?v=${REVISIONS[lang]}` : ""}`);
    return answer.ok ? await answer.json() : null;
  } catch { return null; }
}

let heard = null, last = -1, timer = 0, still = true;
const paragraphs = () => [...document.querySelectorAll("#story [data-paragraph]")];

/** Calls back(number) when the reader has scrolled to another paragraph; null ends it. */
export function follow(back) { heard = back; last = -1; }

/** The lower edge of the stage where it lies above the text, else the window's top. */
function edge() {
  const stage = document.querySelector(".centre").getBoundingClientRect(), text = document.querySelector("#story").getBoundingClientRect();
  return stage.right > text.left + 1 && stage.left < text.right - 1 ? Math.max(0, stage.bottom) : 0;
}

/** The last paragraph that begins above the middle of what is seen of the text; at the page's end the last one. */
function read() {
  const all = paragraphs();
  if (!heard || !all.length) return;
  const top = edge(), line = top + (innerHeight - top) * 0.45;
  const end = scrollY > 0 && scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
  const at = end ? all.at(-1) : all.filter((p) => p.getBoundingClientRect().top < line).at(-1) ?? all[0];
  const number = Number(at.dataset.paragraph);
  if (number !== last) heard(last = number);
}

// only the reader's own scrolling counts, once it rests
for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(kind, () => { still = false; }, { passive: true });
addEventListener("scroll", () => {
  clearTimeout(timer);
  if (heard && !still) timer = setTimeout(read, 250);
}, { passive: true });

/** Brings a paragraph into sight (the chapter's first one with its title), and the focus to it. */
export function reveal(number) {
  still = true;
  clearTimeout(timer);
  last = number;
  const title = document.querySelector("#chapter"), at = number === 0 ? title : paragraphs()[number];
  if (!at) return;
  at.focus({ preventScroll: true });
  const top = at.getBoundingClientRect().top - edge() - 16, low = innerHeight * 0.6;
  // what is in sight stays where it is
  if (number === 0) scrollTo({ top: 0 });
  else if (top < 0 || at.getBoundingClientRect().bottom > Math.max(low, edge() + 80)) scrollBy({ top });
}

/** Prints once every picture of the sheet is there; back() when that is over. */
export async function print(sheet, back) {
  await Promise.all([...sheet.querySelectorAll("img")].map((image) => image.decode().catch(() => {})));
  addEventListener("afterprint", () => back(), { once: true });
  window.print();
}

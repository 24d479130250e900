// What the story needs of the browser: its text, which paragraph is read, and paper.

// tools/post-build.mjs fills in every language's revision.
const REVISIONS = {};

/** A language's file, the English one where it has none, or null: asked for when the story is opened. */
export async function told(wanted) {
  const lang = wanted in REVISIONS ? wanted : "en";
  try {
    const answer = await fetch(`story/${lang}.json${REVISIONS[lang] ? `?v=${REVISIONS[lang]}` : ""}`);
    return answer.ok ? await answer.json() : null;
  } catch { return null; }
}

/** The folder of the chapters' pictures with words of this language: the English ones' are above the others'. */
export const posters = (lang) => `posters/${lang === "zh" ? "zh/" : ""}`;

let heard = null, last = -1, timer = 0, still = true;
const paragraphs = () => [...document.querySelectorAll("#story .paragraph")];

/** Calls back(number) when the reader has scrolled to another paragraph. */
export function follow(back) { heard = back; }

/** The stage where it lies above the text: its height, and its lower edge now; beside the text it takes nothing. */
function above() {
  const stage = document.querySelector(".centre").getBoundingClientRect(), text = document.querySelector("#story").getBoundingClientRect();
  const over = stage.right > text.left + 1 && stage.left < text.right - 1;
  return { height: over ? stage.height : 0, bottom: over ? Math.max(0, stage.bottom) : 0 };
}

/** The last paragraph that begins above the middle of what is seen of the text; at the page's end the last one. */
function read() {
  const all = paragraphs();
  if (!all.length) return;
  const top = above().bottom, line = top + (innerHeight - top) * 0.45;
  const end = scrollY > 0 && scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
  const at = end ? all.length - 1 : Math.max(0, all.findLastIndex((p) => p.getBoundingClientRect().top < line));
  if (at !== last) heard(last = at);
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
  const at = number === 0 ? document.querySelector("#chapter") : paragraphs()[number];
  if (!at) return;
  at.focus({ preventScroll: true });
  const { height, bottom } = above(), { top, bottom: end } = at.getBoundingClientRect();
  // what is in sight stays where it is
  if (number === 0) scrollTo({ top: 0 });
  else if (top < bottom + 8 || end > innerHeight - 120) scrollBy({ top: top - height - 24 });
}

/** The whole story on paper: every chapter with its pictures and question, the answer key on a page of its own. */
export async function print(lang) {
  const story = await told(lang);
  if (!story) return;
  const { words, chapters } = story;
  const make = (name, content, props = {}) => {
    const element = Object.assign(document.createElement(name), props);
    element.append(...[content].flat());
    return element;
  };
  const sheet = make("article", [
    make("h1", `CNN Lens · ${words.title}`), make("p", words.pictures),
    ...chapters.map((c, i) => make("section", [
      make("h2", `${i + 1}. ${c.title}`),
      make("div", c.posters.map((name) => make("img", [], { src: `${posters(lang)}${name}`, alt: "" })), { className: "posters" }),
      ...c.paragraphs.map((p) => make("p", p.text)),
      make("div", [
        make("h3", words.question), make("p", c.question.ask),
        // what is drawn on the photo on the page is drawn on it on paper
        ...(c.question.kind === "draw" ? [make("img", [], { src: "examples/cat.jpg", alt: "" })] : []),
        make("ul", (c.question.options ?? []).map((o) => make("li", o.text))), make("p", words.your_answer),
      ], { className: "asked" }),
      make("p", `${words.teacher}: ${c.teacher}`, { className: "note" }),
    ])),
    make("section", [
      make("h2", words.key), make("p", words.key_intro),
      make("ol", chapters.map((c) => make("li", [make("strong", c.title), " ", c.answer]))),
    ], { className: "answer-key" }),
  ], { className: "sheet", lang: document.documentElement.lang });
  document.body.append(sheet);
  await Promise.all([...sheet.querySelectorAll("img")].map((image) => image.decode().catch(() => {})));
  addEventListener("afterprint", () => sheet.remove(), { once: true });
  window.print();
}

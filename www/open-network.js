// The dialog for a network of the visitor's own: what was read, which preprocessing looks right, which names the classes have.
// Fetched when a network is dropped or chosen; nothing of it leaves the browser.
import { CnnLens, readNetwork } from "./cnn-lens.js";
import { able, forget, keep } from "./kept.js";
import { labels as namesIn } from "./reader.js";

/** What networks are mostly trained with: x = (value / 255 * scale - mean) / std, the numbers in the order of the channels. */
export const PRESETS = [
  { id: "torchvision", en: "torchvision", zh: "torchvision", mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], scale: 1, order: "rgb" },
  { id: "unit", en: "0 to 1", zh: "0 到 1", mean: [0, 0, 0], std: [1, 1, 1], scale: 1, order: "rgb" },
  { id: "signed", en: "−1 to 1", zh: "−1 到 1", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], scale: 1, order: "rgb" },
  { id: "pixels", en: "0 to 255", zh: "0 到 255", mean: [0, 0, 0], std: [1, 1, 1], scale: 255, order: "rgb" },
  { id: "caffe", en: "Caffe (BGR, 0 to 255)", zh: "Caffe（BGR，0 到 255）", mean: [103.939, 116.779, 123.68], std: [1, 1, 1], scale: 255, order: "bgr" },
];

const TEXTS = {
  en: {
    title: "Your own network", reading: "Reading the file. It stays in this browser.", cancel: "Cancel", close: "Close", use: "Use this network", trying: "Trying it out …",
    keep: (mb) => `Keep it in this browser for the next visit (${mb} MB). The menu of networks deletes it again.`, keeping: "Keeping it …", full: (mb) => `This browser has no room for it: ${mb} MB are needed. It can be used without being kept.`,
    classes: (n) => `${n} classes`, parameters: (n) => `${n} parameters`, pixels: (n) => `pictures of ${n} × ${n}`, nodes: (n) => `${n} layers`, licence: "Licence",
    names: "Names of the classes, one a line", file: "From a file (text, JSON, config.json) …", missing: (n, have) => `${have} names for ${n} classes: every class needs one line.`, none: "Without names the classes are numbers.",
    from: (file) => `Names from ${file}.`, imagenet: "1000 classes: ImageNet's names are taken, in their usual order.",
    serves: (n, all) => `${n} of ${all} methods serve it`, lacking: "What the others need",
    which: "How were its pictures prepared? Most files do not say. Which answers look right?", preset: "Preparation", example: "Cat", photo: "Your photo", own: "Other numbers", mean: "Mean", std: "Deviation", scale: "White", order: "Order", try: "Try these", numbers: "Three numbers each; no deviation is 0; white is above 0.",
  },
  zh: {
    title: "您自己的网络", reading: "正在读取文件。文件不会离开此浏览器。", cancel: "取消", close: "关闭", use: "使用此网络", trying: "正在试算……",
    keep: (mb) => `保存在此浏览器中，下次可用（${mb} MB）。可在网络菜单中删除。`, keeping: "正在保存……", full: (mb) => `此浏览器空间不足：需要 ${mb} MB。可以不保存直接使用。`,
    classes: (n) => `${n} 个类别`, parameters: (n) => `${n} 个参数`, pixels: (n) => `图片 ${n} × ${n}`, nodes: (n) => `${n} 层`, licence: "许可",
    names: "类别名称，每行一个", file: "从文件读取（文本、JSON、config.json）……", missing: (n, have) => `${n} 个类别只有 ${have} 个名称：每个类别需要一行。`, none: "没有名称时，类别以编号表示。",
    from: (file) => `名称来自 ${file}。`, imagenet: "1000 个类别：按通常顺序使用 ImageNet 的名称。",
    serves: (n, all) => `${all} 种方法中有 ${n} 种适用`, lacking: "其余方法需要的条件",
    which: "它的图片是怎样预处理的？多数文件没有说明。哪些回答看起来对？", preset: "预处理", example: "猫", photo: "您的照片", own: "其他数值", mean: "均值", std: "标准差", scale: "白色", order: "顺序", try: "试试这些", numbers: "各需三个数；标准差不为 0；白色大于 0。",
  },
};

const element = (tag, attributes = {}, ...inside) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (typeof value === "function") node[name] = value; else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  node.append(...inside.flat().filter((part) => part !== undefined && part !== null));
  return node;
};

/**
 * Asks what is to be known of the files' network and resolves to what openNetwork takes, under an id of its own; null if the
 * visitor gave up. lang: "en" or "zh"; photo: the visitor's photo (a Blob or an address), if there is one; wanted: the preparation
 * that a link names, as `print` writes it.
 */
export async function open(files, { lang = "en", photo, wanted = "", read: given } = {}) {
  const t = TEXTS[lang] ?? TEXTS.en, stop = new AbortController();
  const body = element("div", { class: "body" }), status = element("p", { role: "status", class: "hint" }), bar = element("progress", { max: 1 });
  const dialog = element("dialog", { class: "dialog network-dialog", "aria-labelledby": "network-title", id: "network-dialog" }, element("h2", { id: "network-title" }, t.title), body);
  document.body.append(dialog);
  let lens = null, answer = null;
  const closed = new Promise((ok) => { dialog.onclose = ok; });
  const actions = (...buttons) => element("div", { class: "row actions" }, buttons);
  const cancel = () => element("button", { type: "button", id: "network-cancel", onclick: () => dialog.close() }, t.cancel);
  status.textContent = t.reading;
  body.append(status, bar, actions(cancel()));
  dialog.showModal();
  const work = async () => {
    const read = given ?? await readNetwork(files, { signal: stop.signal, onProgress: ({ bytes, total }) => { bar.value = bytes / total; } });
    if (!dialog.open) return;
    await ask(read);
  };
  const ask = async (read) => {
    const { card } = read;
    let preprocessing = card.preprocessing, preset = null, labels = Array.isArray(read.card.labels) ? read.card.labels : null;
    const known = read.card.labels === "imagenet", imagenet = [];
    const table = element("table", { class: "answers" }), trying = element("p", { role: "status", class: "hint" }, t.trying);
    const use = element("button", { type: "button", class: "primary", id: "network-use", disabled: true }, t.use);
    const names = element("textarea", { id: "network-names", rows: "4", "aria-label": t.names, spellcheck: "false" }), wrong = element("p", { class: "note", role: "alert", id: "network-wrong" });
    if (labels) names.value = labels.join("\n");
    // a few are typed with commas between
    const typed = () => { const all = names.value.split(/\r?\n/).map((line) => line.trim()).filter((line, i, list) => line || i < list.length - 1), parts = all.length === 1 ? all[0].split(/\s*[,;，、；]\s*/) : all; return parts.length === read.classes ? parts : all; };
    const check = () => {
      const list = typed().some(Boolean) ? typed() : [];
      const fits = !list.length || list.length === read.classes;
      wrong.textContent = fits ? "" : t.missing(read.classes, list.length);
      use.disabled = !fits || !preset;
      labels = list;
      return fits;
    };
    names.oninput = () => { if (check()) show(); };
    const input = element("input", { type: "file", id: "network-labels", accept: ".txt,.json,.csv,.names", onchange: async () => {
      const text = await input.files[0]?.text();
      if (text === undefined) return;
      const found = await namesIn(text).catch(() => []);
      names.value = found.join("\n");
      if (check()) show();
      if (!found.length) wrong.textContent = t.missing(read.classes, 0);
    } });
    const label = (k) => (known ? imagenet : labels)?.[k] || `${lang === "zh" ? "类别" : "class"} ${k}`;
    const rows = new Map();
    const choices = [...PRESETS];
    // what such files are mostly trained with, as the reader says: the visitor's eye decides
    const same = (a, b) => JSON.stringify(numbers(a)) === JSON.stringify(numbers(b));
    const likely = choices.find((choice) => same(choice, card.preprocessing)) ?? choices[0];
    const linked = choices.find(({ id }) => id === wanted) ?? parse(wanted);
    if (linked && !choices.includes(linked)) choices.push(linked);
    const pick = (choice) => { preset = choice.id; preprocessing = numbers(choice); use.disabled = !check(); };
    const line = (choice) => {
      const radio = element("input", { type: "radio", name: "preparation", value: choice.id, id: `prep-${choice.id}`, onchange: () => pick(choice) });
      radio.checked = choice.id === preset;
      const cells = [element("td"), ...(photo ? [element("td")] : [])];
      rows.set(choice, cells);
      return element("tr", {}, element("th", { scope: "row" }, element("label", {}, radio, ` ${choice[lang] ?? choice.en}`)), cells);
    };
    const results = new Map();
    const show = () => { for (const [choice, cells] of rows) cells.forEach((cell, i) => {
      const best = results.get(choice)?.[i];
      cell.replaceChildren(...(best ?? []).map(([k, p]) => element("span", {}, `${label(k)} · ${Math.round(p * 100)}\u00a0%`)));
    }); };
    const lines = choices.map(line), rest = element("tbody", {}, lines);
    const field = (id, value, words) => element("label", {}, words, element("input", { id: `prep-${id}`, value }));
    const [meanLabel, stdLabel, whiteLabel] = [field("mean", "0.5 0.5 0.5", t.mean), field("std", "0.5 0.5 0.5", t.std), field("white", "1", t.scale)];
    const [mean, std, white] = [meanLabel, stdLabel, whiteLabel].map((l) => l.querySelector("input"));
    const order = element("select", { id: "prep-order" }, ["rgb", "bgr"].map((o) => element("option", { value: o }, o.toUpperCase())));
    const apply = element("button", { type: "button", id: "prep-try" }, t.try), bad = element("p", { class: "note", role: "alert" });
    const more = element("details", { class: "more", hidden: true }, element("summary", {}, t.own), element("div", { class: "row" }, meanLabel, stdLabel, whiteLabel, element("label", {}, t.order, order), apply), bad);
    table.append(element("thead", {}, element("tr", {}, element("th", { scope: "col" }, t.preset), element("th", { scope: "col" }, t.example), photo ? element("th", { scope: "col" }, t.photo) : null)), rest);
    const serving = element("details", { class: "more", hidden: true });
    const keeps = element("input", { type: "checkbox", id: "network-keep" }), kept = element("p", { class: "note", role: "alert", id: "network-unkept" });
    const mb = (read.shards.reduce((sum, shard) => sum + shard.size, 0) / 1e6).toFixed(1);
    const says = [t.parameters(read.parameters?.toLocaleString(lang) ?? "?"), t.pixels(card.input.size), t.classes(read.classes), t.nodes(card.nodes.length)];
    body.replaceChildren(
      element("p", {}, element("strong", { id: "network-name" }, card.name), ` · ${says.join(" · ")}`),
      drawn(card, lang),
      ...(read.notes ?? []).map((note) => element("p", { class: "note" }, note[lang] ?? note.en ?? String(note))),
      ...(card.licence && card.licence !== "unknown" ? [element("p", { class: "hint" }, `${t.licence}: ${card.licence}`)] : []),
      serving,
      ...(known ? [element("p", { class: "hint" }, t.imagenet)] : [element("label", { class: "names" }, t.names, names), wrong, element("p", { class: "hint" }, read.labelsFile ? t.from(read.labelsFile) : t.none), element("label", { class: "drop small" }, input, element("strong", {}, t.file))]),
      element("p", {}, t.which), trying, element("div", { class: "scroll" }, table), more,
      ...((await able()) ? [element("label", { class: "keep" }, keeps, t.keep(mb)), kept] : []), actions(use, cancel()),
    );
    use.onclick = async () => {
      const id = `${card.id.split(";")[0]};${preset}`;
      const chosen = { ...read, card: { ...card, id, preprocessing, ...(known ? {} : { labels: labels ?? [] }) } };
      if (keeps.checked) {
        use.disabled = true;
        kept.textContent = t.keeping;
        try { await keep(chosen, ({ bytes, total }) => { kept.textContent = `${t.keeping} ${Math.round(100 * bytes / total)} %`; }); } catch {
          [kept.textContent, keeps.checked, use.disabled] = [t.full(mb), false, false];
          return;
        }
        // given up meanwhile
        if (!dialog.open) return void forget(id);
      }
      answer = chosen;
      dialog.close();
    };
    // each preparation on the cat and on the visitor's photo, in one pass each
    lens = await CnnLens.load({ device: "cpu", weights: false, networks: [read], net: card.id, signal: stop.signal });
    const methods = lens.methods(), lacks = Map.groupBy(methods.filter((m) => m.lacks), (m) => m.lacks[lang] ?? m.lacks.en);
    serving.append(element("summary", {}, t.serves(methods.filter((m) => !m.lacks).length, methods.length)), element("p", { class: "hint" }, `${t.lacking}:`),
      element("ul", {}, [...lacks].map(([need, all]) => element("li", {}, `${all.map((m) => m.name[lang] ?? m.name.en).join(", ")}: ${need}`))));
    serving.hidden = false;
    const pictures = [];
    for (const source of [new URL("examples/cat.jpg", import.meta.url).href, photo].filter(Boolean)) pictures.push(await lens.setImage(source, {}));
    if (known) for (const c of await lens.classify({ top: read.classes })) imagenet[c.index] = lang === "zh" ? c.label_zh : c.label;
    const answers = async (choice) => {
      const best = [];
      for (const { rgba, size } of pictures) {
        const [logits] = await lens.probe({ want: "logits" }, normalised(rgba, size, numbers(choice), numbers(card.preprocessing)), [size, size], { alone: true });
        best.push(top(logits, 2));
      }
      results.set(choice, best);
      show();
    };
    const take = (choice) => {
      pick(choice);
      rest.querySelector(`[value="${CSS.escape(choice.id)}"]`).checked = true;
    };
    for (const choice of choices) await answers(choice);
    take(linked ?? likely);
    trying.remove();
    more.hidden = false;
    apply.onclick = async () => {
      const choice = parse(["m" + mean.value.trim().split(/[\s,;]+/).join(","), "s" + std.value.trim().split(/[\s,;]+/).join(","), "w" + white.value, order.value].join("_"));
      bad.textContent = choice ? "" : t.numbers;
      if (!choice) return;
      if (![...results.keys()].some(({ id }) => id === choice.id)) {
        rest.append(line(choice));
        await answers(choice).catch(failed);
      }
      take([...results.keys()].find(({ id }) => id === choice.id));
    };
  };
  const failed = (e) => {
    if (!dialog.open) return;
    body.replaceChildren(element("p", { role: "alert", id: "network-problem" }, element("strong", {}, e.sentence?.[lang] ?? e.message), " ", e.action?.[lang] ?? ""), ...(e.detail ? [element("p", { class: "hint" }, element("code", {}, e.detail))] : []), actions(element("button", { type: "button", class: "primary", id: "network-close", onclick: () => dialog.close() }, t.close)));
  };
  work().catch(failed);
  await closed;
  stop.abort();
  lens?.close();
  dialog.remove();
  return answer;
}

/** A preparation of one's own as it stands in a link: m0.5,0.5,0.5_s0.5,0.5,0.5_w1_rgb; null for what is none. */
function parse(text) {
  const [, m, s, white, order] = /^m([-\d.,e+]+)_s([-\d.,e+]+)_w([\d.]+)_(rgb|bgr)$/.exec(text) ?? [];
  const [mean, std] = [m, s].map((list) => list?.split(",").map(Number)), scale = Number(white);
  const sound = (list, zero) => list.length === 3 && list.every((v) => Number.isFinite(v) && (zero || v !== 0));
  return order && sound(mean, true) && sound(std, false) && scale > 0 ? { id: text, en: text.replaceAll("_", " "), zh: text.replaceAll("_", " "), mean, std, scale, order } : null;
}

const numbers = ({ mean, std, scale, order }) => ({ mean, std, scale, order });

/**
 * The input [3, size, size] of pixels under `wanted`, for an engine that runs the card with `card`'s preparation: it reads red,
 * green and blue, each less the card's mean and divided by its deviation.
 */
function normalised(rgba, size, wanted, card) {
  const x = new Float32Array(3 * size * size), at = (of, c) => (of.order === "bgr" ? 2 - c : c);
  for (let c = 0; c < 3; c++) {
    const from = wanted.order === card.order ? c : 2 - c; // the channel that takes this one's place in the network
    for (let i = 0; i < size * size; i++) x[c * size * size + i] = (rgba[4 * i + from] / 255 * wanted.scale - wanted.mean[at(wanted, from)]) / wanted.std[at(wanted, from)];
  }
  return x;
}

/** The `n` most probable classes: [class, probability]. */
function top(logits, n) {
  const most = Math.max(...logits), weights = Array.from(logits, (v) => Math.exp(v - most)), sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w, k) => [k, w / sum]).sort((a, b) => b[1] - a[1]).slice(0, n);
}

/** The graph as a row of its operations, as wide as there are many of them. */
function drawn(card) {
  const nodes = card.nodes.filter((node) => !["activation", "affine"].includes(node.op));
  return element("ol", { class: "network-drawn", tabindex: "0" }, nodes.map((node) => element("li", { title: node.name, "data-op": node.op }, node.op.replaceAll("_", " "), node.out ? element("small", {}, String(node.out)) : null)));
}

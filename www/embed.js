// <cnn-lens view="#img=sample:cat&m=grad_cam"></cnn-lens>: one view of CNN Lens in any page. Nothing but a small poster is loaded
// until the reader clicks it (autoload: as soon as it is seen). Attributes: view, net ("vgg16" or "squeezenet": the
// network of a view that names none), lang, theme, autoload, poster (a picture of the view, 5 : 3). Events: "lens" with detail
// { t: "ready" | "state" | "progress" | "error" | "result" | "export", … }; methods: set(hash), run(),
// cancel(), export("png" | "json").
//
// What the reader sees of the examples is told to this page. A picture of the reader's own is not: its events say { own: true }
// and nothing else, and export() asks the reader in the frame whether this page's origin may have the picture, its maps, classes
// and numbers until the frame is closed or reloaded. Yes: the event "export" comes, and from then on all others in full; no:
// { t: "error", kind: "not_allowed", format }. A page without an origin (a sandbox) is always told no.

const SITE = new URL(".", import.meta.url).href;
// a sandboxed page cannot give its frame an origin either
const ORIGIN = self.origin === "null" ? "null" : new URL(SITE).origin;
const MB = { vgg16: "15", squeezenet: "1.5" }; // of each network's weights; tools/post-build.mjs fills in the exact numbers
const CODE = "1"; // MB of program
const WORDS = {
  en: { open: "Look inside", about: (mb) => `runs a real network in your browser (${mb} MB and a program of ${CODE} MB, once)` },
  zh: { open: "看看里面", about: (mb) => `在您的浏览器中运行真实的网络（网络 ${mb} MB，程序 ${CODE} MB，仅下载一次）` },
};
const STYLE = `:host { display: block; max-width: 45rem; } [hidden] { display: none; }
iframe { width: 100%; border: 0; display: block; min-height: 20rem; }
button { display: grid; gap: .5rem; justify-items: start; align-content: end; width: 100%; aspect-ratio: 5 / 3; padding: 1rem; border: 1px solid #8886; border-radius: 10px;
  background: #1d1f24 center / cover no-repeat; color: #fff; font: 600 1rem/1.4 system-ui, sans-serif; cursor: pointer; }
button span { background: #000b; border-radius: 6px; padding: .25rem .75rem; } button span + span { font-weight: 400; font-size: .875rem; }
button:focus-visible { outline: 3px solid #f2a33a; outline-offset: 2px; }`;

class CnnLensElement extends HTMLElement {
  #frame = null;

  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    const sample = /[#&]img=sample:(\w+)/.exec(this.#hash())?.[1] ?? "cat";
    // no <style>: a strict policy of the page around allows this
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    // no markup from text: pages that require Trusted Types allow this
    const button = document.createElement("button");
    button.part = "poster";
    button.append(document.createElement("span"), document.createElement("span"));
    root.append(button);
    this.attributeChangedCallback();
    button.onclick = () => this.load();
    new IntersectionObserver((seen, observer) => {
      if (!seen.some((e) => e.isIntersecting)) return;
      observer.disconnect();
      button.style.backgroundImage = `url("${this.getAttribute("poster") ?? `${SITE}examples/${sample}.jpg`}")`;
      if (this.hasAttribute("autoload")) this.load();
    }).observe(this);
    addEventListener("message", this.#hear);
  }

  static observedAttributes = ["lang", "net", "view"];

  attributeChangedCallback() {
    const zh = (this.getAttribute("lang") ?? document.documentElement.lang ?? "").startsWith("zh"), words = WORDS[zh ? "zh" : "en"];
    const [first, second] = this.shadowRoot?.querySelectorAll("button span") ?? [];
    const net = /(?:^#|&)net=(\w+)/.exec(this.#hash())?.[1];
    if (first) [first.textContent, second.textContent] = [`▶ ${words.open}`, `CNN Lens ${words.about(MB[net] ?? MB.vgg16)}`];
  }

  disconnectedCallback() { removeEventListener("message", this.#hear); }

  /** Loads the page into the frame. */
  load() {
    if (this.#frame) return;
    const frame = this.#frame = document.createElement("iframe");
    frame.title = "CNN Lens";
    frame.allow = "fullscreen";
    // with an origin of its own (not the page's around it) the network is downloaded once and works offline
    frame.sandbox = "allow-scripts allow-same-origin allow-downloads allow-popups allow-popups-to-escape-sandbox";
    frame.src = SITE + this.#hash();
    this.shadowRoot.querySelector("button").replaceWith(frame);
    frame.focus();
  }

  set(hash) { this.#post({ t: "set", hash: this.#whole(hash) }); }
  run() { this.#post({ t: "run" }); }
  cancel() { this.#post({ t: "cancel" }); }
  export(format = "png") { this.#post({ t: "export", format }); }

  #hash() { return this.#whole(this.getAttribute("view") ?? ""); }

  /** A view with what the element itself says: one view only, its network, language and theme. */
  #whole(view) {
    const net = this.getAttribute("net"), lang = this.getAttribute("lang"), theme = this.getAttribute("theme");
    const given = String(view).replace(/^#/, "");
    const has = (key) => new RegExp(`(^|&)${key}=`).test(given);
    const more = [["v", "1"], ["ui", "min"], ["dl", "auto"] /* whoever clicked the poster agreed */, ["net", net], ["lang", lang?.slice(0, 2)], ["theme", theme]].filter(([k, v]) => v && !has(k));
    return "#" + [...more.map(([k, v]) => `${k}=${v}`), given].filter(Boolean).join("&");
  }

  #post(message) { this.#frame?.contentWindow.postMessage({ target: "cnn-lens", ...message }, ORIGIN === "null" ? "*" : ORIGIN); }

  #hear = ({ source, origin, data }) => {
    if (!this.#frame || origin !== ORIGIN || source !== this.#frame.contentWindow || data?.source !== "cnn-lens") return;
    if (data.t === "size") Object.assign(this.#frame.style, { minHeight: 0, height: `${Math.min(Math.max(Number(data.height) || 0, 60), 4000)}px` });
    this.dispatchEvent(new CustomEvent("lens", { detail: data }));
  };
}

customElements.get("cnn-lens") ?? customElements.define("cnn-lens", CnnLensElement);

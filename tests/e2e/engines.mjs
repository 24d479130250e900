// Firefox ESR, WebKitGTK and Chromium behind one small interface, so that a check is written once. All come from Debian; Firefox
// and Chromium speak through puppeteer-core, WebKitGTK through its own WebDriver. (Tests of Chromium alone: browser.mjs.)
import { execFileSync, spawn } from "node:child_process";
import { createRequire } from "node:module";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const tools = createRequire(path.join(process.env.NODE_TOOLS ?? path.join(os.homedir(), ".cache/cnn-lens/tools/npm"), "package.json"));
const puppeteer = tools("puppeteer-core").default ?? tools("puppeteer-core");
const { PNG } = tools("pngjs");
const VIEW = { width: 1280, height: 900 };
const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr", CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** What a visitor's browser can be told to refuse, in every engine's own words. */
export const MODES = {
  plain: {},
  private: { firefox: { "browser.privatebrowsing.autostart": true } }, // WebKit's automation is a private window already
  "no cookies": { firefox: { "network.cookie.cookieBehavior": 2 }, webkit: ["--cookies-policy=never"] },
  "no storage": {
    firefox: { "dom.storage.enabled": false, "dom.indexedDB.enabled": false, "dom.caches.enabled": false, "dom.serviceWorkers.enabled": false },
    webkit: ["--enable-html5-local-storage=false", "--enable-html5-database=false"],
  },
  "resist fingerprinting": { firefox: { "privacy.resistFingerprinting": true } },
};

/**
 * A page of any engine; a driver adds goto, call, click, type, press, shot, close and leave: away from the site for good
 * (Firefox keeps a page for "back", and an old version lives as long as one of its pages).
 */
class Page {
  /** Runs `f(...args)` in the page; promises are awaited. */
  evaluate(f, ...args) { return this.call(String(f), args); }

  /** Until `f(...args)` is truthy, which it returns. */
  async waitFor(f, args = [], timeout = 60_000) {
    for (const end = Date.now() + timeout; ; await sleep(100)) {
      const value = await this.evaluate(f, ...args).catch((e) => { if (Date.now() > end) throw e; });
      if (value) return value;
      if (Date.now() > end) throw new Error(`${this.engine}: waited ${timeout / 1000} s for ${f} ${JSON.stringify(args)}; the page says: ${(await this.text("body")).slice(0, 600)}`);
    }
  }

  /** Until `selector` is there and, if `says` is given, its text contains that. */
  wait(selector, { says = "", timeout } = {}) {
    return this.waitFor((s, t) => document.querySelector(s)?.textContent.includes(t), [selector, says], timeout);
  }

  clickable(selector) {
    return this.waitFor((s) => { const e = document.querySelector(s); return e?.getBoundingClientRect().width > 0 && !e.disabled; }, [selector], 30_000);
  }

  gone(selector, timeout) { return this.waitFor((s) => !document.querySelector(s), [selector], timeout); }
  count(selector) { return this.evaluate((s) => document.querySelectorAll(s).length, selector); }
  text(selector) { return this.evaluate((s) => document.querySelector(s)?.textContent ?? "", selector); }
  hash() { return this.evaluate(() => location.hash); }

  /** Opens `url` and collects what goes wrong in the page from then on. */
  async open(url, ready) {
    await this.goto(url);
    await this.evaluate(() => {
      window.faults = [];
      addEventListener("error", (e) => window.faults.push(e.message));
      addEventListener("unhandledrejection", (e) => window.faults.push(String(e.reason)));
    });
    if (ready) await this.wait(ready);
    return this;
  }

  faults() { return this.evaluate(() => window.faults); }

  /** Drops a file on the page. */
  drop(name, type, bytes) {
    return this.evaluate((name, type, base64) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }, name, type, Buffer.from(bytes).toString("base64"));
  }

  /** Chooses an option by its place or its words. */
  select(selector, option) {
    return this.evaluate((selector, option) => {
      const select = document.querySelector(selector);
      select.selectedIndex = typeof option === "number" ? option : [...select.options].findIndex((o) => o.textContent === option);
      if (select.selectedIndex < 0) throw new Error(`no option ${option}`);
      for (const type of ["input", "change"]) select.dispatchEvent(new Event(type, { bubbles: true }));
    }, selector, option);
  }

  /** Chooses a method: its family's tab, then itself; wherever they are, as the menu moves while answers come in above it. */
  pick(id) {
    return this.evaluate((id) => {
      const method = document.querySelector(`.menu [data-method=${id}]`);
      document.querySelector(`.menu [data-tab=${method.closest("[data-family]").dataset.family}]`).click();
      method.click();
    }, id);
  }

  /** What the screen shows of an element: { width, height, at(x, y) } with x and y from 0 to 1. */
  async look(selector) {
    const box = await this.evaluate((s) => {
      const e = document.querySelector(s);
      e.scrollIntoView({ block: "center" });
      return new Promise((ok) => requestAnimationFrame(() => requestAnimationFrame(() => {
        const { x, y, width, height } = e.getBoundingClientRect();
        ok({ x, y, width, height });
      })));
    }, selector);
    const { image, x, y } = await this.shot();
    const at = (u, v) => {
      const i = 4 * (Math.round(y + box.y + v * (box.height - 1)) * image.width + Math.round(x + box.x + u * (box.width - 1)));
      return [...image.data.subarray(i, i + 3)];
    };
    return { width: box.width, height: box.height, at };
  }
}

// ---- Firefox and Chromium ------------------------------------------------------------------------------------------

class PuppeteerPage extends Page {
  constructor(engine, page) { super(); Object.assign(this, { engine, page }); }
  goto(url) { return this.page.goto(url, { waitUntil: "load" }); }
  call(f, args) { return this.page.evaluate(`(${f})(...${JSON.stringify(args)})`); }
  async click(selector) { await this.clickable(selector); await this.page.click(selector); }
  press(key) { return this.page.keyboard.press(key); }
  type(text) { return this.page.keyboard.type(text); }
  async shot() { return { image: PNG.sync.read(Buffer.from(await this.page.screenshot())), x: 0, y: 0 }; }
  back() { return this.page.evaluate(() => { history.back(); }); }
  close() { return this.page.close(); }
  async leave() {
    const last = this.page;
    this.page = await last.browser().newPage();
    await last.close();
  }
}

async function puppet(engine, options, downloads) {
  const browser = await puppeteer.launch({ headless: true, defaultViewport: VIEW, protocolTimeout: 240_000, ...options });
  return {
    engine, version: await browser.version(), downloads,
    page: async () => new PuppeteerPage(engine, await browser.newPage()),
    clear: async () => { for (const page of (await browser.pages()).slice(1)) await page.close(); },
    close: async () => { await browser.close(); if (downloads) fs.rmSync(downloads, { recursive: true, force: true }); },
  };
}

function firefox(mode) {
  const downloads = fs.mkdtempSync(path.join(os.tmpdir(), "lens-downloads-"));
  return puppet("firefox", {
    browser: "firefox", executablePath: FIREFOX,
    extraPrefsFirefox: {
      "intl.accept_languages": "en-GB", "browser.download.folderList": 2, "browser.download.dir": downloads,
      "browser.download.useDownloadDir": true, ...MODES[mode].firefox,
    },
  }, downloads);
}

const chromium = () => puppet("chromium", { browser: "chrome", executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--lang=en-GB"] });

// ---- WebKitGTK -----------------------------------------------------------------------------------------------------

const freePort = () => new Promise((ok) => {
  const server = net.createServer().listen(0, "127.0.0.1", () => { const { port } = server.address(); server.close(() => ok(port)); });
});

/** The screen and the driver that all WebKit windows share, started once. */
let machine;
const webkitMachine = () => machine ??= (async () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "lens-webkit-"));
  // -displayfd tells a free display's number; the screen lies in a file that anyone can read
  const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1300x1000x24", "-fbdir", home, "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const display = await new Promise((ok, no) => {
    screen.stdio[3].once("data", (d) => ok(`:${String(d).trim()}`));
    screen.once("exit", () => no(new Error("Xvfb did not start")));
    screen.once("error", no);
  });
  const port = await freePort();
  const env = { ...process.env, DISPLAY: display, HOME: home, XDG_RUNTIME_DIR: home, LANG: "en_GB.UTF-8", LANGUAGE: "en_GB", GDK_BACKEND: "x11", WEBKIT_DISABLE_DMABUF_RENDERER: "1", LIBGL_ALWAYS_SOFTWARE: "1", NO_AT_BRIDGE: "1" };
  const driver = spawn("WebKitWebDriver", [`--port=${port}`], { env, stdio: process.env.VERBOSE ? "inherit" : "ignore" });
  const ask = async (method, at, body, signal) => {
    const answer = await fetch(`http://127.0.0.1:${port}${at}`, { method, signal, body: body && JSON.stringify(body), headers: { "content-type": "application/json" } });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`WebKit: ${value.error}: ${value.message}`);
    return value;
  };
  for (const end = Date.now() + 20_000; ; await sleep(100)) {
    if (await ask("GET", "/status").then(() => true, (e) => { if (Date.now() > end) throw e; })) break;
  }
  const stop = () => { driver.kill(); screen.kill(); fs.rmSync(home, { recursive: true, force: true }); };
  process.once("exit", stop);
  return { ask, home, stop };
})();

/** Ends what `launch("webkit")` left running for the next one. */
export async function stopMachines() { if (machine) (await machine).stop(); machine = undefined; }

const miniBrowser = () => process.env.MINIBROWSER ?? ["x86_64-linux-gnu", "aarch64-linux-gnu"].map((a) => `/usr/lib/${a}/webkit2gtk-4.1/MiniBrowser`).find((f) => fs.existsSync(f));

const KEYS = { Enter: "\uE007", Escape: "\uE00C", Tab: "\uE004", ArrowRight: "\uE014", ArrowDown: "\uE015" };

class WebKitPage extends Page {
  engine = "webkit";
  constructor(ask, session, home) { super(); Object.assign(this, { home, ask: (method, at, body) => ask(method, `/session/${session}${at}`, body) }); }
  goto(url) { return this.ask("POST", "/url", { url }); }

  async call(f, args) {
    const script = `const [args, done] = arguments; (async () => (${f})(...args))().then((v) => done({ v }), (e) => done({ e: String(e) + "\\n" + e?.stack }));`;
    const r = await this.ask("POST", "/execute/async", { script, args: [args] });
    if (r?.e) throw new Error(r.e);
    return r?.v ?? undefined;
  }

  async click(selector) {
    await this.clickable(selector);
    // the driver scrolls no further than to the window's edge, where the strip of layers lies over it
    await this.evaluate((s) => document.querySelector(s).scrollIntoView({ block: "center" }), selector);
    const element = await this.ask("POST", "/element", { using: "css selector", value: selector });
    await this.ask("POST", `/element/${Object.values(element)[0]}/click`, {});
  }

  type(text) {
    const actions = [...text].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]);
    return this.ask("POST", "/actions", { actions: [{ type: "key", id: "keys", actions }] });
  }

  press(key) { return this.type([KEYS[key] ?? key]); }
  back() { return this.evaluate(() => { history.back(); }); }

  /** The whole screen as Xvfb keeps it: an XWD file (a big-endian header, then rows of BGRX). */
  async shot() {
    const file = fs.readFileSync(path.join(this.home, "Xvfb_screen0")), word = (i) => file.readUInt32BE(4 * i);
    const [header, width, height, row, colours] = [word(0), word(4), word(5), word(12), word(19)];
    const image = new PNG({ width, height });
    for (let y = 0, from = header + 12 * colours; y < height; y++, from += row) {
      for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++) image.data[4 * (y * width + x) + c] = file[from + 4 * x + 2 - c];
    }
    for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255;
    // the window's bars are above the page
    return { image, ...(await this.evaluate(() => ({ x: screenX, y: screenY + outerHeight - innerHeight }))) };
  }

  close() { return this.ask("DELETE", ""); }
  leave() { return this.goto("about:blank"); }
}

async function webkit(mode) {
  let machine = await webkitMachine();
  const open = [];
  const begin = () => machine.ask("POST", "/session", {
    capabilities: { alwaysMatch: { "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation", ...(MODES[mode].webkit ?? [])] }, timeouts: { script: 240_000, pageLoad: 120_000 } } },
  }, AbortSignal.timeout(60_000));
  const page = async () => {
    // a browser that does not come up (seen once in some hundred starts) is begun anew, with a new driver
    const { sessionId } = await begin().catch(async () => {
      await stopMachines();
      machine = await webkitMachine();
      return begin();
    });
    const page = new WebKitPage(machine.ask, sessionId, machine.home);
    open.push(page);
    await page.ask("POST", "/window/rect", { x: 0, y: 0, ...VIEW });
    return page;
  };
  const clear = async () => { for (const page of open.splice(0)) await page.close(); };
  const version = `WebKitGTK ${execFileSync("dpkg-query", ["-W", "-f=${Version}", "webkit2gtk-driver"])}`;
  return { engine: "webkit", version, get downloads() { return machine.home; }, page, clear, close: clear };
}

/** A browser with a new profile: { engine, version, downloads, page(), clear() closes its pages, close() }. */
export const launch = (engine, mode = "plain") => ({ firefox, webkit, chromium })[engine](mode);
export { PNG };

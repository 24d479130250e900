// make screenshots: the page in both themes and languages, wide and narrow, into screenshots/.
import fs from "node:fs";
import path from "node:path";
import { launch, root, serve } from "./browser.mjs";

const out = path.join(root, "screenshots");
fs.mkdirSync(out, { recursive: true });
const site = await serve();
const browser = await launch();
const only = process.argv[2];
for (const width of [1280, 360]) for (const colorScheme of ["light", "dark"]) for (const locale of ["en-GB", "zh-CN"]) {
  const name = `${width}-${colorScheme}-${locale.slice(0, 2)}`;
  if (only && !name.includes(only)) continue;
  const context = await browser.newContext({ viewport: { width, height: width > 400 ? 900 : 740 }, colorScheme, locale });
  const page = await context.newPage();
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && console.log(name, m.text().slice(0, 300)));
  page.on("pageerror", (e) => console.log(name, String(e)));
  await page.goto(site.url);
  await page.waitForSelector("#precomputed", { timeout: 20_000 });
  if (width > 400) await page.screenshot({ path: `${out}/first-${name}.png` });
  await page.waitForSelector("#tiles", { timeout: 30_000 });
  await page.click("[data-layer=relu4_3]");
  await page.waitForFunction(() => document.querySelector("#grid-title")?.textContent.includes("relu4_3"), null, { timeout: 60_000 });
  await page.click("#tiles .cell:nth-child(3)");
  await page.hover("#tiles .cell:nth-child(3)");
  await page.waitForTimeout(300);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${out}/${name}.png`, fullPage: true });
  console.log(name, await page.evaluate(() => `${document.documentElement.scrollWidth} wide, ${document.querySelector("#device").textContent}`));
  await context.close();
}
await browser.close();
site.close();

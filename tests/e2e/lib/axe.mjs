// What axe finds on a page: by the rules of WCAG 2.2 AA, in each theme.
import assert from "node:assert/strict";
import AxeBuilder from "@axe-core/playwright";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const THEMES = ["light", "dark", "outdoor"];

/** Colours fade for a moment; what counts is where they end. A fade that is cut short by another one is rejected. */
export const fadesEnd = (page) => page.evaluate(() => Promise.allSettled(document.getAnimations()
  .filter((animation) => animation instanceof CSSTransition).map(({ finished }) => finished)).then(() => undefined));

/** Nothing is found on the screen as it is. */
export async function clean(page, where) {
  await fadesEnd(page);
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary?.split("\n")[1] ?? ""}`).join("\n    ")}`);
  assert.deepEqual(told, [], where);
}

/** The same screen in each theme; the page shows a theme by an attribute, so nothing has to be opened again. */
export async function inAllThemes(page, where) {
  const before = await page.evaluate(() => document.documentElement.dataset.theme);
  for (const theme of THEMES) {
    await page.evaluate((name) => { document.documentElement.dataset.theme = name; }, theme);
    await clean(page, `${where}, ${theme}`);
  }
  await page.evaluate((name) => { document.documentElement.dataset.theme = name ?? "auto"; }, before);
}

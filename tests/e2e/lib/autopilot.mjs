// Reports without a person: runs inside the page and presses what a person presses, so that hundreds of reports from several
// windows take a minute. It uses nothing of the app but its buttons, fields and headings.
import { categoryName, FIRE } from "./field.mjs";
import { t } from "./words.mjs";

const words = {
  skip: t("report.no_photo"), category: categoryName(FIRE), note: t("report.note"), save: t("action.save"), saved: [t("saved.title"), t("saved.delivered_title")],
};

/** In the page: one report for every note; tells each one that the screen called saved. */
async function drive({ notes, words }) {
  const until = (find) => new Promise((resolve) => { const look = () => { const found = find(); if (found) resolve(found); else setTimeout(look, 4); }; look(); });
  const all = (selector, text) => [...document.querySelectorAll(selector)].find((element) => element.textContent.trim() === text);
  const press = (find) => until(find).then((element) => element.click());
  const isSaved = () => location.pathname.startsWith("/saved/") && words.saved.some((text) => all("h1", text));
  for (const note of notes) {
    await press(() => document.querySelector('a[href="/report"]'));
    const field = () => [...document.querySelectorAll("label")].find((label) => label.textContent.includes(words.note))?.querySelector("textarea, input");
    // The form is one draft for all windows: another one may be past the first steps already.
    while (!field()) {
      const step = await until(() => (field() ? "form" : all("button:not([disabled])", words.skip) ?? all("button.category", words.category)));
      if (step === "form") break;
      step.click();
      await until(() => !step.isConnected || field());
    }
    field().value = note;
    field().dispatchEvent(new Event("input", { bubbles: true }));
    while (!isSaved()) {
      const save = await until(() => (isSaved() ? "saved" : [...document.querySelectorAll("button.btn--primary")].find((button) => button.textContent.trim() === words.save && !button.hasAttribute("aria-busy"))));
      if (save === "saved") break;
      save.click();
      await until(() => isSaved() || !save.isConnected || !save.hasAttribute("aria-busy"));
    }
    await window.gsSaid(note);
  }
}

/** Saves one report for every note in a window of the app; `said` is called for each that the screen called saved. */
export async function fly(page, notes, said) {
  if (!page.gsListens) {
    page.gsListens = true;
    await page.exposeFunction("gsSaid", said);
  }
  await page.evaluate(drive, { notes, words });
}

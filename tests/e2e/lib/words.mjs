// The words of the app, read from the same catalogue that the app uses, so that scripts find things as people do.
import { readFileSync } from "node:fs";

const read = (language) => JSON.parse(readFileSync(new URL(`../../../locales/${language}.json`, import.meta.url), "utf8"));
const catalogue = { zh: read("zh-CN"), en: read("en") };

/** A text of the app: `t("lamp.saved")`, `t("report.photo_n", { n: 1 })`, `t("action.save", {}, "en")`. */
export function t(key, values = {}, language = "zh") {
  const text = catalogue[language][key];
  if (text === undefined) throw new Error(`the catalogue has no ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? `{${name}}`);
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A text with gaps as a pattern: every `{name}` may be anything. */
export function tLike(key, language = "zh") {
  const parts = catalogue[language][key].split(/\{\w+\}/).map(escape);
  return new RegExp(parts.join(".+"));
}

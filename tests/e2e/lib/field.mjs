// What a person does in the app, by the names that a screen reader says. Every wait is for something that shows.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jpeg } from "./jpeg.mjs";
import { jsonRows, rows } from "./phone-store.mjs";
import { sha256 } from "./stranger.mjs";
import { t } from "./words.mjs";

const catalogue = JSON.parse(readFileSync(new URL("../../../city/catalog.json", import.meta.url), "utf8"));
export const categoryName = (id, language = "zh") => catalogue.categories.find((category) => category.id === id).name[language];
const workflows = JSON.parse(readFileSync(new URL("../../../city/workflows.json", import.meta.url), "utf8")).workflows;
export const stateName = (id, language = "zh") => workflows[0].states.find((state) => state.id === id).label[language];
/** An urgent category that stands on the first page of the picture grid. */
export const FIRE = "forest-grassland-fire";

const photos = mkdtempSync(join(tmpdir(), "greenshield-photos-"));

/** A photo on disk: `{path, bytes, sha256}`. */
export function photoFile(seed, more = {}) {
  const bytes = jpeg({ seed, ...more });
  const path = join(photos, `IMG_${seed}.jpg`);
  writeFileSync(path, bytes);
  return { path, bytes, sha256: sha256(bytes).toString("hex") };
}

/** What waits longer than this waits for something that does not come. */
const SENT_MILLIS = 60_000;

export class Field {
  constructor(person, page = person.page) {
    this.person = person;
    this.page = page;
  }

  t(key, values) { return t(key, values, this.person.language); }
  button(key, values) { return this.page.getByRole("button", { name: this.t(key, values), exact: true }); }
  heading(key, values) { return this.page.getByRole("heading", { name: this.t(key, values), exact: true }); }
  tab(key) { return this.page.getByRole("navigation").getByRole("link", { name: this.t(key) }); }

  /** From the invite link to the first screen. */
  async enrol(url) {
    await this.page.goto(url);
    await this.button("enrol.yes").click();
    await this.tab("tab.records").waitFor();
  }

  /** Waits until the app can be opened without any network. */
  async precached() {
    await this.page.evaluate(() => navigator.serviceWorker.ready.then((registration) => registration.active.state === "activated"
      || new Promise((resolve) => registration.active.addEventListener("statechange", resolve))));
    await this.page.waitForFunction(() => navigator.serviceWorker.controller !== null, null, { timeout: 60_000 });
    // On the phone of somebody who works at a desk, with the part of the desk.
    await this.page.waitForFunction(async () => {
      if (localStorage.getItem("gs.desk") !== "true") return true;
      const held = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
      return held.flat().some((request) => new URL(request.url).pathname.startsWith("/desk-"));
    }, null, { timeout: 60_000 });
  }

  /** Starts the patrol of the open page; the first time, agrees to a track. */
  async setOut() {
    await this.person.tap(this.button("consent.start_with").or(this.button("patrol.start")));
  }

  async openReport() {
    await this.person.tap(this.tab("tab.report"));
    await this.camera().waitFor({ state: "attached" });
  }

  /** The file input behind the shutter. */
  camera() { return this.page.getByLabel(this.t("report.photo"), { exact: true }).or(this.page.getByLabel(this.t("report.photo_more"), { exact: true })).first(); }

  /** Takes a photo and waits until the form has it. */
  async takePhoto(path, n = 1) {
    await this.camera().setInputFiles(path);
    await this.button("report.photo_remove", { n }).waitFor();
  }

  /** The picture of a category; what was used lately stands twice. */
  category(id) { return this.page.getByRole("button", { name: categoryName(id, this.person.language), exact: true }).first(); }

  async chooseCategory(id) {
    await this.category(id).waitFor();
    if ((await this.category(id).getAttribute("aria-pressed")) === "true") return; // chosen in the draft; a tap would open the grid
    await this.person.tap(this.category(id));
    await this.page.getByRole("button", { name: this.t("report.other_category"), exact: true }).waitFor();
  }

  saveButton() { return this.button("action.save"); }
  savedHeading() { return this.page.getByRole("heading", { name: new RegExp(`^(${this.t("saved.title")}|${this.t("saved.delivered_title")})$`) }); }

  async save() {
    await this.person.tap(this.saveButton());
    await this.savedHeading().waitFor();
  }

  /** A whole report. */
  async report({ files = [], category = FIRE, note } = {}) {
    await this.openReport();
    for (const [i, file] of files.entries()) await this.takePhoto(file.path, i + 1);
    if (files.length === 0) await this.skipPhoto();
    await this.chooseCategory(category);
    if (note) await this.note(note);
    await this.save();
  }

  /** On without a photo; a draft that another window has begun is past that already. */
  async skipPhoto() {
    const skip = this.button("report.no_photo");
    await skip.or(this.saveButton()).first().waitFor();
    if (await skip.isVisible()) await skip.click({ timeout: 1000 }).catch(() => {});
    await this.saveButton().waitFor();
  }

  async openRecords() { await this.tab("tab.records").click(); await this.heading("records.title").waitFor(); }

  /** The lines of the list that name a category. */
  lines(category = FIRE) { return this.page.getByRole("link", { name: categoryName(category, this.person.language) }); }

  /** Photos that the open form shows. */
  draftPhotos() { return this.page.getByRole("button", { name: new RegExp(`^${this.t("report.photo_remove", { n: "\\d" })}$`) }).count(); }

  /** Waits until the open form shows so many photos: the disk is read after the form is there. */
  async hasPhotos(count) {
    await this.button("report.photo_remove", { n: count }).waitFor();
    assert.equal(await this.draftPhotos(), count);
  }

  noteField() { return this.page.getByLabel(this.t("report.note")); }
  async note(text) { await this.noteField().fill(text); }

  /** Waits for the words that the draft is on the disk. */
  async draftKept() { await this.page.getByText(this.t("lamp.draft"), { exact: true }).waitFor(); }

  /** Waits until nothing of this phone is unsent, by what is on the disk, and until the screen says so. */
  async allSent() {
    await this.page.goto(`${this.person.server.origin}/me/unsent`);
    const giveUpAt = performance.now() + SENT_MILLIS;
    for (;;) {
      const [outbox, blobs] = [await jsonRows(this.page, "outbox"), await jsonRows(this.page, "blobs")];
      const waiting = blobs.filter((blob) => blob.mine && blob.record !== null && blob.delivered_millis === null);
      if (outbox.length === 0 && waiting.length === 0) break;
      if (performance.now() > giveUpAt) throw new Error(`still unsent: ${JSON.stringify([...outbox, ...waiting])}\n${await this.page.locator("body").innerText()}`);
      await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    await this.page.getByText(this.t("me.unsent_none")).first().waitFor();
  }

  /** Waits until the record on the screen is delivered. */
  async hasSent() { await this.page.getByText(new RegExp(`^${this.t("lamp.delivered")}`)).first().waitFor({ timeout: 30_000 }); }

  /** On a record: another text for its note. */
  async changeNote(text) {
    await this.page.getByRole("link", { name: this.t("action.add"), exact: true }).click();
    await this.page.getByLabel(this.t("record.note"), { exact: true }).fill(text);
    await this.saveButton().click();
    await this.page.getByText(text).first().waitFor();
  }

  /** By the switch on the Me page; words are then asked for in that language. */
  async setLanguage(language) {
    await this.page.goto(`${this.person.server.origin}/`);
    await this.tab("tab.me").click();
    await this.page.getByText(t(`me.language_${language}`), { exact: true }).click();
    this.person.language = language;
    await this.heading("me.title").waitFor();
  }
}

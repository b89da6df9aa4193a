// What a desk officer does at a large screen.
import { categoryName, Field, FIRE } from "./field.mjs";

export class Desk extends Field {
  main() { return this.page.getByRole("main"); }

  async enrol(url) {
    await super.enrol(url);
    await this.inbox();
  }

  async inbox() {
    const rail = this.tab("tab.desk");
    await rail.waitFor();
    await rail.click();
    await this.inboxReady();
  }

  inboxReady() { return this.page.getByRole("heading", { name: this.t("desk.title") }).or(this.page.getByRole("heading", { name: this.t("desk.inbox") })).first().waitFor(); }

  /** Waits until news comes by itself. */
  isLive() { return this.page.getByText(this.t("sync.live"), { exact: true }).first().waitFor(); }

  line(category = FIRE) { return this.page.getByRole("link", { name: categoryName(category, this.person.language) }); }

  async open(category = FIRE) { await this.line(category).first().click(); }

  /** Waits until at least one photo of the record is drawn. */
  async photoShows() {
    await this.page.waitForFunction(() => [...document.querySelectorAll("main img")].some((image) => image.complete && image.naturalWidth > 500));
  }

  async sign() { await this.button("desk.sign").click(); }

  async answer(text) {
    await this.page.getByLabel(this.t("desk.answer_label")).fill(text);
    await this.button("desk.answer_send").click();
  }
}

// A lead goes from a phone to the desk, to another unit with its papers, and its result back to the reporter, who is offline half the time.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, describe } from "node:test";
import { clean, inAllThemes } from "./lib/axe.mjs";
import { Desk } from "./lib/desk.mjs";
import { categoryName, Field, photoFile, stateName } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t, tLike } from "./lib/words.mjs";

const SLOW = { timeout: 30_000 };
const SAND = "illegal-sand-mining";
const DAY = 86_400_000;
/** A day from today as a date field wants it, in Zhangye. */
const date = (days) => new Date(Date.now() + days * DAY + 8 * 3_600_000).toISOString().slice(0, 10);

describe("a referral", () => {
  const test = story();
  let server, volunteer, officer, liaison, phone, desk, unit, referral;

  before(async () => {
    server = await Server.start();
    [volunteer, officer, liaison] = await Promise.all([
      Person.start(server), Person.start(server, { screen: "desk" }), Person.start(server, { screen: "desk" }),
    ]);
    [phone, desk, unit] = [new Field(volunteer), new Desk(officer), new Desk(liaison)];
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
    await desk.enrol(server.invites.desk);
    await unit.enrol(await server.invite("liaison", "--unit", "water", "--name", "水务联络员"));
    // Who may be given something has to be known, and so was here once.
    const auxiliary = await Person.start(server);
    await new Field(auxiliary).enrol(server.invites.auxiliary);
    await new Field(auxiliary).report({ note: "试一试" });
    await new Field(auxiliary).allSent();
    await auxiliary.close();
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer, officer, liaison].map((person) => person?.close()));
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const shows = (page, words) => page.getByText(words, { exact: true }).first().waitFor(SLOW);
  const button = (page, name) => page.getByRole("button", { name, exact: true });
  const state = (page, words) => page.locator(".page .chips").getByText(words, { exact: true }).first().waitFor(SLOW);

  test("begins as a report from where there is no signal", async () => {
    await volunteer.setOffline(true);
    await phone.openReport();
    await phone.takePhoto(photoFile("sand").path);
    await phone.chooseCategory(SAND);
    await phone.note("两台挖机在河里挖沙");
    await phone.save();
    await volunteer.setOffline(false);
    await phone.allSent();
    await volunteer.setOffline(true);
  });

  test("is signed for, given to somebody, and handled at the desk", async () => {
    await desk.inbox();
    await desk.line(SAND).first().click(SLOW);
    await desk.photoShows();
    await desk.sign();
    await shows(officer.page, stateName("signed"));
    await button(officer.page, "派人").click();
    await officer.page.getByRole("group", { name: t("desk.assign_whom") }).getByRole("button", { name: /辅警乙/ }).click();
    await button(officer.page, t("desk.step_send", { step: "派人" })).click();
    await officer.page.locator(".desk-detail .chips").getByText(stateName("handling"), { exact: true }).first().waitFor(SLOW);
  });

  test("is made of the report in one step, with its facts by reference and its photo on the list", async () => {
    await officer.page.getByRole("link", { name: t("referral.from_record") }).click();
    await officer.page.getByLabel(t("referral.title_label")).waitFor(SLOW);
    assert.equal(await officer.page.getByLabel(t("referral.title_label")).inputValue(), categoryName(SAND));
    assert.equal(await officer.page.getByLabel(t("referral.note")).inputValue(), "两台挖机在河里挖沙");
    assert.equal(await officer.page.getByLabel(t("referral.to")).inputValue(), "water", "the department of the category");
    assert.equal(await button(officer.page, t("report.photo_n", { n: 1 })).getAttribute("aria-pressed"), "true");
    await officer.page.getByLabel(t("referral.item_name")).fill("现场笔录");
    await button(officer.page, t("referral.item_add")).click();
    await officer.page.getByText(t("referral.items_count", { n: 2 })).waitFor();
    await officer.page.getByLabel(t("referral.number")).fill("张公(生态)移字〔2026〕1号");
    await officer.page.getByLabel(t("referral.reply_by")).fill(date(9));
    await clean(officer.page, "a new referral");
    await officer.page.getByLabel(t("referral.to")).selectOption("");
    await button(officer.page, t("referral.make")).click();
    await shows(officer.page, t("referral.units_missing"));
    await officer.page.getByLabel(t("referral.to")).selectOption("water");
    await button(officer.page, t("referral.make")).click();
    await officer.page.getByRole("heading", { name: categoryName(SAND) }).waitFor(SLOW);
    await state(officer.page, "拟办");
    referral = new URL(officer.page.url()).pathname;
    await inAllThemes(officer.page, "a referral");
  });

  test("has papers to print, marked as drafts, with the hash of the photo and no gap that nobody knows", async () => {
    const hash = photoFile("sand").sha256;
    const folder = process.env.GREENSHIELD_PICTURES;
    if (folder) await mkdir(folder, { recursive: true });
    for (const paper of ["lead-letter", "receipt", "item-list", "extraction-list"]) {
      await officer.goto(`${referral}/papers/${paper}`);
      const sheet = officer.page.locator(".paper");
      await sheet.waitFor(SLOW);
      await sheet.getByText("草稿", { exact: true }).waitFor();
      const text = await sheet.innerText();
      assert.ok(!/[{}]/.test(text), text);
      if (paper !== "extraction-list") assert.ok(text.includes("水务局"), paper);
      if (paper.endsWith("list")) await sheet.getByText(hash).waitFor();
      assert.equal(text.includes("现场笔录"), paper === "item-list", "a paper is no electronic data");
      await clean(officer.page, `the paper ${paper}`);
      if (paper === "lead-letter") await inAllThemes(officer.page, "a paper");
      if (folder) await officer.page.pdf({ path: `${folder}/${paper}.pdf`, preferCSSPageSize: true });
    }
  });

  test("is sent, and the other unit signs the receipt and takes it on", async () => {
    await officer.goto(referral);
    await button(officer.page, "送出").click(SLOW);
    await state(officer.page, "已送出");
    await officer.page.getByText(t("referral.answer_wanted")).waitFor();
    await liaison.goto("/desk/referrals");
    await liaison.page.getByRole("link", { name: categoryName(SAND) }).click(SLOW);
    assert.equal(await button(liaison.page, "撤回").count(), 0, "that is for the other side");
    await button(liaison.page, "签收(回执)").click(SLOW);
    await state(liaison.page, "已接收");
    await button(liaison.page, "要求补正").click();
    await shows(liaison.page, t("referral.words_missing"));
    await button(liaison.page, "受理").click();
    await state(liaison.page, "已受理");
    await clean(liaison.page, "a referral at the unit");
    await state(officer.page, "已受理");
  });

  test("the unit sees the report that it is about, and tells the result", async () => {
    await liaison.page.getByRole("link", { name: t("task.about") }).click();
    await liaison.page.getByText("两台挖机在河里挖沙").first().waitFor(SLOW);
    await liaison.goto(referral);
    await liaison.page.setViewportSize({ width: 390, height: 844 });
    await clean(liaison.page, "a referral on a phone");
    await liaison.page.setViewportSize({ width: 1440, height: 900 });
    await liaison.page.getByLabel(t("referral.step_words")).fill("已责令停止采砂，立案查处。");
    await button(liaison.page, "反馈结果").click(SLOW);
    await state(liaison.page, "已有结果");
    await state(officer.page, "已有结果");
    await officer.page.getByText("已责令停止采砂，立案查处。").first().waitFor();
  });

  test("tells the whole story on one page, from the report to the result, with who did what", async () => {
    const steps = await officer.page.locator(".steps .step-title").allInnerTexts();
    const at = (words) => steps.findIndex((step) => step.includes(words));
    const order = [t("record.step_found"), stateName("signed"), "派给 辅警乙", t("referral.story", { step: "已送出" }),
      t("referral.story", { step: "已接收" }), t("referral.story", { step: "已受理" }), t("referral.story", { step: "已有结果" })].map(at);
    assert.ok(order.every((place) => place >= 0), `${order}\n${steps.join("\n")}`);
    assert.deepEqual(order, order.toSorted((a, b) => a - b), steps.join("\n"));
    await officer.page.locator(".steps").getByText("水务联络员").first().waitFor();
  });

  test("is counted in the year with both numbers, and each number leads to its records", async () => {
    await officer.goto("/desk/referrals");
    await officer.page.getByLabel(t("referral.share_since")).fill(`${date(0).slice(0, 4)}-01-01`);
    await officer.page.getByRole("link", { name: t("referral.share_of", { n: 1 }) }).waitFor(SLOW);
    await officer.page.getByText(t("referral.share_percent", { percent: "100.0" })).waitFor();
    await inAllThemes(officer.page, "all referrals");
    await officer.page.getByRole("link", { name: t("referral.share_n", { n: 1 }) }).click();
    await officer.page.getByRole("heading", { name: tLike("referral.taken_since") }).waitFor();
    await officer.page.getByRole("link", { name: categoryName(SAND) }).waitFor();
  });

  test("the reporter sees how far it is and not the referral, and reads the answer", async () => {
    await officer.goto("/desk");
    await officer.page.getByRole("button", { name: new RegExp(`^${t("desk.filter_working")}`) }).click(SLOW);
    await desk.line(SAND).first().click(SLOW);
    await button(officer.page, "办结").click(SLOW);
    await officer.page.locator("#desk-words").fill("水务局已立案查处，谢谢你。");
    await button(officer.page, t("desk.answer_step_send", { step: "办结" })).click();
    await officer.page.locator(".desk-detail .chips").getByText(stateName("closed"), { exact: true }).first().waitFor(SLOW);
    await volunteer.setOffline(false);
    await volunteer.goto("/");
    await phone.openRecords();
    await phone.lines(SAND).filter({ hasText: t("state.answered") }).first().click(SLOW);
    await volunteer.page.getByText("水务局已立案查处，谢谢你。").first().waitFor(SLOW);
    await volunteer.page.locator(".kv").getByText("已有结果").first().waitFor(SLOW);
    assert.equal(await volunteer.page.getByText("已责令停止采砂，立案查处。").count(), 0, "what the units write each other");
    await volunteer.goto(referral);
    await volunteer.page.getByText(t("record.missing")).first().waitFor(SLOW);
  });
});

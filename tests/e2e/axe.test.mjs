// Every screen is usable by everybody: axe finds nothing, a keyboard is enough, both languages are complete.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { inAllThemes } from "./lib/axe.mjs";
import { Desk } from "./lib/desk.mjs";
import { categoryName, Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { t } from "./lib/words.mjs";

describe("every screen is accessible", () => {
  let server, volunteer, officer, phone, desk;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server, { args: ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"] });
    officer = await Person.start(server, { screen: "desk" });
    phone = new Field(volunteer);
    desk = new Desk(officer);
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), officer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  test("without an invite, with a wrong one, and on the way in", async () => {
    await volunteer.goto("/");
    await volunteer.page.getByText(t("enrol.none"), { exact: true }).waitFor();
    await inAllThemes(volunteer.page, "no invite");
    await volunteer.page.goto(`${server.origin}/#/enrol/WRONGCODE`);
    await volunteer.page.getByText(t("enrol.error_wrong"), { exact: true }).waitFor();
    await inAllThemes(volunteer.page, "wrong invite");
    await volunteer.page.goto(server.invites.volunteer);
    await phone.button("enrol.yes").waitFor();
    await inAllThemes(volunteer.page, "invite");
    await phone.enrol(server.invites.volunteer);
    await desk.enrol(server.invites.desk);
  });

  for (const language of ["zh", "en"]) {
    test(`all screens of the phone in ${language}`, async () => {
      await phone.setLanguage(language);
      const page = volunteer.page;
      await phone.tab("tab.today").click();
      await phone.heading("today.title").waitFor();
      await inAllThemes(page, `today, ${language}`);
      await phone.openReport();
      await inAllThemes(page, `report: camera, ${language}`);
      await phone.takePhoto(photoFile(`axe-${language}`).path);
      await inAllThemes(page, `report: category, ${language}`);
      await phone.chooseCategory(FIRE);
      await inAllThemes(page, `report: chosen, ${language}`);
      await phone.button("voice.record").click();
      await page.getByText(phone.t("voice.recording")).waitFor();
      await inAllThemes(page, `report: recording, ${language}`);
      await page.getByRole("button", { name: phone.t("voice.stop") }).click();
      await page.locator("audio").waitFor();
      await phone.button("report.photo_remove", { n: 1 }).click();
      await phone.button("undo.put_back").waitFor();
      await inAllThemes(page, `report: voice note, photo taken out, ${language}`);
      await phone.button("undo.put_back").click();
      await phone.button("report.photo_remove", { n: 1 }).waitFor();
      await phone.save();
      await inAllThemes(page, `saved, ${language}`);
      await volunteer.goto("/");
      await phone.openRecords();
      await phone.lines().first().waitFor();
      await inAllThemes(page, `records, ${language}`);
      await phone.tab("tab.nearby").click();
      await phone.heading("nearby.title").waitFor();
      await phone.button("nearby.as_list").click();
      await phone.lines().first().waitFor();
      await inAllThemes(page, `nearby, ${language}`);
      await phone.lines().first().click();
      await phone.heading("record.history").waitFor();
      await page.locator("audio").waitFor();
      await inAllThemes(page, `record, ${language}`);
      await page.getByRole("button", { name: new RegExp(phone.t("record.photo_open")) }).first().click();
      await phone.button("share.stamp").click();
      await page.getByText(phone.t("share.stamp_text")).waitFor();
      await inAllThemes(page, `a stamped copy, ${language}`);
      await phone.button("action.close").click();
      await page.getByRole("button", { name: new RegExp(phone.t("record.photo_open")) }).first().click();
      await phone.button("share.cover").click();
      await page.locator("svg.cover").press("Enter");
      await inAllThemes(page, `covering faces, ${language}`);
      await page.keyboard.press("Escape");
      await volunteer.goto("/patrol");
      await phone.heading("ready.title").waitFor();
      await inAllThemes(page, `before a patrol, ${language}`);
      await phone.setOut();
      await phone.heading("patrol.under_way").waitFor();
      await inAllThemes(page, `on patrol, ${language}`);
      await phone.button("patrol.pocket").click();
      await page.getByRole("dialog").waitFor();
      await inAllThemes(page, `in a pocket, ${language}`);
      await page.getByRole("button", { name: phone.t("patrol.pocket_unlock") }).focus();
      await page.keyboard.down("Enter");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.keyboard.up("Enter");
      await page.getByRole("button", { name: new RegExp(`^${phone.t("patrol.end")}`) }).focus();
      await page.keyboard.down("Enter");
      await phone.heading("patrol.end_title").waitFor();
      await page.keyboard.up("Enter");
      await inAllThemes(page, `the end of a patrol, ${language}`);
      await phone.button("patrol.end_now").click();
      await phone.heading("patrol.title").waitFor();
      await inAllThemes(page, `a patrol, ${language}`);
      await phone.button("replay.open").click();
      await page.getByRole("slider", { name: phone.t("replay.time") }).waitFor();
      await page.locator(".replay .map[data-ready], .replay .card--warn").first().waitFor();
      await inAllThemes(page, `a replay, ${language}`);
      await volunteer.goto("/");
      await phone.tab("tab.me").click();
      await phone.heading("me.title").waitFor();
      await inAllThemes(page, `me, ${language}`);
      await volunteer.goto("/tasks");
      await phone.heading("task.mine").waitFor();
      await inAllThemes(page, `tasks, ${language}`);
      for (const [path, key] of [["/map/packs", "packs.title"], ["/me/install", "enrol.install_title"], ["/me/news", "news.title"], ["/training", "quiz.title"], ["/me/about", "me.about"]]) {
        await volunteer.goto(path);
        await phone.heading(key).waitFor();
        await inAllThemes(page, `${path}, ${language}`);
      }
      // A question that was answered stays answered: each language has a quiz of its own.
      await volunteer.goto(language === "zh" ? "/training/1" : "/training/2");
      await page.locator(".quiz-answer").first().click();
      await phone.button("quiz.next").waitFor();
      await inAllThemes(page, `a quiz, ${language}`);
      await volunteer.goto("/sos");
      await phone.button("sos.hold").waitFor();
      await inAllThemes(page, `call for help, ${language}`);
      await volunteer.goto("/");
      await phone.openRecords();
      await phone.lines().first().click();
      await page.getByRole("link", { name: phone.t("sms.open") }).click();
      await page.getByRole("link", { name: phone.t("sms.send") }).waitFor();
      await inAllThemes(page, `report by text message, ${language}`);
    });

    test(`the desk in ${language}`, async () => {
      await desk.setLanguage(language);
      await desk.inbox();
      await desk.line().first().waitFor();
      await inAllThemes(officer.page, `inbox, ${language}`);
      await officer.page.locator(".desk-filter").getByRole("button", { name: desk.t("desk.map"), exact: true }).click();
      await officer.page.locator(".desk-map .map[data-ready], .desk-map .card--warn").first().waitFor();
      await inAllThemes(officer.page, `inbox and map, ${language}`);
      await officer.page.locator(".desk-filter").getByRole("button", { name: desk.t("desk.map"), exact: true }).click();
      await desk.open();
      await desk.button("desk.answer_send").or(desk.page.getByLabel(desk.t("desk.answer_label"))).first().waitFor();
      await inAllThemes(officer.page, `record at the desk, ${language}`);
      await officer.page.goto(`${server.origin}/desk/devices`);
      await officer.page.getByRole("listitem").first().waitFor();
      await inAllThemes(officer.page, `the phones, ${language}`);
      await officer.page.goto(`${server.origin}/desk/sms`);
      await officer.page.getByLabel(desk.t("sms.desk_label")).fill("GS-1");
      await officer.page.getByRole("alert").first().waitFor();
      await inAllThemes(officer.page, `a text code at the desk, ${language}`);
      await officer.page.goto(`${server.origin}/desk/notices`);
      await officer.page.getByLabel(desk.t("notice.title_label")).fill("GS");
      await desk.button("notice.give").click();
      await officer.page.getByRole("link", { name: "GS" }).first().waitFor();
      await inAllThemes(officer.page, `notices at the desk, ${language}`);
      await officer.page.goto(`${server.origin}/desk/tasks`);
      await officer.page.getByRole("link", { name: desk.t("task.new") }).click();
      await desk.button("task.give").click();
      await officer.page.getByText(desk.t("task.units"), { exact: true }).click();
      await inAllThemes(officer.page, `a new task, ${language}`);
      await officer.page.getByLabel(desk.t("task.title_label")).fill("GS");
      await desk.button("task.give").click();
      await officer.page.getByRole("heading", { name: "GS" }).waitFor();
      await inAllThemes(officer.page, `a task, ${language}`);
      await officer.page.goto(`${server.origin}/desk/tasks`);
      await officer.page.getByRole("link", { name: "GS" }).first().waitFor();
      await inAllThemes(officer.page, `tasks at the desk, ${language}`);
      await officer.page.goto(`${server.origin}/desk/coverage`);
      await officer.page.getByText(desk.t("coverage.none"), { exact: true }).waitFor();
      await inAllThemes(officer.page, `coverage without areas, ${language}`);
      await officer.page.goto(`${server.origin}/desk/replay`);
      await desk.heading("replay.title").waitFor();
      await officer.page.getByRole("slider", { name: desk.t("replay.time") }).waitFor();
      await inAllThemes(officer.page, `the patrols of a day, ${language}`);
    });
  }

  test("a report by keyboard alone", async () => {
    await phone.setLanguage("zh");
    const { page } = volunteer;
    await volunteer.goto("/");
    await phone.tab("tab.report").waitFor();
    await tabTo(page, t("tab.report"));
    await page.keyboard.press("Enter");
    await phone.camera().waitFor({ state: "attached" });
    await tabTo(page, t("report.no_photo"));
    await page.keyboard.press("Enter");
    await phone.category(FIRE).waitFor();
    await tabTo(page, categoryName(FIRE));
    await page.keyboard.press("Space");
    await phone.button("report.other_category").waitFor();
    await tabTo(page, t("action.save"));
    await page.keyboard.press("Enter");
    await phone.savedHeading().waitFor();
  });

  /** Tab until the link, button or field with this name has the focus. */
  async function tabTo(page, name) {
    const reaches = () => page.evaluate((name) => {
      const at = document.activeElement;
      return at?.matches("a, button, input, textarea") && (at.getAttribute("aria-label") ?? at.textContent).trim() === name;
    }, name);
    for (let presses = 0; presses < 120; presses++) {
      if (await reaches()) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`Tab never reaches ${name}`);
  }

  test("the language of the page follows the choice, and no word of the other language is left", async () => {
    await phone.setLanguage("en");
    assert.equal(await volunteer.page.evaluate(() => document.documentElement.lang.slice(0, 2)), "en");
    for (const key of ["tab.today", "tab.records", "tab.me"]) {
      await volunteer.goto("/");
      await phone.tab(key).click();
      await volunteer.page.getByRole("heading", { level: 1 }).first().waitFor();
      const chinese = await volunteer.page.evaluate(() => document.querySelector("nav").innerText.match(/[\u4e00-\u9fff]+/g));
      assert.equal(chinese, null);
    }
    await phone.setLanguage("zh");
  });
});

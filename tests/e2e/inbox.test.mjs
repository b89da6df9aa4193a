// The desk answers: with the keyboard, through a cut of the network, to everybody who reported the same, with people and a unit that help.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { clean, inAllThemes } from "./lib/axe.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field, FIRE, photoFile, stateName } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t, tLike } from "./lib/words.mjs";

const SLOW = { timeout: 30_000 };

describe("the inbox of the desk", () => {
  const test = story();
  let server, volunteer, auxiliary, officer, liaison, phone, second, desk, unit;

  before(async () => {
    server = await Server.start();
    [volunteer, auxiliary, officer, liaison] = await Promise.all([
      Person.start(server), Person.start(server), Person.start(server, { screen: "desk" }), Person.start(server, { screen: "desk" }),
    ]);
    [phone, second, desk, unit] = [new Field(volunteer), new Field(auxiliary), new Desk(officer), new Desk(liaison)];
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
    await second.enrol(server.invites.auxiliary);
    await desk.enrol(server.invites.desk);
    await desk.precached();
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer, auxiliary, officer, liaison].map((person) => person?.close()));
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const shows = (page, words) => page.getByText(words, { exact: true }).first().waitFor(SLOW);
  const words = () => officer.page.locator("#desk-words");
  const lineOf = (person) => officer.page.locator(".desk-list").getByRole("link").filter({ hasText: person });
  /** Takes a step by its key; whatever has the focus is no form. */
  const press = (key) => officer.page.keyboard.press(key);
  const confirm = (step) => officer.page.getByRole("button", { name: t("desk.step_send", { step }), exact: true }).click();
  const opens = (page) => page.locator(".desk-detail .detail-title").waitFor(SLOW);

  test("a report of the highest urgency is seen at once, and heard where somebody wants that", async () => {
    await officer.page.getByRole("button", { name: t("desk.sound_off") }).click();
    await officer.page.getByRole("button", { name: t("desk.sound_on") }).waitFor();
    await volunteer.setOffline(true);
    await phone.report({ files: [photoFile("main")], note: "北坡冒烟" });
    await volunteer.setOffline(false);
    await officer.page.getByRole("alert").getByText(tLike("desk.urgent_new")).waitFor(SLOW);
    await inAllThemes(officer.page, "the inbox with something urgent");
    await officer.page.getByRole("button", { name: t("desk.urgent_seen") }).click();
    assert.equal(await officer.page.getByRole("alert").getByText(tLike("desk.urgent_new")).count(), 0);
  });

  test("at a narrow screen the list is there to be read", async () => {
    await officer.page.setViewportSize({ width: 390, height: 844 });
    await officer.goto("/desk");
    const { height } = await lineOf("义警甲").first().boundingBox();
    assert.ok(height > 80);
    assert.ok((await officer.page.locator(".desk-scroll").boundingBox()).height > 300);
    await officer.page.setViewportSize({ width: 1440, height: 900 });
    await officer.goto("/");
    await desk.inboxReady();
    await lineOf("义警甲").first().waitFor(SLOW);
  });

  test("the keys are explained, and lead through the list", async () => {
    await press("?");
    await officer.page.getByRole("dialog").getByText(t("desk.help_steps")).waitFor();
    await press("Escape");
    await officer.page.getByRole("dialog").waitFor({ state: "hidden" });
    await press("j");
    await officer.page.locator(".desk-list a:focus").waitFor();
    await press("Enter");
    await opens(officer.page);
    await desk.photoShows();
  });

  test("without a network the desk signs and asks back by keys, and it goes out afterwards", async () => {
    await officer.setOffline(true);
    await press("s");
    await shows(officer.page, stateName("signed"));
    await press("b");
    await words().waitFor();
    await confirm("退回补充");
    await shows(officer.page, t("desk.question_missing"));
    await words().fill("是沟里还是坡上？");
    await clean(officer.page, "a question");
    await confirm("退回补充");
    await officer.page.locator(".desk-detail").getByText(stateName("returned"), { exact: true }).first().waitFor();
    await officer.page.locator(".desk-detail").getByText(t("lamp.saved"), { exact: true }).first().waitFor();
    await officer.setOffline(false);
  });

  test("the reporter sees the question on the first page, and answers without a signal", async () => {
    await volunteer.goto("/");
    await phone.heading("asked.title").waitFor(SLOW);
    await clean(volunteer.page, "today with a question");
    await volunteer.setOffline(true);
    volunteer.takeTaps();
    await volunteer.tap(volunteer.page.getByRole("link", { name: t("asked.waits") }));
    await volunteer.page.getByRole("heading", { name: t("asked.question") }).waitFor();
    await shows(volunteer.page, "是沟里还是坡上？");
    await clean(volunteer.page, "a report with a question");
    await phone.button("asked.send").click();
    await shows(volunteer.page, t("asked.missing"));
    await volunteer.page.getByLabel(t("asked.words")).fill("在沟里，靠近羊圈。");
    await volunteer.page.getByLabel(t("task.photo")).setInputFiles(photoFile("answer").path);
    await volunteer.page.locator(".photo-grid li").nth(1).waitFor();
    await phone.button("asked.send").click();
    await volunteer.page.getByRole("heading", { name: t("asked.question") }).waitFor({ state: "detached" });
    await volunteer.setOffline(false);
    await phone.allSent();
    await volunteer.goto("/");
    await phone.heading("today.title").waitFor();
    assert.equal(await phone.heading("asked.title").count(), 0);
  });

  test("the answer waits at the desk like a new report", async () => {
    await lineOf("义警甲").getByText(t("desk.new_word")).waitFor(SLOW);
    await officer.page.locator(".desk-detail").getByText("在沟里，靠近羊圈。").first().waitFor(SLOW);
  });

  test("a second report of the same is joined to it, and its photos show there", async () => {
    await second.report({ files: [photoFile("same")], note: "我也看见了" });
    await second.allSent();
    await lineOf("辅警乙").first().click(SLOW);
    await officer.page.locator(".desk-detail").getByText("我也看见了").first().waitFor(SLOW);
    await press("m");
    await words().fill("已经有人报了，我们正在办。");
    await officer.page.getByRole("button", { name: t("desk.answer_step_send", { step: "重复" }), exact: true }).click();
    await shows(officer.page, t("desk.choice_missing"));
    await officer.page.getByRole("group", { name: t("desk.same_as") }).getByRole("button").filter({ hasText: "义警甲" }).click();
    await inAllThemes(officer.page, "a duplicate");
    await officer.page.getByRole("button", { name: t("desk.answer_step_send", { step: "重复" }), exact: true }).click();
    await officer.page.getByRole("link", { name: t("desk.goes_on") }).click(SLOW);
    await officer.page.getByRole("heading", { name: t("desk.same_from", { person: "辅警乙" }) }).waitFor(SLOW);
    await officer.page.locator(".desk-detail section.card .photo-grid img").first().waitFor(SLOW);
    assert.equal(await officer.page.locator(".desk-detail .photo-grid li").count(), 3, "two of the one, one of the other");
    await clean(officer.page, "a report that two people made");
  });

  test("somebody is given the report and finds it on the first page of the phone", async () => {
    await press("p");
    await officer.page.getByRole("group", { name: t("desk.assign_whom") }).getByRole("button", { name: /辅警乙/ }).click();
    await confirm("派人");
    await officer.page.getByText(t("desk.given_to", { names: "辅警乙" })).first().waitFor(SLOW);
    await auxiliary.goto("/");
    await second.heading("asked.title").waitFor(SLOW);
  });

  test("a unit gets it with a reason, takes it on, and tells the desk", async () => {
    await press("f");
    await words().fill("请派人到现场看水源");
    await officer.page.getByLabel(t("desk.forward_unit")).selectOption({ label: "水务局" });
    await clean(officer.page, "passing on");
    await confirm("转办");
    await officer.page.getByText(t("desk.passed_to", { unit: "水务局" })).first().waitFor(SLOW);
    await unit.enrol(await server.invite("liaison", "--unit", "water", "--name", "水务联络员"));
    await liaison.page.getByRole("button", { name: new RegExp(`^${t("desk.filter_working")}`) }).click(SLOW);
    await unit.line(FIRE).first().click(SLOW);
    await liaison.page.getByText("请派人到现场看水源").first().waitFor(SLOW);
    await liaison.page.getByRole("button", { name: "接办", exact: true }).click();
    await liaison.page.getByRole("button", { name: "回复值班台", exact: true }).click(SLOW);
    await liaison.page.locator("#desk-words").fill("水泵已到位");
    await liaison.page.getByRole("button", { name: t("desk.step_send", { step: "回复值班台" }), exact: true }).click();
    await lineOf("义警甲").getByText(t("desk.new_word")).waitFor(SLOW);
    await officer.page.locator(".desk-detail").getByText("水泵已到位").first().waitFor(SLOW);
  });

  test("closing it answers everybody who reported it", async () => {
    await officer.page.getByRole("button", { name: "办结", exact: true }).waitFor(SLOW);
    await press("c");
    await words().fill("火已扑灭，谢谢你们。");
    await officer.page.getByRole("button", { name: t("desk.answer_step_send", { step: "办结" }), exact: true }).click();
    for (const [person, field] of [[volunteer, phone], [auxiliary, second]]) {
      await person.goto("/");
      await field.openRecords();
      await field.lines().filter({ hasText: t("state.answered") }).first().waitFor(SLOW);
      const own = field.lines().filter({ hasText: t("state.answered") });
      for (let i = 0; ; i += 1) {
        assert.ok(i < await own.count(), "one of them has the answer");
        await own.nth(i).click();
        const isThere = await person.page.getByText("火已扑灭，谢谢你们。").first().waitFor({ timeout: 5_000 }).then(() => true, () => false);
        if (isThere) break;
        await person.page.goBack();
        await field.lines().first().waitFor();
      }
    }
  });
});

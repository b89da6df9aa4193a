// The desk answers: with the keyboard, through a cut of the network, to everybody who reported the same, with people and a unit that help.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { clean, inAllThemes } from "./lib/axe.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field, FIRE, photoFile, stateName } from "./lib/field.mjs";
import { GL, Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { ownOps } from "./lib/phone-store.mjs";
import { story } from "./lib/steps.mjs";
import { until } from "./lib/until.mjs";
import { t, tLike } from "./lib/words.mjs";

const SLOW = { timeout: 30_000 }, GARBAGE = "garbage-dumping";

describe("the inbox of the desk", () => {
  const test = story();
  let server, volunteer, auxiliary, officer, liaison, phone, second, desk, unit;

  before(async () => {
    server = await Server.start();
    [volunteer, auxiliary, officer, liaison] = await Promise.all([
      Person.start(server), Person.start(server), Person.start(server, { screen: "desk", args: GL }), Person.start(server, { screen: "desk" }),
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

  const shown = () => officer.page.locator(".desk-list").getByRole("link");
  const showsLines = (n) => until(officer.page, (n) => document.querySelectorAll(".desk-list a.item").length === n, n, SLOW);
  const chosen = (n) => officer.page.locator(".desk-bulk").getByText(t("many.chosen", { n }), { exact: true }).waitFor();
  const step = (name, n) => officer.page.getByRole("button", { name: t("many.step", { step: name, n }), exact: true });
  const done = (name, n) => officer.page.locator(".desk-bulk").getByText(t("many.done", { step: name, n })).waitFor(SLOW);
  const part = (key) => officer.page.locator(".desk-parts").getByRole("button", { name: new RegExp(`^${t(key)}`) }).click();
  const search = () => officer.page.getByRole("searchbox", { name: t("filter.words") });

  test("several are chosen by keys and signed for at once, each as its own op", async () => {
    for (const note of ["东沟倒垃圾", "西沟倒垃圾", "南沟倒垃圾"]) {
      await volunteer.goto("/");
      await phone.report({ category: GARBAGE, note });
    }
    await phone.allSent();
    await officer.goto("/desk");
    await showsLines(3);
    await press("j");
    await press("x");
    await chosen(1);
    await press("Shift+ArrowDown");
    await press("Shift+ArrowDown");
    await chosen(3);
    await inAllThemes(officer.page, "three lines chosen");
    const before = (await ownOps(officer.page)).length;
    await step("签收", 3).click();
    await done("签收", 3);
    assert.equal((await ownOps(officer.page)).length, before + 3);
    await officer.page.getByText(t("desk.empty"), { exact: true }).waitFor();
  });

  test("words and conditions stand in the address: linked, gone back from, kept under a name", async () => {
    await part("desk.filter_working");
    await showsLines(3);
    await search().fill("西沟");
    await showsLines(1);
    await officer.page.locator(".desk-found").getByText(t("filter.found", { n: 1 }), { exact: true }).waitFor();
    await until(officer.page, () => new URL(location.href).searchParams.get("q") === "西沟");
    const linked = new URL(officer.page.url());
    await officer.page.locator(".desk-narrow > summary").click();
    await officer.page.getByRole("textbox", { name: t("filter.name") }).fill("西沟的");
    await officer.page.getByRole("button", { name: t("filter.keep"), exact: true }).click();
    const kept = () => officer.page.locator(".desk-conditions").getByRole("link", { name: "西沟的" });
    await kept().waitFor();
    await inAllThemes(officer.page, "the conditions of the inbox");
    await officer.page.getByRole("button", { name: t("filter.clear"), exact: true }).click();
    await showsLines(3);
    await officer.page.goBack();
    await showsLines(1);
    assert.equal(await search().inputValue(), "西沟");
    await officer.page.goForward();
    await showsLines(3);
    await kept().click();
    await showsLines(1);
    await officer.goto(`${linked.pathname}${linked.search}`);
    await showsLines(1);
    await officer.page.locator(".desk-narrow > summary").click();
    await officer.page.getByRole("button", { name: t("filter.rename_of", { name: "西沟的" }) }).click();
    await officer.page.getByRole("textbox", { name: t("filter.rename_of", { name: "西沟的" }) }).fill("西边");
    await officer.page.getByRole("button", { name: t("action.save"), exact: true }).click();
    await officer.page.getByRole("button", { name: t("filter.remove_of", { name: "西边" }) }).click();
    await officer.page.getByRole("button", { name: t("filter.put_back") }).click();
    await officer.page.locator(".desk-conditions").getByRole("link", { name: "西边" }).waitFor();
    await search().fill("没有这个");
    await officer.page.getByText(t("filter.empty"), { exact: true }).waitFor();
    await officer.page.locator(".desk-inbox .empty").getByRole("button", { name: t("filter.clear") }).click();
    await showsLines(3);
  });

  test("what one of several is not open to is left as it was, and says why", async () => {
    await shown().first().click();
    await opens(officer.page);
    await press("h");
    await officer.page.locator(".desk-detail").getByText(stateName("handling"), { exact: true }).first().waitFor(SLOW);
    await officer.page.getByRole("checkbox").nth(0).click();
    await officer.page.getByRole("checkbox").nth(2).click({ modifiers: ["Shift"] });
    await chosen(3);
    // All three are chosen, two of them can take the step.
    await step("开始处理", 2).click();
    await done("开始处理", 2);
    await officer.page.locator(".desk-left").getByText(t("many.state", { state: stateName("handling") })).waitFor();
    await clean(officer.page, "several, one of them left");
    await officer.page.locator(".desk-bulk").getByRole("button", { name: t("action.close"), exact: true }).click();
    await officer.page.getByRole("button", { name: t("many.let_go"), exact: true }).click();
  });

  test("those that tell the same are joined at once, and what was chosen can be let go of", async () => {
    await officer.page.getByRole("checkbox").nth(0).click();
    await officer.page.getByRole("checkbox").nth(2).click({ modifiers: ["Shift"] });
    await chosen(3);
    await step("重复", 3).click();
    const form = officer.page.locator(".desk-bulk form");
    await form.getByRole("button", { name: t("desk.step_send", { step: "重复" }) }).click();
    await form.getByText(t("desk.choice_missing")).waitFor();
    await form.getByRole("group", { name: t("desk.same_as") }).getByRole("button").first().click();
    await form.locator("#many-words").fill("三条是同一件事，一起办。");
    await clean(officer.page, "several that tell the same");
    await form.getByRole("button", { name: t("desk.step_send", { step: "重复" }) }).click();
    await done("重复", 2);
    await officer.page.locator(".desk-bulk").getByRole("button", { name: t("action.close"), exact: true }).click();
    await showsLines(1);
    await part("desk.filter_closed");
    await officer.page.getByRole("checkbox").nth(0).click();
    await officer.page.getByRole("checkbox").nth(1).click();
    await step("重新处理", 2).waitFor();
    await officer.page.getByRole("button", { name: t("many.let_go") }).click();
    assert.equal(await officer.page.locator(".desk-bulk").count(), 0);
    assert.ok(await shown().count() >= 2);
  });

  const map = () => officer.page.locator(".desk-map");
  const drawn = () => map().locator(".map[data-ready]").waitFor({ timeout: 60_000 });
  const middle = async () => {
    const box = await map().locator(".map").boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2, box.width];
  };

  test("the map beside the list shows as many as the list, and a tap on a point opens it and goes to its line", async () => {
    await officer.page.locator(".desk-filter").getByRole("button", { name: t("desk.map"), exact: true }).click();
    await drawn();
    await map().getByText(t("desk.map_count", { n: await shown().count() }), { exact: true }).waitFor(SLOW);
    await part("desk.filter_working");
    await showsLines(1);
    await map().getByText(t("desk.map_count", { n: 1 }), { exact: true }).waitFor(SLOW);
    await inAllThemes(officer.page, "list and map");
    await map().getByRole("button", { name: t("desk.map_all"), exact: true }).click();
    await until(officer.page, async () => document.querySelector(".desk-map canvas").getBoundingClientRect().width > 300);
    const [x, y] = await middle();
    // A mark is drawn some frames after its point came.
    await until(officer.page, async () => document.querySelector(".desk-map .map").dataset.ready === "true");
    for (let i = 0; i < 20 && await officer.page.locator(".desk-detail .detail-title").count() === 0; i += 1) {
      await officer.page.mouse.click(x, y);
      await officer.page.locator(".desk-detail .detail-title").waitFor({ timeout: 2_000 }).catch(() => {});
    }
    await opens(officer.page);
    await officer.page.locator(".desk-list a[aria-current=true]").waitFor();
    await inAllThemes(officer.page, "list, map and report");
    if (process.env.SHOTS) await officer.page.screenshot({ path: `${process.env.SHOTS}/desk-map.png` });
  });

  test("only what the map shows is listed while somebody wants that, and the address says so", async () => {
    await map().getByRole("button", { name: t("desk.map_within"), exact: true }).click();
    await until(officer.page, () => new URL(location.href).searchParams.has("within"));
    await showsLines(1);
    const [x, y, width] = await middle();
    await officer.page.mouse.move(x - width / 2 + 30, y);
    await officer.page.mouse.down();
    await officer.page.mouse.move(x + width / 2 - 30, y, { steps: 8 });
    await officer.page.mouse.up();
    await showsLines(0);
    await officer.page.getByText(t("filter.empty"), { exact: true }).waitFor();
    await map().getByRole("button", { name: t("desk.map_within"), exact: true }).click();
    await showsLines(1);
    const { pathname, search } = new URL(officer.page.url());
    await officer.goto(`${pathname}${search}`);
    await drawn();
    await officer.page.locator(".desk-filter").getByRole("button", { name: t("desk.map"), exact: true }).click();
    await map().waitFor({ state: "detached" });
    await showsLines(1);
  });
});

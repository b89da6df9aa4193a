// A task goes from the desk to a phone and back: signed for and done without a signal, with a photo as proof, sent back once, and accepted.
// What is over its deadline stands at the desk. A long-term task is reviewed on its days, and a deadline moves for a reason. Notices go the same way.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe } from "node:test";
import { clean } from "./lib/axe.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { rows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t, tLike } from "./lib/words.mjs";

const WORK = "清理老虎沟的垃圾", LONG = "长期巡护黑河湿地";
const DAY = 86_400_000;
/** A day from today as a date field wants it, in Zhangye. */
const date = (days) => new Date(Date.now() + days * DAY + 8 * 3_600_000).toISOString().slice(0, 10);

describe("a task from the desk", () => {
  const test = story();
  let server, volunteer, officer, phone, desk;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    officer = await Person.start(server, { screen: "desk" });
    phone = new Field(volunteer);
    desk = new Desk(officer);
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
    await phone.report({ note: "沟里有人倒垃圾" });
    await phone.allSent();
    await desk.enrol(server.invites.desk);
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), officer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const shows = (page, words) => page.getByText(words, { exact: true }).first().waitFor({ timeout: 30_000 });
  const words = () => volunteer.page.getByLabel(t("task.words"));

  async function give(title, due) {
    await officer.goto("/desk/tasks");
    await officer.page.getByRole("link", { name: t("task.new") }).click();
    await officer.page.getByLabel(t("task.title_label")).fill(title);
    await officer.page.getByLabel(t("task.due")).fill(due);
  }

  test("is given because of a report, to somebody, until some day", async () => {
    await desk.inbox();
    await desk.open(FIRE);
    await officer.page.getByRole("link", { name: t("task.from_record") }).click();
    await officer.page.getByRole("link", { name: t("task.about") }).waitFor();
    await desk.button("task.give").click();
    await shows(officer.page, t("task.title_missing"));
    await officer.page.getByLabel(t("task.title_label")).fill(WORK);
    await officer.page.getByLabel(t("task.text_label")).fill("从桥头到羊圈，装车拉走。");
    await officer.page.getByRole("button", { name: /义警/ }).first().click();
    await officer.page.getByLabel(t("task.due")).fill(date(2));
    await clean(officer.page, "a new task");
    await desk.button("task.give").click();
    await officer.page.getByRole("heading", { name: WORK }).waitFor();
    await shows(officer.page, "等签收");
  });

  test("is on the phone by itself, and is signed for without a signal", async () => {
    await volunteer.goto("/");
    await phone.heading("task.mine").waitFor({ timeout: 30_000 });
    await clean(volunteer.page, "today with a task");
    await volunteer.setOffline(true);
    volunteer.takeTaps();
    await volunteer.tap(volunteer.page.getByRole("link", { name: WORK }));
    await volunteer.page.getByText("从桥头到羊圈，装车拉走。").first().waitFor();
    await volunteer.tap(volunteer.page.getByRole("button", { name: "签收", exact: true }));
    await shows(volunteer.page, "已签收");
    assert.equal(volunteer.takeTaps(), 2);
    await clean(volunteer.page, "a task");
  });

  test("tells how far it is, and words in the making survive a browser that is killed", async () => {
    await volunteer.page.getByRole("button", { name: "开始办", exact: true }).click();
    await shows(volunteer.page, "正在办");
    await phone.button("task.progress_only").click();
    await shows(volunteer.page, t("task.words_missing"));
    await words().fill("装了一车");
    await phone.button("task.percent", { n: 50 }).click();
    await phone.button("task.progress_only").click();
    await phone.heading("task.progress").waitFor();
    await volunteer.page.getByText(/ · 50%$/).waitFor();
    await words().fill("全部拉走了");
    await words().blur();
    while (!(await rows(volunteer.page, "drafts", { withText: true })).some(({ text }) => text === "全部拉走了"));
    const address = new URL(volunteer.page.url()).pathname;
    await volunteer.kill();
    await volunteer.reopen(null);
    phone = new Field(volunteer);
    await volunteer.goto(address);
    await volunteer.page.waitForFunction(() => document.querySelector("#task-words")?.value === "全部拉走了");
  });

  test("is done with a photo as proof", async () => {
    await volunteer.page.getByLabel(t("task.photo")).setInputFiles(photoFile("task").path);
    await volunteer.page.locator(".photo-grid img").first().waitFor();
    await volunteer.page.getByRole("button", { name: "办完了", exact: true }).click();
    await shows(volunteer.page, "办完了，等确认");
    await shows(volunteer.page, "全部拉走了");
    await volunteer.setOffline(false);
    await phone.allSent();
  });

  test("is looked at by the desk, and sent back with a word", async () => {
    await officer.goto("/desk/tasks");
    await officer.page.getByRole("link", { name: WORK }).filter({ hasText: "办完了，等确认" }).click();
    await shows(officer.page, "全部拉走了");
    await officer.page.getByText("装了一车").first().waitFor();
    await officer.page.locator(".photo-grid img").first().waitFor({ timeout: 30_000 });
    await officer.page.getByRole("button", { name: "退回重办", exact: true }).click();
    await shows(officer.page, t("task.words_missing"));
    await officer.page.getByLabel(t("task.words_desk")).fill("桥下还有一堆");
    await officer.page.getByRole("button", { name: "退回重办", exact: true }).click();
    await shows(officer.page, "退回重办");
    await volunteer.goto("/");
    await volunteer.page.getByRole("link", { name: WORK }).filter({ hasText: "退回重办" }).click({ timeout: 30_000 });
    await shows(volunteer.page, "桥下还有一堆");
  });

  test("is done again, accepted, and leaves the first page", async () => {
    await words().fill("桥下也清完了");
    await volunteer.page.getByRole("button", { name: "办完了", exact: true }).click();
    await shows(volunteer.page, "办完了，等确认");
    await officer.page.getByRole("button", { name: "确认完成", exact: true }).click({ timeout: 30_000 });
    await shows(officer.page, "已完成");
    await volunteer.goto("/tasks");
    await volunteer.page.getByRole("link", { name: WORK }).filter({ hasText: "已完成" }).waitFor({ timeout: 30_000 });
    await clean(volunteer.page, "all tasks");
    await volunteer.goto("/");
    await phone.heading("today.title").waitFor();
    assert.equal(await phone.heading("task.mine").count(), 0);
  });

  test("stands among the overdue ones at the desk when its day is over", async () => {
    await give("检查防火牌", date(-3));
    await desk.button("task.give").click();
    await officer.page.getByRole("heading", { name: "检查防火牌" }).waitFor();
    await officer.goto("/desk/tasks");
    await officer.page.getByRole("button", { name: t("task.count_overdue", { n: 1 }) }).click();
    await officer.page.getByRole("link", { name: "检查防火牌" }).filter({ hasText: "超期 2 天" }).waitFor();
    await clean(officer.page, "tasks at the desk");
  });

  test("a long-term task says when it is reviewed, and what was found then", async () => {
    const { page } = officer;
    await officer.goto("/desk/tasks/new");
    await page.getByLabel(t("task.title_label")).fill(LONG);
    await page.getByText(t("task.reviews"), { exact: true }).click();
    const days = page.getByRole("button", { name: new RegExp(`^${t("days.remove", { day: "" })}`) });
    for (const [n, day] of [3, 40, 200].entries()) {
      await page.getByLabel(t("days.pick"), { exact: true }).fill(date(day));
      await desk.button("days.add").click();
      await days.nth(n).waitFor();
    }
    await days.nth(1).click();
    await days.nth(2).waitFor({ state: "detached" });
    await clean(page, "a new long-term task");
    await desk.button("task.give").click();
    await page.getByRole("heading", { name: LONG }).waitFor();
    const near = page.locator("main .chips .chip--warn");
    await near.getByText(tLike("task.review_by")).waitFor();
    await volunteer.goto("/tasks");
    await volunteer.page.getByRole("link", { name: LONG }).filter({ hasText: tLike("task.review_by") }).waitFor({ timeout: 30_000 });
    await desk.button("task.review_do").click();
    await shows(page, t("task.words_missing"));
    await page.getByLabel(tLike("task.review_words")).fill("水位正常，围栏完好");
    await clean(page, "a review");
    await desk.button("task.review_do").click();
    await page.locator(".card").getByText("水位正常，围栏完好").waitFor();
    await near.waitFor({ state: "detached" });
    await page.locator("main .chips").getByText(tLike("task.review_by")).waitFor();
  });

  test("a deadline moves for a reason, and the task lists how it moved", async () => {
    const { page } = officer;
    const change = async (day) => {
      await page.getByRole("link", { name: t("task.change"), exact: true }).click();
      await page.waitForFunction((title) => document.querySelector("#task-title")?.value === title, LONG);
      await page.getByLabel(t("task.due")).fill(date(day));
    };
    await change(30);
    assert.equal(await page.getByLabel(t("task.due_reason")).count(), 0, "the first deadline moves none");
    await desk.button("action.save").click();
    await page.getByRole("heading", { name: LONG }).waitFor();
    assert.equal(await desk.heading("deadline.title").count(), 0);
    await change(60);
    await desk.button("action.save").click();
    await shows(page, t("task.due_reason_missing"));
    await page.getByLabel(t("task.due_reason")).fill("汛期道路中断");
    await clean(page, "a deadline that moves");
    await desk.button("action.save").click();
    const moved = page.locator(".card", { has: desk.heading("deadline.title") });
    await moved.getByText(/ → /).waitFor();
    await moved.getByText(/汛期道路中断$/).waitFor();
    await page.locator(".card").getByText("水位正常，围栏完好").waitFor();
    await clean(page, "how a deadline moved");
    await officer.goto(`/desk/tasks/new?change=${"0".repeat(32)}`);
    await shows(page, t("record.missing"));
  });

  test("a notice reaches those it is for, stays without a signal, and goes when it is taken back", async () => {
    await officer.goto("/desk/notices");
    await officer.page.getByLabel(t("notice.title_label")).fill("明天有大风");
    await officer.page.getByLabel(t("notice.text_label")).fill("不要上山脊。");
    await officer.page.getByLabel(t("notice.until_label")).fill(date(1));
    await officer.page.getByRole("button", { name: "生态义警", exact: true }).click();
    await clean(officer.page, "notices at the desk");
    await desk.button("notice.give").click();
    await officer.page.getByRole("link", { name: "明天有大风" }).waitFor();
    await volunteer.goto("/");
    await volunteer.page.getByRole("link", { name: "明天有大风" }).waitFor({ timeout: 30_000 });
    await volunteer.setOffline(true);
    await volunteer.page.reload();
    await volunteer.page.getByRole("link", { name: "明天有大风" }).click();
    await shows(volunteer.page, "不要上山脊。");
    await clean(volunteer.page, "a notice");
    await officer.page.getByRole("link", { name: "明天有大风" }).click();
    await desk.button("notice.withdraw").click();
    await shows(officer.page, "已收回");
    await volunteer.setOffline(false);
    await shows(volunteer.page, "已收回");
    await volunteer.goto("/");
    await phone.heading("today.title").waitFor();
    assert.equal(await volunteer.page.getByRole("link", { name: "明天有大风" }).count(), 0);
  });

  test("the bans of the city that hold today stand on the first page, and no others", async () => {
    const { bans } = JSON.parse(readFileSync(new URL("../../city/city.json", import.meta.url), "utf8"));
    const today = date(0);
    for (const { name, from, until } of bans) {
      const holds = from <= today && today <= until;
      assert.equal(await volunteer.page.getByRole("heading", { name: new RegExp(`^${name.zh} · `) }).count(), holds ? 1 : 0, name.zh);
    }
  });
});

// The registers of a city full of invented work: its numbers with the records behind them, a meeting that is called and held
// without a network, a step that needs another hand, a table that is taken whole or not at all, rules on a phone in a valley.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { after, before, describe } from "node:test";
import { inAllThemes } from "./lib/axe.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t } from "./lib/words.mjs";

const SLOW = { timeout: 30_000 };
const TITLE = "黑河采砂联席会议";
const { quizzes } = JSON.parse(readFileSync(new URL("../../city/quiz.json", import.meta.url), "utf8"));

describe("registers", () => {
  const test = story();
  let server, officer, chief, volunteer, desk, other, phone;

  before(async () => {
    server = await Server.start({ city: true });
    [officer, chief, volunteer] = await Promise.all([
      Person.start(server, { screen: "desk" }), Person.start(server, { screen: "desk" }), Person.start(server),
    ]);
    [desk, other, phone] = [new Desk(officer), new Desk(chief), new Field(volunteer)];
    await desk.enrol(await server.invite("city-desk", "--name", "指挥台"));
    await other.enrol(await server.invite("city-desk", "--name", "副指挥"));
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
  });
  after(async () => {
    const ends = await Promise.allSettled([officer, chief, volunteer].map((person) => person?.close()));
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const page = () => officer.page;
  const main = (person = officer) => person.page.locator("main#main");
  const button = (name, person = officer) => person.page.getByRole("button", { name, exact: true });
  const option = async (label, value) => { await page().getByLabel(label).selectOption({ label: value }); };
  const figure = (label) => page().locator(".figure", { has: page().getByRole("heading", { name: label, exact: true }) });

  test("the figures are those of the city, each with the records behind it", async () => {
    await officer.goto("/registers/figures");
    for (const [label, n] of [["生态警长", 25], ["生态警员", 188], ["生态义警", 355], ["联席会议", 14], ["宣传刊播", 24], ["联勤警务室候选", 12], ["示范派出所", 6]]) {
      await figure(label).locator(".figure-n", { hasText: new RegExp(`^${n}$`) }).waitFor(SLOW);
    }
    await figure("9月以来移送").getByText("59.6 %").waitFor();
    const chart = page().getByRole("img", { name: /^\d{4}-\d\d: \d+; / }).first();
    assert.equal((await chart.getAttribute("aria-label")).split("; ").length, 12);
    const download = page().waitForEvent("download");
    await desk.button("figures.file").click();
    const csv = await readFile(await (await download).path(), "utf8");
    assert.ok(csv.startsWith("\ufeff") && csv.includes(t("figures.column_what")), csv.slice(0, 200));
    await inAllThemes(page(), "figures");
    await figure("联勤警务室候选").getByRole("link").click();
    await main().locator(".register-table").waitFor();
    assert.equal(await main().locator(".register-table tbody tr").count(), 12, "the same records as the figure counts");
    await inAllThemes(page(), "the records behind a figure");
  });

  test("a meeting is called, changed and held where there is no network", async () => {
    await officer.goto("/registers");
    await page().getByRole("link", { name: /联席会议/ }).first().waitFor();
    await inAllThemes(page(), "all registers");
    await officer.setOffline(true);
    await page().getByRole("link", { name: /联席会议/ }).first().click();
    await page().getByRole("link", { name: t("register.add"), exact: true }).click();
    await button(t("register.save")).click();
    await page().getByText(t("register.fault_missing")).first().waitFor();
    await inAllThemes(page(), "a form with something missing");
    await page().getByLabel(/^名称/).fill(TITLE);
    await page().getByLabel(/^会议日期/).fill("2026-11-20");
    await option("县区", "临泽县");
    await option("层级", "县级");
    // What was typed is still there when the page is opened again.
    await page().reload();
    await page().waitForFunction((title) => document.querySelector("#register-20")?.value === title, TITLE);
    await button(t("register.save")).click();
    await page().getByRole("heading", { name: TITLE }).waitFor();
    await button("已召开").click();
    await button(t("register.step_do").replace("{step}", "已召开")).click();
    await page().getByText(t("register.fault_missing")).waitFor();
    await page().getByLabel("参会人数").fill("23");
    await button(t("register.step_do").replace("{step}", "已召开")).click();
    await main().locator(".chips").getByText("已召开").waitFor();
    await inAllThemes(page(), "a record of a register");
    await officer.setOffline(false);
    await chief.goto("/registers/meeting");
    await chief.page.getByRole("link", { name: TITLE }).first().click(SLOW);
    await main(chief).getByText("23", { exact: true }).waitFor(SLOW);
  });

  test("who did it does not confirm it", async () => {
    await officer.goto("/registers/treatment");
    await button(/^治理中 /).or(page().getByRole("button", { name: /^治理中/ })).first().click();
    await page().locator(".register-table tbody a").first().click();
    const title = await page().locator(".detail-title").textContent();
    await button("治理好了").click();
    await page().getByLabel("治理情况").fill("垃圾已清运");
    await button(t("register.step_do").replace("{step}", "治理好了")).click();
    await page().getByText(t("register.other_hand")).waitFor();
    assert.equal(await button("确认").count(), 0);
    const record = page().url().split("/").pop();
    await chief.goto(`/records/${record}`);
    await chief.page.getByRole("heading", { name: title, exact: true }).waitFor(SLOW);
    await button("确认", chief).click(SLOW);
    await chief.page.getByLabel("结果").fill("现场看过");
    await button(t("register.step_do").replace("{step}", "确认"), chief).click();
    await main(chief).locator(".chips").getByText("已确认").waitFor();
  });

  test("a table is taken whole or not at all", async () => {
    await officer.goto("/registers/task/import");
    const table = (lead) => ({ name: "分解表.csv", mimeType: "text/csv", buffer: Buffer.from(`\ufeff序号,任务,牵头单位,期限\n1,清点界桩,${lead},2026-12-31\n2,补种红柳,水务,\n`) });
    const file = page().locator("input[type=file]");
    await file.waitFor({ state: "attached" });
    await file.setInputFiles(table("没有这个单位"));
    await page().getByText(/C2/).waitFor();
    await inAllThemes(page(), "a table with something wrong");
    const units = await page().evaluate(async () => (await (await fetch("/city.json")).json())["catalog.json"].departments.map(({ name }) => name.zh));
    await file.setInputFiles({ ...table(units[1]), buffer: Buffer.from(`\ufeff序号,任务,牵头单位,期限\n1,清点界桩,${units[1]},2026-12-31\n2,补种红柳,${units[4]},\n`) });
    await page().getByText("序号").waitFor();
    await button(t("register.import_save").replace("{n}", "2")).click();
    await page().getByRole("link", { name: "清点界桩" }).waitFor();
    await main().getByRole("status").getByText("36").waitFor();
  });

  test("a place of a map and a track of a drone become records, and what is no point is told", async () => {
    const take = async (register, name, text) => {
      await officer.goto(`/registers/${register}/import`);
      const file = page().locator("input[type=file]");
      await file.waitFor({ state: "attached" });
      await file.setInputFiles({ name, mimeType: "application/xml", buffer: Buffer.from(text) });
    };
    const mark = (shape) => `<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>甘泉站</name>
      <ExtendedData><Data name="负责人"><value>王某</value></Data></ExtendedData>${shape}</Placemark></Document></kml>`;
    await take("site", "places.kml", mark("<LineString><coordinates>100,38 101,39</coordinates></LineString>"));
    await page().getByText(t("areas.fault", { n: 1, reason: t("areas.fault_point") })).waitFor();
    await take("site", "places.kml", mark("<Point><coordinates>100.25,38.2,2700</coordinates></Point>"));
    await page().getByText("王某").waitFor();
    await button(t("register.import_save", { n: 1 })).click();
    await page().getByRole("link", { name: "甘泉站" }).waitFor();
    const fix = (n) => `<trkpt lat="${38.9 + n * 0.009}" lon="100.4"><time>2026-11-20T0${n}:00:00Z</time></trkpt>`;
    await take("flight", "DJI_0042.gpx", `<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>${[1, 2, 3].map(fix).join("")}</trkseg></trk></gpx>`);
    await page().getByText("飞行分钟 120").waitFor();
    await button(t("register.import_save", { n: 1 })).click();
    await page().getByRole("link", { name: "DJI_0042" }).waitFor();
  });

  test("a training: the phone signs in and does the quiz in a valley, the desk sees who is missing", async () => {
    const title = "防火业务培训";
    await volunteer.goto("/me");
    const name = (await volunteer.page.locator(".identity-name").textContent()).trim();
    await officer.goto("/registers/training/new");
    await page().getByLabel(/^培训内容/).fill(title);
    await page().getByLabel(/^培训日期/).fill(new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10));
    await option("测验", quizzes[0].title.zh);
    await button(t("register.save")).click();
    await page().getByRole("heading", { name: title }).waitFor();
    const record = page().url().split("/").pop();
    // One person with a phone and one without.
    await button(t("attend.ask")).click();
    await page().getByLabel(t("people.search")).getByRole("searchbox").fill(name);
    await button(t("attend.ask_person", { person: name })).click(SLOW);
    await page().getByLabel(t("people.search")).getByRole("searchbox").fill("王");
    await page().getByRole("button", { name: /^请来：王/ }).first().click();
    await page().getByText(t("attend.n_came", { n: 0, of: 2 })).waitFor();

    const at = volunteer.page;
    await volunteer.goto("/");
    await at.getByRole("link", { name: title }).waitFor(SLOW);
    await volunteer.setOffline(true);
    await at.getByRole("link", { name: title }).click();
    await button(t("attend.sign"), volunteer).click();
    await at.getByText(t("attend.mine_done").split("{")[0]).waitFor();
    await at.getByRole("link", { name: t("attend.quiz", { title: quizzes[0].title.zh }) }).click();
    const answer = async (number) => { await at.locator(".quiz-answer").nth(number - 1).click(); };
    const { questions } = quizzes[0];
    await at.getByText(t("quiz.which", { i: 1, n: questions.length })).waitFor();
    await button(t("quiz.aloud"), volunteer).click();
    await at.getByText(t("quiz.no_voice")).waitFor();
    await answer(questions[0].right === 1 ? 2 : 1);
    await at.getByText(questions[0].why.zh).waitFor();
    // A phone that is put away goes on where it was, with what was answered.
    await at.reload();
    await at.getByText(t("quiz.right_one")).waitFor();
    for (const [i, { right }] of questions.entries()) {
      await at.getByText(t("quiz.which", { i: i + 1, n: questions.length })).waitFor();
      if (i > 0) await answer(right);
      await button(t(i + 1 < questions.length ? "quiz.next" : "quiz.see_result"), volunteer).click();
    }
    await at.getByRole("heading", { name: t("quiz.result", { right: questions.length - 1, n: questions.length }) }).waitFor();
    await inAllThemes(at, "the result of a quiz");
    await at.getByRole("link", { name: t("quiz.done"), exact: true }).click();
    await at.getByText(t("quiz.passed"), { exact: true }).waitFor();
    await volunteer.setOffline(false);

    for (const key of ["attend.n_came", "attend.n_passed", "attend.n_both"]) {
      await page().getByText(t(key, { n: 1, of: 2 })).waitFor(SLOW);
    }
    const missing = page().getByRole("button", { name: /^代签：/ });
    assert.equal(await missing.count(), 1, "one is missing");
    await inAllThemes(page(), "who came");
    await missing.click();
    await page().getByText(t("attend.n_came", { n: 2, of: 2 })).waitFor();
    await page().getByText(/指挥台代签/).waitFor();
    await chief.goto(`/records/${record}`);
    await chief.page.getByText(/指挥台代签/).waitFor(SLOW);
  });

  test("a hotspot tells who is nearest, and one of them is sent there", async () => {
    await officer.goto("/registers/hotspot");
    await page().locator(".register-table tbody a").first().click();
    const title = await page().locator(".detail-title").textContent();
    const near = page().getByRole("region", { name: t("nearest.title") });
    await near.getByRole("listitem").first().waitFor(SLOW);
    const lines = await near.getByRole("listitem").allInnerTexts();
    assert.ok(lines.some((line) => line.includes(t("nearest.walk"))) && lines.some((line) => /站|派出所|警务室/.test(line)), lines.join("\n"));
    await inAllThemes(page(), "who is nearest");
    await near.getByRole("button").first().click();
    assert.equal(await page().locator("#task-title").inputValue(), t("nearest.task_title", { name: title }));
    await page().locator(".field-hint").getByText(/前$/).waitFor();
    await button(t("task.give")).click();
    await page().getByRole("link", { name: t("task.place") }).waitFor();
    await page().getByRole("link", { name: t("task.about") }).click();
    await page().getByRole("heading", { name: title, exact: true }).waitFor();
  });

  test("a volunteer reads the rules in a valley, and nothing that is not for volunteers", async () => {
    await volunteer.goto("/registers");
    await volunteer.page.getByRole("link", { name: /制度机制/ }).waitFor(SLOW);
    assert.equal(await volunteer.page.getByRole("link", { name: /矛盾联调/ }).count(), 0);
    await volunteer.setOffline(true);
    await volunteer.goto("/registers/rule");
    await volunteer.page.locator(".card-list a").first().click();
    await volunteer.page.getByText("主要内容").waitFor();
    assert.equal(await volunteer.page.getByRole("link", { name: t("register.edit") }).count(), 0, "nobody changes a rule who does not keep them");
    await inAllThemes(volunteer.page, "a rule on a phone");
  });
});

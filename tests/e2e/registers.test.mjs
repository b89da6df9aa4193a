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
    const workbook = page().waitForEvent("download");
    await desk.button("figures.workbook").click();
    const xlsx = await readFile(await (await workbook).path());
    assert.equal(xlsx.subarray(0, 2).toString(), "PK", "a workbook is a zip");
    await figure(t("figures.walks")).locator(".figure-n", { hasText: /^[1-9]/ }).waitFor();
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

  test("each unit that shares a treatment has a task with its own deadline", async () => {
    await officer.goto("/registers/treatment/new");
    await page().locator("#register-20").fill("大沟口私挖堵口");
    await page().locator("#register-31").fill("2026-11-20");
    const helpers = page().getByRole("group", { name: /^配合单位/ }).getByRole("button");
    const names = [await helpers.nth(1).textContent(), await helpers.nth(2).textContent()];
    for (const name of names) await helpers.filter({ hasText: name }).click();
    await button(t("register.save")).click();
    await page().getByText(t("register.parts_open").replace("{n}", "2")).waitFor();
    const whole = page().url();
    await inAllThemes(page(), "a treatment that units share");
    await page().getByRole("link", { name: t("register.part_give_label").replace("{unit}", names[0]), exact: true }).click();
    assert.equal(await page().getByLabel(t("task.title_label")).inputValue(), "大沟口私挖堵口");
    await page().getByLabel(t("task.due")).fill("2027-01-15");
    await desk.button("task.give").click();
    await page().waitForURL(/\/records\//);
    await officer.goto(new URL(whole).pathname);
    await page().getByRole("link", { name: new RegExp(`^${names[0]}.*2027-01-15`) }).waitFor(SLOW);
    assert.equal(await page().getByText(t("register.part_none")).count(), 1, "the other one has none yet");
  });

  test("a document goes with its record and comes out as it went in", async () => {
    const bytes = Buffer.from(`%PDF-1.7\n${"联席会议纪要 ".repeat(500)}`);
    await officer.goto("/registers/meeting");
    await page().getByRole("link", { name: TITLE }).first().click();
    await page().getByLabel(t("register.document_add")).setInputFiles({ name: "纪要.pdf", mimeType: "application/pdf", buffer: bytes });
    const take = t("register.document_take").replace("{name}", "纪要.pdf");
    await button(take).waitFor();
    await chief.goto(new URL(page().url()).pathname);
    await button(take, chief).waitFor(SLOW);
    // Its bytes may still be on their way when its name is there.
    let found;
    for (let tries = 0; tries < 20 && !found; tries++) {
      const download = chief.page.waitForEvent("download", { timeout: 3_000 }).catch(() => null);
      await button(take, chief).click();
      found = await download;
    }
    assert.equal(found.suggestedFilename(), "纪要.pdf");
    assert.deepEqual(await readFile(await found.path()), bytes);
  });

  test("duty is planned by a rule and people of an operation are found by their names", async () => {
    await officer.goto("/registers/duty");
    await page().getByRole("link", { name: t("rota.title"), exact: true }).click();
    await page().locator("#register-20").fill("森林防火指挥部");
    await page().getByLabel(t("rota.leaders")).fill("马队长\n王队长");
    await page().getByLabel(t("rota.people")).fill("一、二、三");
    await page().getByLabel(t("rota.first"), { exact: true }).fill("2026-12-01");
    await desk.button("rota.make").click();
    await page().getByRole("alert").filter({ hasText: t("rota.fault_days").slice(0, 8) }).waitFor();
    await page().getByLabel(t("rota.last"), { exact: true }).fill("2026-12-04");
    await desk.button("rota.make").click();
    await page().getByText("王队长 · 一", { exact: true }).waitFor();
    await inAllThemes(page(), "a plan of duty");
    await button(t("register.import_save").replace("{n}", "4")).click();
    await page().getByRole("row", { name: /森林防火指挥部.*马队长/ }).first().waitFor();
    await officer.goto("/registers/operation/new");
    await page().locator("#register-20").fill("冬季禁渔联合行动");
    await page().locator("#register-31").fill("2026-12-02");
    const team = page().getByRole("group", { name: "参加人员" });
    await team.getByRole("searchbox").fill("马");
    const first = team.getByRole("button", { name: new RegExp(`^${t("register.record_add").replace("{title}", "")}`) }).first();
    const name = (await first.textContent()).trim();
    await first.click();
    await team.getByRole("button", { name: t("register.record_remove").replace("{title}", name), exact: true }).waitFor();
    await inAllThemes(page(), "people of an operation");
    await button(t("register.save")).click();
    await page().getByRole("heading", { name: "冬季禁渔联合行动" }).waitFor();
    await main().getByText(name, { exact: true }).first().waitFor();
  });

  test("what is forbidden in an area is said where people look for it", async () => {
    await officer.goto("/desk/areas");
    const area = main().locator("a[href^='/records/']").first();
    const name = (await area.textContent()).trim();
    await area.click();
    await page().getByRole("link", { name: t("action.add"), exact: true }).click();
    await page().getByRole("group", { name: "在这里禁止" }).getByRole("button", { name: "用火" }).click();
    await inAllThemes(page(), "the form of an area");
    await button(t("register.save")).click();
    await page().getByRole("heading", { name }).first().waitFor();
    await main().getByText("用火", { exact: true }).waitFor();
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
    await main().getByRole("status").getByText("37").waitFor();
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

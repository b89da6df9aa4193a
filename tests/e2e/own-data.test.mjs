// What people decide about their own data: a patrol without a track, consent given and withdrawn, a copy to take along, and a
// request that the desk answers and that no other volunteer sees.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe } from "node:test";
import { inAllThemes } from "./lib/axe.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { Stranger } from "./lib/stranger.mjs";
import { t } from "./lib/words.mjs";

const NOTE = "清水河边有新的垃圾堆", WISH = "请删掉上个月的路线";

describe("a person and the own data", () => {
  const test = story();
  let server, volunteer, phone, officer, desk;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    phone = new Field(volunteer);
    await volunteer.page.addInitScript(() => {
      window.positionsAsked = 0;
      const watch = navigator.geolocation.watchPosition.bind(navigator.geolocation);
      navigator.geolocation.watchPosition = (...words) => { window.positionsAsked += 1; return watch(...words); };
    });
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
  });
  after(async () => {
    const ends = await Promise.allSettled([officer?.close(), volunteer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const page = () => volunteer.page;
  test("is told what a track is for before the first patrol, and refuses: the patrol begins all the same", async () => {
    await volunteer.setOffline(true);
    await volunteer.goto("/patrol");
    await phone.heading("consent.title").waitFor();
    await inAllThemes(page(), "asked for consent");
    const before = await page().evaluate(() => window.positionsAsked);
    await phone.button("consent.start_without").click();
    await phone.heading("patrol.under_way").waitFor();
    await page().getByText(t("patrol.no_track_text")).waitFor();
    await inAllThemes(page(), "a patrol without a track");
    await phone.button("patrol.check_in_well").click();
    await page().getByText(t("patrol.checked_in_toast")).waitFor();
    assert.equal(await page().evaluate(() => window.positionsAsked), before, "no position was asked for");
  });

  test("reports from there as always", async () => {
    await page().getByRole("link", { name: t("patrol.report") }).click();
    await phone.skipPhoto();
    await phone.chooseCategory("garbage-dumping");
    await phone.note(NOTE);
    await phone.save();
  });

  test("agrees later, and withdraws while the patrol goes on", async () => {
    await volunteer.goto("/me");
    await page().getByRole("link", { name: new RegExp(`^${t("own.title")}`) }).click();
    await page().getByText(t("consent.refused_since", { time: "" }).trim()).first().waitFor();
    await phone.button("consent.give").click();
    await page().getByText(t("consent.now_given")).waitFor();
    await phone.button("consent.withdraw").click();
    await page().getByText(t("consent.now_refused")).waitFor();
    await inAllThemes(page(), "my data");
  });

  test("takes a copy of everything along, without a network", async () => {
    const download = page().waitForEvent("download");
    await phone.button("own.copy_save").click();
    const copy = JSON.parse(await readFile(await (await download).path(), "utf8"));
    const kinds = new Set(copy.records.map((record) => record.kind));
    assert.deepEqual(["consent", "incident", "patrol"].filter((kind) => !kinds.has(kind)), []);
    const said = copy.records.flatMap((record) => record.ops).flatMap((op) => op.says);
    assert.ok(said.some((entry) => entry.field === "note" && entry.value === NOTE));
    assert.equal(said.filter((entry) => entry.field === "answers").length, 3);
  });

  test("asks for a deletion; only the desk reads it, and answers", async () => {
    await page().getByRole("button", { name: t("own.wish_delete"), exact: true }).click();
    await phone.button("own.send").click();
    await page().getByText(t("own.words_missing")).waitFor();
    await page().getByLabel(t("own.words"), { exact: true }).fill(WISH);
    await phone.button("own.send").click();
    await page().getByText(WISH).waitFor();
    await volunteer.setOffline(false);
    await phone.allSent();
    const other = new Stranger(server.origin);
    await other.enrol(codeOf(await server.invite("volunteer")));
    assert.deepEqual((await other.pullAll()).ops.filter((op) => [32, 33].includes(op.kind)), [], "nobody else of the village reads it");
    officer = await Person.start(server, { screen: "desk" });
    desk = new Desk(officer);
    await desk.enrol(await server.invite("city-desk"));
    await officer.page.getByText(t("desk.more"), { exact: true }).click();
    await officer.page.getByRole("link", { name: t("requests.title") }).click();
    await officer.page.getByText(WISH).waitFor({ timeout: 30_000 });
    await inAllThemes(officer.page, "requests at the desk");
    await desk.button("requests.done").click();
    await officer.page.getByText(t("requests.answer_missing")).waitFor();
    await officer.page.getByRole("textbox").fill("已删除");
    await desk.button("requests.done").click();
    await volunteer.goto("/me/data");
    await page().getByText("已删除").waitFor({ timeout: 30_000 });
    await phone.button("own.looks_ask").click();
    await page().getByText(t("own.looks_none")).waitFor();
  });

  test("ends the patrol, which says that no way was recorded", async () => {
    await volunteer.goto("/patrol");
    await phone.heading("patrol.under_way").waitFor();
    await page().getByRole("button", { name: new RegExp(`^${t("patrol.end")}`) }).focus();
    await page().keyboard.down("Enter");
    await phone.heading("patrol.end_title").waitFor();
    await page().keyboard.up("Enter");
    await phone.button("patrol.end_now").click();
    await page().getByText(t("patrol.no_track")).first().waitFor();
  });
});

// Everything that offices print comes out on sheets of A4 and is looked at there: the papers of a referral, the story of a case, figures,
// registers, records, who came, coverage, the links that are cut and handed out. In both languages, from the light, dark and outdoor screen.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe } from "node:test";
import { Desk } from "./lib/desk.mjs";
import { Field, photoFile } from "./lib/field.mjs";
import { onPaper } from "./lib/paper.mjs";
import { Person } from "./lib/person.mjs";
import { jsonRows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";

const SLOW = { timeout: 30_000 };
const SAND = "illegal-sand-mining", NOTE = "两台挖机在河里挖沙，车辆从东侧便道进出，河岸已塌了约二十米。";
const PATROL = 11, TRAINING = 68, TREATMENT = 64;
/** As many as no single sheet holds. */
const THINGS = Array.from({ length: 30 }, (_, i) => `现场笔录及附件第 ${i + 1} 份（复印件，与原件核对无异）`);
const { kinds } = JSON.parse(readFileSync(new URL("../../city/kinds.json", import.meta.url), "utf8"));
const registers = kinds.filter(({ register }) => register);
const inTenDays = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);

describe("on paper", () => {
  const test = story();
  let server, volunteer, officer, phone, desk, record, lead, offence;

  before(async () => {
    server = await Server.start({ city: true });
    [volunteer, officer] = await Promise.all([Person.start(server), Person.start(server, { screen: "desk" })]);
    [phone, desk] = [new Field(volunteer), new Desk(officer)];
    await phone.enrol(server.invites.volunteer);
    await desk.enrol(await server.invite("city-desk", "--name", "指挥台"));
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer, officer].map((person) => person?.close()));
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const page = () => officer.page;
  const words = () => officer.language;

  /** Opens an address, waits for what says that all of it is there, and prints it. */
  async function print(name, path, ready, how = {}) {
    await officer.goto(path);
    await page().locator(ready).first().waitFor(SLOW);
    return onPaper(page(), `${name} ${words()}`, how);
  }

  /** Makes a referral with the form; the address of its page. */
  async function refer(path, { flow, from, to, title, things = [] }) {
    await officer.goto(path);
    await page().getByLabel(desk.t("referral.title_label")).waitFor(SLOW);
    if (flow) await page().getByRole("button", { name: flow, exact: true }).click();
    if (from) await page().getByLabel(desk.t("referral.from"), { exact: true }).selectOption(from);
    await page().getByLabel(desk.t("referral.to"), { exact: true }).selectOption(to);
    if (title) await page().getByLabel(desk.t("referral.title_label")).fill(title);
    await page().getByLabel(desk.t("referral.note"), { exact: true }).fill(NOTE.repeat(2));
    for (const thing of things) {
      await page().getByLabel(desk.t("referral.item_name")).fill(thing);
      await desk.button("referral.item_add").click();
      await page().getByRole("button", { name: thing, exact: true }).waitFor();
    }
    await page().getByLabel(desk.t("referral.number")).fill("张公(生态)移字〔2026〕128号");
    await page().getByLabel(desk.t("referral.reply_by")).fill(inTenDays);
    await desk.button("referral.make").click();
    await page().waitForURL(/\/desk\/referrals\/[0-9a-f]{32}$/);
    return new URL(page().url()).pathname;
  }

  /** The newest record of a kind on this computer that is as `is` says. */
  async function newest(kind, is = () => true) {
    const rows = (await jsonRows(page(), "record_list")).filter((row) => row.kind === kind && is(row));
    return rows.toSorted((a, b) => b.sort_millis - a.sort_millis)[0].record;
  }

  test("there is a report with photos, a lead with more things than a sheet holds, and a case", async () => {
    await phone.openReport();
    for (const n of [1, 2]) await phone.takePhoto(photoFile(`paper-${n}`, { width: 1200, height: 900 }).path, n);
    await phone.chooseCategory(SAND);
    await phone.note(NOTE);
    await phone.save();
    record = new URL(volunteer.page.url()).pathname.split("/").pop();
    await phone.allSent();
    await officer.goto(`/records/${record}`);
    await page().getByText(NOTE).first().waitFor(SLOW);
    lead = await refer(`/desk/referrals/new?record=${record}`, { to: "water", things: THINGS });
    await page().getByRole("button", { name: "送出", exact: true }).click(SLOW);
    await page().locator(".page .chips").getByText("已送出", { exact: true }).first().waitFor(SLOW);
    const title = "临泽县黑河干流平川镇段非法采砂、破坏河道堤防并造成河岸坍塌、影响行洪安全一案";
    offence = await refer("/desk/referrals/new", { flow: "案件移送", from: "water", to: "police", title });
  });

  test("a letter and a receipt are one sheet, a list goes on with its head and tears no line", async () => {
    for (const paper of ["lead-letter", "receipt"]) await print(paper, `${lead}/papers/${paper}`, ".paper-foot", { tornItems: 0 });
    const list = await print("item-list", `${lead}/papers/item-list`, ".paper-foot", { least: 2, most: 5 });
    assert.ok(list.rows >= THINGS.length + 2, `${list.rows} rows of ${THINGS.length} things and two photos`);
    await print("extraction-list", `${lead}/papers/extraction-list`, ".paper-foot");
    for (const paper of ["case-letter", "receipt", "item-list"]) await print(`case ${paper}`, `${offence}/papers/${paper}`, ".paper-foot");
  });

  test("what stands on a paper stays on it, whatever the screen is", async () => {
    await officer.goto(`${lead}/papers/lead-letter`);
    const sheet = page().locator(".paper");
    await sheet.locator(".paper-foot").waitFor(SLOW);
    const before = await sheet.innerText();
    await page().emulateMedia({ media: "print" });
    assert.equal(await sheet.innerText(), before, "the printer leaves nothing out");
    assert.equal((await page().locator("body").innerText()).trim(), before.trim(), "and adds nothing of the screen");
    await page().emulateMedia({ media: null });
  });

  test("the links that are handed out are whole slips, each with its code", async () => {
    await officer.goto("/desk/people/links");
    await page().getByLabel(desk.t("people.role"), { exact: true }).selectOption("chief");
    await desk.button("links.make").click();
    await desk.button("links.print").waitFor({ timeout: 60_000 });
    const slips = await page().locator(".link-slip").count();
    assert.ok(slips >= 25, `${slips} slips`);
    assert.equal(await page().locator(".link-slip .qr").count(), slips);
    await onPaper(page(), "links", { least: 2, most: 1 + Math.ceil(slips / 6), ink: 0.02, white: 0.5, tornItems: 0 });
  });

  for (const language of ["zh", "en"]) {
    test(`in ${language}: the story of a case, all referrals, the figures`, async () => {
      if (officer.language !== language) await desk.setLanguage(language);
      await print("a case", lead, ".steps .step", { most: 4 });
      await print("referrals", "/desk/referrals", ".card-list .card-link", { most: 10 });
      await officer.goto("/registers/figures");
      // The last one is counted from other records than the rest.
      const walks = page().locator(".figure", { has: desk.heading("figures.walks") });
      await walks.locator(".figure-n", { hasText: /^[1-9]/ }).waitFor(SLOW);
      await onPaper(page(), `figures ${language}`, { most: 6 });
    });

    test(`in ${language}: every register, with all of its lines and columns`, async () => {
      // All of the city has to be on this computer, and in the list, before lines are counted.
      await officer.goto("/desk");
      await desk.isLive();
      const known = await jsonRows(page(), "record_list");
      for (const { id, name } of registers) {
        await officer.goto(`/registers/${name}`);
        const [lines, all] = [page().locator(".register-table tbody tr"), known.filter(({ kind }) => kind === id).length];
        await lines.nth(all - 1).waitFor(SLOW);
        const { rows } = await onPaper(page(), `register ${name} ${language}`, { most: 8 });
        assert.equal(rows, all, `${name}: every line is printed`);
      }
    });

    test(`in ${language}: a report with its photos, a patrol with its track, a treatment, who came to a training, coverage`, async () => {
      const photos = () => page().locator(".photo img").nth(1).waitFor(SLOW);
      await officer.goto(`/records/${record}`);
      await photos();
      await onPaper(page(), `report ${language}`, { most: 3, white: 0.3 });
      await officer.goto(`/desk?record=${record}`);
      await page().locator(".desk-story .step").first().waitFor(SLOW);
      await photos();
      await onPaper(page(), `report at the desk ${language}`, { most: 3, white: 0.3 });
      await officer.goto(`/records/${await newest(PATROL, (row) => row.state === "ended")}`);
      const fetch = desk.button("patrol.missing_do");
      await fetch.or(page().locator("svg.track")).first().waitFor(SLOW);
      if (await fetch.count()) await fetch.click();
      await page().locator("svg.track .track-line").first().waitFor(SLOW);
      await onPaper(page(), `patrol ${language}`, { most: 3 });
      await print("treatment", `/records/${await newest(TREATMENT)}`, ".part-line, .card-link", { most: 3 });
      await print("training", `/records/${await newest(TRAINING)}`, ".attend-line", { least: 2, most: 8, tornItems: 0 });
      await print("coverage", "/desk/coverage", ".coverage-list h2", { most: 8 });
    });
  }
});

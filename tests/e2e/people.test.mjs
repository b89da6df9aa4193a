// A chief brings people in and answers for them: invites an auxiliary, who enrols and reports; moves his area, and records come and go with
// it; changes his role; revokes his phone, which still delivers; has it wiped. A roster comes in as a whole or not at all.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { clean } from "./lib/axe.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field, FIRE } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { rows } from "./lib/phone-store.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { Stranger } from "./lib/stranger.mjs";
import { t } from "./lib/words.mjs";

const [WANG, LI] = ["王河", "李山"];
const folder = mkdtempSync(join(tmpdir(), "greenshield-roster-"));

describe("a chief and the people", () => {
  const test = story();
  let server, officer, auxiliary, chief, phone, link;

  before(async () => {
    server = await Server.start();
    officer = await Person.start(server, { screen: "desk" });
    auxiliary = await Person.start(server);
    chief = new Desk(officer);
    phone = new Field(auxiliary);
    await chief.enrol(await server.invite("chief", "--name", "赵站长"));
  });
  after(async () => {
    const ends = await Promise.allSettled([officer?.close(), auxiliary?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const page = () => officer.page;
  const shows = (where, words) => where.getByText(words, { exact: true }).first().waitFor({ timeout: 30_000 });
  const choose = (key, value) => page().getByLabel(t(key), { exact: true }).selectOption(value);

  /** Adds somebody; the page of that person is open then. */
  async function add(name, role, area) {
    await officer.goto("/desk/people/new");
    await page().getByLabel(t("people.name"), { exact: true }).fill(name);
    await choose("people.role", role);
    await choose("people.area_add", area);
    await chief.button("people.save").click();
    await chief.heading("invite.title").waitFor();
  }

  /** A link for whoever's page is open, once the server has the person. */
  async function invite() {
    for (;;) {
      await chief.button("invite.make").click();
      const made = page().locator(".invite-link");
      const problem = page().getByRole("main").getByRole("alert");
      await made.or(problem).first().waitFor();
      if (await made.count()) return (await made.innerText()).trim();
    }
  }

  /** Opens the page of somebody by the list. */
  async function open(name) {
    await officer.goto("/desk/people");
    await page().getByRole("link", { name }).click();
    await chief.heading("invite.title").waitFor();
  }

  async function save() {
    await chief.button("people.save").click();
    await chief.heading("people.title").waitFor();
  }

  /** The records on the phone, by what it lists. */
  const reporters = async () => {
    await auxiliary.goto("/records");
    await phone.heading("records.title").waitFor();
    return phone.lines(FIRE).allInnerTexts();
  };

  test("writes down who is there, and makes a link for a phone", async () => {
    await officer.goto("/desk");
    await chief.inboxReady();
    await page().getByRole("link", { name: t("people.title") }).click();
    await page().getByRole("link", { name: t("people.new") }).click();
    await chief.button("people.save").click();
    await shows(page(), t("people.name_missing"));
    await clean(page(), "a new person");
    await add(WANG, "auxiliary", "620723");
    link = await invite();
    assert.ok(link.startsWith(`${server.origin}/#/enrol/`), link);
    await page().getByRole("img", { name: t("invite.qr", { name: WANG }) }).waitFor();
    await clean(page(), "a person with an invitation");
  });

  test("the invited phone opens the link and works at once; the link is good once", async () => {
    await phone.enrol(link);
    await auxiliary.goto("/me");
    await shows(auxiliary.page, WANG);
    await auxiliary.page.getByText("生态警员(辅警)").first().waitFor();
    const again = await new Stranger(server.origin).json("/v1/enrol/begin", { code: codeOf(link) });
    assert.equal(again.status, 409);
    await phone.precached();
    await phone.report({ note: "王河的线索" });
    await phone.allSent();
    await officer.goto("/desk");
    await chief.inboxReady();
    await chief.line(FIRE).first().waitFor({ timeout: 30_000 });
  });

  test("areas bring records and take them away again; what is one's own stays", async () => {
    await add(LI, "volunteer", "620724");
    const other = await Person.start(server);
    try {
      const li = new Field(other);
      await li.enrol(await invite());
      await li.report({ note: "李山的线索" });
      await li.allSent();
    } finally {
      await other.close();
    }
    assert.equal((await reporters()).length, 1, "what lies in another county is not for this phone");
    await open(WANG);
    await choose("people.area_add", "620724");
    await save();
    await auxiliary.page.getByText(LI).first().waitFor({ timeout: 60_000 });
    assert.equal((await reporters()).length, 2);
    await open(WANG);
    await page().getByRole("button", { name: t("people.area_remove", { area: "高台县" }) }).click();
    await save();
    await auxiliary.page.getByText(LI).first().waitFor({ state: "detached", timeout: 60_000 });
    assert.equal((await reporters()).length, 1);
  });

  test("another role is on the phone at its next contact", async () => {
    await open(WANG);
    await choose("people.role", "officer");
    await save();
    await auxiliary.goto("/me");
    await auxiliary.page.getByText("民警").first().waitFor({ timeout: 60_000 });
    await open(WANG);
    await chief.heading("people.history").waitFor();
    await page().getByText("赵站长").filter({ visible: true }).first().waitFor();
    await clean(page(), "a person with a history");
  });

  test("people are found by name, county and role, and units are written down", async () => {
    await officer.goto("/desk/people");
    await page().getByLabel(t("people.search")).last().fill("高台");
    await page().getByRole("link", { name: LI }).waitFor();
    assert.equal(await page().getByRole("link", { name: WANG }).count(), 0);
    await clean(page(), "people");
    await officer.goto("/desk/units");
    await chief.button("units.new").click();
    await page().getByLabel(t("units.name"), { exact: true }).fill("沙河站");
    await choose("units.level", "station");
    await choose("people.area", "620723101");
    await clean(page(), "the form of a unit");
    await chief.button("people.save").click();
    await page().getByRole("listitem").filter({ hasText: "沙河站" }).filter({ hasText: "临泽县 沙河镇" }).waitFor();
    await clean(page(), "units");
  });

  test("a roster with one wrong cell saves nobody; mended, it saves all", async () => {
    const file = (name, text) => { const path = join(folder, name); writeFileSync(path, text); return path; };
    const heading = "姓名,角色,负责区域,电话\n";
    await officer.goto("/desk/people/import");
    const input = page().locator("input[type=file]");
    await input.setInputFiles(file("wrong.csv", `${heading}孙草,生态义警,沙河镇,139\n钱林,值班员,东海镇,\n`));
    await page().getByText("第 3 行 B 列：").waitFor();
    await page().getByText("第 3 行 C 列：").waitFor();
    await clean(page(), "a roster with faults");
    await input.setInputFiles(file("right.csv", `${heading}孙草,生态义警,沙河镇,139\n钱林,生态义警,临泽县,138\n`));
    await page().getByRole("button", { name: t("roster.save", { n: 2 }) }).click();
    await page().getByText(t("roster.saved", { n: 2 })).waitFor();
    await officer.goto("/desk/people");
    for (const name of ["孙草", "钱林"]) await page().getByRole("link", { name }).waitFor();
  });

  test("invitations of many are one printed list", async () => {
    await officer.goto("/desk/people/links");
    await choose("people.role", "volunteer");
    await chief.button("links.make").click();
    await chief.button("links.print").waitFor({ timeout: 30_000 });
    assert.ok((await page().locator(".link-slip").count()) >= 3);
    await clean(page(), "the paper list of links");
  });

  test("a lost phone is revoked for a reason: it reads nothing any more, and still delivers", async () => {
    await auxiliary.setOffline(true);
    await auxiliary.goto("/").catch(() => {});
    await phone.report({ note: "断网时的线索" });
    await officer.goto("/desk/devices");
    const line = page().getByRole("listitem").filter({ hasText: WANG });
    await line.getByRole("button", { name: t("devices.end") }).click();
    await line.getByLabel(t("devices.why")).fill("掉进河里");
    await line.getByRole("button", { name: t("devices.revoke"), exact: true }).click();
    await clean(page(), "revoking a phone");
    await line.getByRole("button", { name: t("devices.sure") }).click();
    await line.getByText(t("devices.revoked_for", { why: "掉进河里" })).waitFor();
    await auxiliary.setOffline(false);
    await phone.allSent();
  });

  test("what it brought waits at the desk until somebody lets it count", async () => {
    await officer.goto("/desk/held");
    const held = page().getByRole("listitem").filter({ hasText: t("held.revoked") });
    await held.getByRole("button", { name: t("held.accept") }).click();
    await held.getByText(t("held.why_missing")).waitFor();
    await held.getByRole("textbox").fill("人没事，线索是真的");
    await clean(page(), "what is held");
    await held.getByRole("button", { name: t("held.accept") }).click();
    await shows(page(), t("held.none"));
  });

  test("the phone wipes itself when it is asked to, and says so", async () => {
    await officer.goto("/desk/devices");
    const line = page().getByRole("listitem").filter({ hasText: WANG });
    await line.getByRole("button", { name: t("devices.end") }).click();
    await line.getByLabel(t("devices.why")).fill("掉进河里");
    await line.getByRole("button", { name: t("devices.wipe"), exact: true }).click();
    await line.getByRole("button", { name: t("devices.sure") }).click();
    await line.getByText(t("devices.wipe_waits")).waitFor();
    await auxiliary.page.reload();
    await shows(auxiliary.page, t("wipe.done"));
    for (const table of ["ops", "records", "record_list", "outbox", "blobs", "people", "own_ops"]) {
      assert.deepEqual(await rows(auxiliary.page, table), [], table);
    }
    await chief.button("devices.again").click();
    await line.getByText(t("devices.wiped")).waitFor({ timeout: 30_000 });
    await clean(page(), "a wiped phone");
    // The same phone can be given to somebody again.
    await open(LI);
    await phone.enrol(await invite());
    await auxiliary.goto("/me");
    await shows(auxiliary.page, LI);
    auxiliary.faults = auxiliary.faults.filter((fault) => !fault.includes("status of 403"));
    officer.faults = officer.faults.filter((fault) => !fault.includes("status of 403"));
  });
});

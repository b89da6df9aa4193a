// Safety: a call for help that was made offline is above everything at the desk, and its answer comes back; a report as a text message.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Desk } from "./lib/desk.mjs";
import { categoryName, Field, FIRE } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { jsonRows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t, tLike } from "./lib/words.mjs";

describe("somebody in danger", () => {
  const test = story();
  let server, volunteer, officer, phone, desk, code;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    officer = await Person.start(server, { screen: "desk" });
    phone = new Field(volunteer);
    desk = new Desk(officer);
    await phone.enrol(server.invites.volunteer);
    await desk.enrol(server.invites.desk);
    await phone.precached();
    await officer.page.goto(server.origin);
    await desk.isLive();
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), officer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const shows = (page, words) => page.getByText(words, { exact: true }).first().waitFor({ timeout: 30_000 });

  test("every page has the way to it, and a short touch does nothing", async () => {
    await volunteer.setOffline(true);
    await phone.report({ note: "先报一件" });
    await volunteer.goto("/");
    await volunteer.page.getByRole("link", { name: t("sos.open"), exact: true }).click();
    await phone.heading("sos.title").waitFor();
    await phone.button("sos.hold").click();
    await shows(volunteer.page, t("sos.hold_hint"));
    await volunteer.page.getByText(tLike("sos.place")).first().waitFor();
    for (const number of ["110", "120", "12119"]) await volunteer.page.locator(`a[href="tel:${number}"]`).waitFor();
    const sms = await volunteer.page.getByRole("link", { name: t("sos.sms_send") }).getAttribute("href");
    assert.match(decodeURIComponent(sms), /^sms:\?body=.*38\.9256/);
  });

  test("a key that is held starts the countdown, and it can be put away", async () => {
    await phone.button("sos.hold").focus();
    await volunteer.page.keyboard.down("Space");
    await phone.button("sos.cancel").waitFor();
    await volunteer.page.keyboard.up("Space");
    await phone.button("sos.cancel").click();
    await phone.button("sos.hold").waitFor();
    assert.equal((await jsonRows(volunteer.page, "outbox")).length, 1);
  });

  test("held and not put away it is saved, and says that nobody has it", async () => {
    const box = await phone.button("sos.hold").boundingBox();
    await volunteer.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await volunteer.page.mouse.down();
    await phone.button("sos.cancel").waitFor();
    await volunteer.page.mouse.up();
    await shows(volunteer.page, t("sos.unsent"));
    assert.equal((await jsonRows(volunteer.page, "outbox")).length, 2);
    await volunteer.page.reload();
    await shows(volunteer.page, t("sos.unsent"));
    await volunteer.goto("/");
    await volunteer.page.getByRole("alert").getByText(t("sos.unsent")).waitFor();
  });

  test("with a signal it is above everything at the desk", async () => {
    await volunteer.setOffline(false);
    const alarm = officer.page.getByRole("alert").filter({ hasText: t("sos.open") });
    await alarm.waitFor({ timeout: 30_000 });
    await officer.page.locator(".desk-list a").nth(1).waitFor({ timeout: 30_000 });
    assert.match(await officer.page.locator(".desk-list a").first().innerText(), /求救/);
    await volunteer.goto("/sos");
    await volunteer.page.getByText(tLike("sos.sent")).first().waitFor({ timeout: 30_000 });
    if (process.env.SHOTS) await officer.page.screenshot({ path: `${process.env.SHOTS}/desk-sos.png` });
    await alarm.getByRole("link", { name: t("sos.look") }).click();
    await officer.page.getByRole("main").getByText("38.925", { exact: false }).first().waitFor();
  });

  test("the desk answers, and the phone says so", async () => {
    await officer.page.getByRole("button", { name: "看到了，马上派人" }).click();
    await shows(volunteer.page, t("sos.answered"));
    await desk.answer("原地别动，二十分钟到。");
    await shows(volunteer.page, "原地别动，二十分钟到。");
    if (process.env.SHOTS) await volunteer.page.screenshot({ path: `${process.env.SHOTS}/phone-answered.png` });
  });

  test("“I am safe” reaches the desk, which ends the call", async () => {
    await phone.button("sos.safe").click();
    await shows(volunteer.page, t("sos.safe_sent"));
    await officer.page.getByRole("main").getByText("本人说已安全").first().waitFor({ timeout: 30_000 });
    await officer.page.getByRole("button", { name: "解除", exact: true }).click();
    await officer.page.getByLabel(t("desk.answer_label")).fill("已接到人，平安。");
    await officer.page.locator(".desk-send .btn--primary").click();
    await shows(volunteer.page, t("sos.over"));
    await officer.page.getByRole("alert").filter({ hasText: t("sos.open") }).waitFor({ state: "detached" });
  });

  test("a report becomes one text message that the desk can type in before the report comes", async () => {
    await volunteer.setOffline(true);
    await volunteer.goto("/");
    await phone.report({ category: "illegal-logging", note: "只有电话信号" });
    await volunteer.page.getByRole("link", { name: t("sms.open") }).click();
    code = (await volunteer.page.locator(".sms-code").innerText()).trim();
    assert.ok(code.length <= 70, code);
    assert.equal(await volunteer.page.getByRole("link", { name: t("sms.send") }).getAttribute("href"), `sms:?body=${code}`);
    if (process.env.SHOTS) await volunteer.page.screenshot({ path: `${process.env.SHOTS}/phone-sms.png` });
    await officer.page.getByText(t("desk.more"), { exact: true }).click();
    await officer.page.getByRole("link", { name: t("sms.desk_open") }).click();
    const box = officer.page.getByLabel(t("sms.desk_label"));
    await box.fill(code.replace(/.$/, (last) => (last === "7" ? "8" : "7")));
    await shows(officer.page, t("sms.error_check"));
    await box.fill(`您好 ${code.toLowerCase()}`);
    await shows(officer.page, categoryName("illegal-logging"));
    if (process.env.SHOTS) await officer.page.screenshot({ path: `${process.env.SHOTS}/desk-sms.png` });
    await officer.page.getByRole("button", { name: t("sms.keep") }).click();
    await officer.page.getByRole("main").getByRole("heading", { name: categoryName("illegal-logging") }).first().waitFor();
    assert.equal(await desk.line("illegal-logging").count(), 1);
  });

  test("when the report comes by itself, both are one line and each leads to the other; nothing is held", async () => {
    await volunteer.setOffline(false);
    await phone.allSent();
    await officer.page.getByRole("link", { name: t("sms.report_is_here") }).click({ timeout: 30_000 });
    await officer.page.getByRole("link", { name: t("sms.came_before") }).waitFor();
    await officer.page.getByText("只有电话信号").first().waitFor();
    assert.equal(await desk.line("illegal-logging").count(), 1);
    assert.equal(await officer.page.getByText(t("desk.held"), { exact: true }).count(), 0);
  });

  test("Today tells what became of a report, and which season holds", async () => {
    await officer.page.goto(server.origin);
    await desk.open(FIRE);
    await desk.sign();
    await volunteer.goto("/");
    await phone.heading("today.answers").waitFor({ timeout: 30_000 });
    await volunteer.page.getByText("已签收").first().waitFor();
    if (process.env.SHOTS) await volunteer.page.screenshot({ path: `${process.env.SHOTS}/today.png` });
  });
});

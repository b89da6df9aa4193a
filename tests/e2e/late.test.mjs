// Somebody does not come back: the desk sees it above everything else, also when it has lost the network itself, and until the patrol is over.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { inAllThemes } from "./lib/axe.mjs";
import { takeClock } from "./lib/clock.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";

const HOUR = 3_600_000;

describe("somebody who is late", () => {
  const test = story();
  let server, volunteer, officer, phone, desk, moveOn;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    officer = await Person.start(server, { screen: "desk" });
    phone = new Field(volunteer);
    desk = new Desk(officer);
    await phone.enrol(server.invites.volunteer);
    await desk.enrol(server.invites.desk);
    moveOn = await takeClock(officer.page);
    await officer.goto("/");
    await desk.isLive();
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), officer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const late = () => officer.page.getByRole("alert").filter({ has: officer.page.getByRole("heading", { name: desk.t("patrol.late_title") }) });
  const patrols = () => officer.page.getByRole("link", { name: /^巡护/ });

  test("sets out and says when they are back", async () => {
    await volunteer.goto("/patrol");
    await phone.button("patrol.back_in", { n: 2 }).click();
    await phone.setOut();
    await phone.heading("patrol.under_way").waitFor();
    await officer.goto("/records");
    await patrols().first().waitFor({ timeout: 30_000 });
    await officer.goto("/");
    await desk.isLive();
    assert.equal(await late().count(), 0);
  });

  test("stands above everything two hours later, although the desk has no network", async () => {
    await officer.setOffline(true);
    await moveOn(2 * HOUR - 60_000);
    await officer.page.getByText(desk.t("desk.offline")).waitFor();
    assert.equal(await late().count(), 0, "still in time");
    await moveOn(HOUR);
    await late().waitFor();
    assert.match(await late().innerText(), /打算 .* 回，已过 5\d 分钟/);
  });

  test("is seen by everybody: the alarm is accessible in each theme", async () => {
    await inAllThemes(officer.page, "late");
  });

  test("leads to the patrol", async () => {
    await late().getByRole("link").first().click();
    await desk.heading("patrol.title").waitFor();
    await officer.page.goBack();
    await late().waitFor();
  });

  test("is gone from there once the patrol is over", async () => {
    await officer.setOffline(false);
    await volunteer.page.getByRole("button", { name: new RegExp(`^${phone.t("patrol.end")}`) }).focus();
    await volunteer.page.keyboard.down("Enter");
    await phone.heading("patrol.end_title").waitFor();
    await volunteer.page.keyboard.up("Enter");
    await phone.button("patrol.end_now").click();
    await phone.heading("patrol.title").waitFor();
    await phone.allSent();
    await late().waitFor({ state: "detached", timeout: 30_000 });
  });
});

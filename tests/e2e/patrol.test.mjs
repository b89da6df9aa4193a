// A patrol without a signal: the way is recorded, what is not recorded is told, nothing of it is lost with the browser, and the desk sees it.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { clean } from "./lib/axe.mjs";
import { takeClock } from "./lib/clock.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field, FIRE } from "./lib/field.mjs";
import { Person, ZHANGYE } from "./lib/person.mjs";
import { jsonRows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";

const STEP_METRES = 20;
const STEP_SECONDS = 10;
const DEGREES_OF_A_METRE = 1 / 111_195;

describe("a patrol", () => {
  const test = story();
  let server, volunteer, officer, phone, desk, moveOn, ahead = 0, walked = 0;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    officer = await Person.start(server, { screen: "desk" });
    phone = new Field(volunteer);
    desk = new Desk(officer);
    await desk.enrol(server.invites.desk);
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), officer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  /** Writes down what the phone lets its owner feel and hear; the app's own code stays what it is. */
  async function takeSenses() {
    const install = () => {
      if (window.felt !== undefined) return;
      window.felt = [];
      window.heard = 0;
      navigator.vibrate = (pattern) => { window.felt.push(pattern.length); return true; };
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (...given) { window.heard += 1; return start.apply(this, given); };
    };
    await volunteer.context.addInitScript(install);
    await volunteer.page.evaluate(install);
  }

  /** What was felt since the last call: 1 = one short one, 5 = three long ones with their pauses. */
  const felt = () => volunteer.page.evaluate(() => ({ felt: window.felt.splice(0), heard: window.heard }));

  /** Moves the phone's clock on. */
  async function pass(seconds) { ahead = await moveOn(seconds * 1_000); }

  /** What the draft on disk holds of the patrol, in bytes of its track. */
  async function kept() {
    const [row] = (await jsonRows(volunteer.page, "drafts")).filter((draft) => draft.started_millis !== undefined && draft.segment !== undefined);
    return row && { items: row.segment.length / 2, ...row };
  }

  /** How much of the way is on disk: among the drafts, or as an op already. */
  const onDisk = async () => `${(await kept())?.items} ${(await jsonRows(volunteer.page, "blobs")).length}`;

  /** One step to the north; returns when its position is on disk. */
  async function step() {
    walked += STEP_METRES;
    const before = await onDisk();
    await pass(STEP_SECONDS);
    await volunteer.context.setGeolocation({ ...ZHANGYE, latitude: ZHANGYE.latitude + walked * DEGREES_OF_A_METRE });
    await until(async () => (await onDisk()) !== before);
  }

  async function until(isSo) {
    const giveUpAt = performance.now() + 30_000;
    while (!(await isSo())) {
      if (performance.now() > giveUpAt) throw new Error(`it does not come\n${await volunteer.page.locator("body").innerText()}`);
      await volunteer.page.evaluate(() => new Promise((resolve) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = resolve; port2.postMessage(0); }));
    }
  }

  /** Holds a button until what it does has happened. */
  async function hold(name, done) {
    await volunteer.page.getByRole("button", { name }).hover();
    await volunteer.page.mouse.down();
    await done();
    await volunteer.page.mouse.up();
  }

  const figure = (key) => volunteer.page.locator(".figures > div").filter({ hasText: phone.t(key) }).locator(".big").innerText();

  test("begins in two taps, without a network", async () => {
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
    await volunteer.setOffline(true);
    moveOn = await takeClock(volunteer.page);
    await takeSenses();
    volunteer.takeTaps();
    await volunteer.tap(volunteer.page.getByRole("link", { name: phone.t("patrol.start") }));
    await phone.heading("ready.title").waitFor();
    await volunteer.page.getByText("2 小时 0 分 · 5.0 公里 · 打卡 3 次").waitFor();
    await phone.setOut();
    await phone.heading("patrol.under_way").waitFor();
    assert.equal(volunteer.takeTaps(), 2);
    assert.ok((await kept())?.record);
  });

  test("records the way as it is walked", async () => {
    for (let i = 0; i < 12; i += 1) await step();
    await volunteer.page.getByText(phone.t("patrol.recording", { m: "8" })).waitFor();
    const metres = Number((await figure("patrol.way")).match(/\d+/)[0]);
    assert.ok(Math.abs(metres - 11 * STEP_METRES) <= 2 * STEP_METRES, `${metres} m`);
    await volunteer.page.getByText(/^\d+ 米 \/ 5\.0 公里$/).waitFor();
  });

  test("takes a check-in with a tap, and a report made on the way belongs to it", async () => {
    await phone.button("patrol.check_in_well").click();
    await volunteer.page.getByText(phone.t("patrol.checked_in_toast")).waitFor();
    await volunteer.page.getByText(/^1 \/ 打卡 3 次$/).waitFor();
    await volunteer.page.getByRole("link", { name: phone.t("patrol.report") }).click();
    await phone.skipPhoto();
    await phone.chooseCategory(FIRE);
    await phone.save();
  });

  test("goes on after the battery fell out, and the time between is a gap", async () => {
    const before = await kept();
    await volunteer.kill();
    await volunteer.reopen(null);
    phone = new Field(volunteer);
    moveOn = await takeClock(volunteer.page, ahead + 300_000);
    await takeSenses();
    await volunteer.goto("/");
    await volunteer.page.getByRole("link", { name: phone.t("patrol.under_way") }).click();
    await phone.heading("patrol.under_way").waitFor();
    assert.equal((await kept()).record, before.record);
    for (let i = 0; i < 3; i += 1) await step();
    assert.ok((await kept()).items > before.items);
  });

  test("rests, and a rest is no part of it", async () => {
    await phone.button("patrol.pause").click();
    await phone.button("patrol.go_on").waitFor();
    await until(async () => (await kept()).paused_since_millis !== null);
    const time = await figure("patrol.time");
    await pass(20 * 60);
    assert.equal(await figure("patrol.time"), time);
    await phone.button("patrol.go_on").click();
    await phone.button("patrol.pause").waitFor();
    for (let i = 0; i < 3; i += 1) await step();
  });

  test("is dark and dead to touches in a pocket until the button is held", async () => {
    await phone.button("patrol.pocket").click();
    const dark = volunteer.page.getByRole("dialog", { name: phone.t("patrol.pocket") });
    await dark.waitFor();
    await dark.click({ position: { x: 20, y: 20 } });
    // In one go: two trips to a busy browser may lie as far apart as a hold.
    await volunteer.page.getByRole("button", { name: phone.t("patrol.pocket_unlock") }).evaluate((button) => {
      for (const type of ["pointerdown", "pointerup"]) button.dispatchEvent(new PointerEvent(type, { bubbles: true }));
    });
    assert.ok(await dark.isVisible());
  });

  test("beats in the pocket while the way is recorded, and sounds the alarm when the position is lost", async () => {
    await felt();
    for (let i = 0; i < 3; i += 1) await step();
    await pass(40);
    await until(async () => (await felt()).felt.includes(1));
    const { heard } = await felt();
    assert.ok(heard > 0, "nothing was heard");
    await pass(90);
    await until(async () => (await felt()).felt.includes(5));
    assert.ok((await felt()).heard >= heard + 3);
    await volunteer.page.locator(".pocket-lamp--lost").waitFor();
    const dark = volunteer.page.getByRole("dialog", { name: phone.t("patrol.pocket") });
    await hold(phone.t("patrol.pocket_unlock"), () => dark.waitFor({ state: "detached" }));
  });

  test("becomes an op every quarter of an hour", async () => {
    const before = (await jsonRows(volunteer.page, "blobs")).length;
    await until(async () => {
      await pass(60);
      return (await jsonRows(volunteer.page, "blobs")).length > before;
    });
    for (let i = 0; i < 3; i += 1) await step();
  });

  test("ends with a button that is held, and tells what it knows and what not", async () => {
    await hold(new RegExp(`^${phone.t("patrol.end")}`), () => phone.heading("patrol.end_title").waitFor());
    await volunteer.page.getByRole("switch", { name: phone.t("patrol.end_well") }).click();
    await phone.button("patrol.end_now").click();
    await phone.heading("patrol.title").waitFor();
    await volunteer.page.getByRole("img", { name: new RegExp(phone.t("patrol.track_alt", { way: ".*" })) }).waitFor();
    await volunteer.page.getByText(phone.t("patrol.gaps")).click();
    for (const gap of ["patrol.gap_restart", "patrol.gap_paused"]) await volunteer.page.getByText(phone.t(gap)).first().waitFor();
    assert.ok(await volunteer.page.locator(".track-gap").count() > 0);
    await volunteer.page.getByText(phone.t("patrol.phone"), { exact: true }).click();
    const notes = volunteer.page.getByRole("listitem").filter({ hasText: /手机时钟/ });
    assert.ok(await notes.count() >= 3, "a note at the start, after the restart and at the end");
    assert.match(await notes.first().innerText(), /^\d\d:\d\d · (电量 \d+% · )?手机时钟/);
    await phone.heading("patrol.findings").waitFor();
    assert.equal(await phone.lines().count(), 1);
    assert.ok(Number((await figure("patrol.share")).replace("%", "")) < 100);
    assert.equal(await kept(), undefined);
  });

  test("is saved as a file that other tools read, and comes back from such a file", async () => {
    const download = volunteer.page.waitForEvent("download");
    await phone.button("patrol.gpx_save").click();
    const gpx = await readFile(await (await download).path(), "utf8");
    assert.ok(gpx.match(/<trkpt /g).length >= 20 && gpx.match(/<trkseg>/g).length >= 3, gpx.slice(0, 500));
    const path = join(tmpdir(), `greenshield-walk-${process.pid}.gpx`);
    await writeFile(path, gpx);
    await volunteer.goto("/patrol");
    await volunteer.page.getByLabel(phone.t("patrol.gpx_import")).setInputFiles(path);
    await volunteer.page.getByText(phone.t("patrol.source_gpx")).waitFor();
    await volunteer.goto("/patrol");
    await writeFile(path, "<kml/>");
    await volunteer.page.getByLabel(phone.t("patrol.gpx_import")).setInputFiles(path);
    await volunteer.page.getByText(phone.t("patrol.gpx_bad")).waitFor();
  });

  test("is at the desk with its track once there is a signal", async () => {
    await volunteer.setOffline(false);
    await phone.allSent();
    await officer.goto("/");
    await officer.goto("/records");
    await officer.page.getByRole("link", { name: new RegExp("^巡护") }).first().click();
    await desk.button("patrol.missing_do").click();
    await officer.page.getByRole("img", { name: new RegExp(desk.t("patrol.track_alt", { way: ".*" })) }).waitFor();
  });

  test("is shown there once more as it went, by keyboard, and where nothing was recorded it says so", async () => {
    const { page } = officer;
    // The newest is the one that came back from the file; this one knows why it has gaps.
    await officer.goto("/records");
    await page.getByRole("link", { name: new RegExp("^巡护") }).nth(1).click();
    await desk.heading("patrol.check_ins").waitFor();
    await desk.button("patrol.missing_do").click();
    await desk.button("patrol.missing_do").waitFor({ state: "detached" });
    await desk.button("replay.open").click();
    const time = page.getByRole("slider", { name: desk.t("replay.time") });
    const said = () => time.getAttribute("aria-valuetext");
    await time.waitFor();
    const begin = await said();
    await time.press("ArrowRight");
    await time.press("ArrowRight");
    assert.notEqual(await said(), begin);
    assert.match(await said(), /±8 米$/);
    await page.locator(".replay-line--gap").filter({ hasText: desk.t("patrol.gap_restart") }).first().click();
    await time.press("ArrowRight");
    assert.match(await said(), new RegExp(`${desk.t("replay.gap", { long: ".*", why: desk.t("patrol.gap_restart") })}$`));
    await page.locator(".replay-told--gap").waitFor();
    await clean(page, "a replay in a gap");
    await page.getByRole("button", { name: desk.t("replay.event_after"), exact: true }).click();
    const before = await said();
    await desk.button("replay.play").click();
    await until(async () => (await said()) !== before);
    await desk.button("replay.pause").click();
    await time.press("End");
    await desk.button("replay.play").waitFor();
    assert.equal(await page.locator(".replay-row[data-past=false]").count(), 0, "at the end everything has happened");
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/replay.png`, fullPage: true });
  });

  test("is one of the patrols of its day", async () => {
    await officer.page.getByRole("link", { name: desk.t("replay.whole_day") }).click();
    await desk.heading("replay.title").waitFor();
    // The walk itself, and the one that came back from the file.
    await officer.page.getByText(desk.t("replay.count", { n: 2 }), { exact: true }).waitFor();
    await officer.page.locator(".replay-all li").nth(1).waitFor();
    await clean(officer.page, "the patrols of a day");
  });
});

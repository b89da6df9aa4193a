// Seven days without a signal on one phone: seven walks of eight hours, reports with photos, a dead battery in the middle. Then a slow line,
// and the server has every op and every file, byte for byte. The soak walks with a position each five seconds and takes 300 photos.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { takeClock } from "./lib/clock.mjs";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Line } from "./lib/line.mjs";
import { installReceiver, mountainWalk } from "./lib/mountain.mjs";
import { Person, ZHANGYE } from "./lib/person.mjs";
import { blobOnDisk, jsonRows, rows, values } from "./lib/phone-store.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { sha256, Stranger } from "./lib/stranger.mjs";

const DAYS = 7, HOURS = 8, HOUR = 3_600_000;
/** Positions of a day: one each minute, in the soak one every five seconds. */
const FIXES = Number(process.env.GREENSHIELD_DAY_FIXES ?? 480), IS_SOAK = FIXES > 480;
const EVERY_SECONDS = (HOURS * 3_600) / FIXES;
/** Reports of each day, and photos of each report. */
const REPORTS = [4, 4, 3, 4, 3, 4, 3], PHOTOS = IS_SOAK ? 12 : 2;
const TRACK = "application/vnd.greenshield.track+cbor";
const SLOWEST_MILLIS = IS_SOAK ? 540_000 : 120_000;
/** Half a megabit, a tenth of a second there and back, one packet in a hundred lost: 3G in a village. */
const THREE_G = { bytesPerSecond: 500_000 / 8, roundTripMillis: 100, loss: 0.01 };

describe("seven days without a signal", () => {
  const test = story();
  let server, line, volunteer, phone, desk, moveOn, taken = 0;
  // The seven days end about now: the server's clock is never behind what the phone says.
  let ahead = -DAYS * 24 * HOUR;
  const walks = [];

  before(async () => {
    server = await Server.start();
    line = await Line.to(server.origin, { seed: "seven days" });
    volunteer = await Person.start(line);
    phone = new Field(volunteer);
    await phone.enrol(`${line.origin}/#/enrol/${codeOf(server.invites.volunteer)}`);
    await phone.precached();
    desk = new Stranger(server.origin);
    await desk.enrol(codeOf(await server.invite("desk")));
    await volunteer.setOffline(true);
    await takeSenses();
    await volunteer.goto("/");
  });
  after(async () => {
    try { await volunteer?.close(); } finally { await line?.close(); await server?.remove(); }
  });

  /** For every page that opens from now on; a page that is opened anew begins where its clock stood then. */
  async function takeSenses() {
    moveOn = await takeClock(volunteer.page, ahead);
    await volunteer.context.addInitScript(installReceiver);
  }

  async function pass(millis) { ahead = await moveOn(millis); }

  const tracks = async () => (await jsonRows(volunteer.page, "blobs")).filter((blob) => blob.mime === TRACK && blob.record !== null).length;

  async function until(isSo, what) {
    const giveUpAt = performance.now() + 30_000;
    while (!(await isSo())) if (performance.now() > giveUpAt) throw new Error(`${what}\n${await volunteer.page.locator("body").innerText()}`);
  }

  /** Walks a part of the day; what was measured becomes an op by itself. */
  async function walk(positions) {
    const before = await tracks();
    const watching = await volunteer.page.evaluate(([positions, seconds]) => window.walk(positions, seconds), [positions, EVERY_SECONDS]);
    assert.equal(watching, 1, "the patrol listens to the receiver");
    ahead = await moveOn(0);
    await until(async () => (await tracks()) > before, "the track is no op");
  }

  async function report(day, n) {
    await phone.openReport();
    const files = Array.from({ length: PHOTOS }, () => photoFile(`day-${day}-${taken++}`, { width: 96, height: 72, grain: 4 }).path);
    await volunteer.page.getByLabel(phone.t("report.album"), { exact: true }).first().setInputFiles(files);
    await phone.button("report.photo_remove", { n: PHOTOS }).waitFor({ timeout: 30_000 });
    await phone.chooseCategory(FIRE);
    await phone.note(`第 ${day + 1} 天，第 ${n + 1} 件`);
    await phone.save();
    await volunteer.page.getByRole("link", { name: phone.t("action.home"), exact: true }).click();
    await phone.heading("today.title").waitFor();
  }

  async function openPatrol(card) {
    await volunteer.page.getByRole("link", { name: phone.t(card) }).click();
  }

  for (let day = 0; day < DAYS; day += 1) {
    test(`day ${day + 1}: eight hours on foot and ${REPORTS[day] * PHOTOS} photos`, async () => {
      await openPatrol("patrol.start");
      await phone.setOut();
      await phone.heading("patrol.under_way").waitFor();
      const positions = mountainWalk(`walk ${day}`, FIXES, EVERY_SECONDS, ZHANGYE), part = FIXES / HOURS;
      for (let hour = 0; hour < HOURS; hour += 1) {
        await walk(positions.slice(hour * part, (hour + 1) * part));
        if (hour === 4 && day === 3) {
          await volunteer.kill();
          await volunteer.reopen(null);
          phone = new Field(volunteer);
          ahead += 10 * 60_000;
          await takeSenses();
          await volunteer.goto("/");
          await openPatrol("patrol.under_way");
          await phone.heading("patrol.under_way").waitFor();
        }
        if (hour < REPORTS[day]) {
          await report(day, hour);
          await openPatrol("patrol.under_way");
          await phone.heading("patrol.under_way").waitFor();
        }
      }
      await volunteer.page.getByRole("button", { name: new RegExp(`^${phone.t("patrol.end")}`) }).focus();
      await volunteer.page.keyboard.down("Enter");
      await phone.heading("patrol.end_title").waitFor();
      await volunteer.page.keyboard.up("Enter");
      await phone.button("patrol.end_now").click();
      await phone.heading("patrol.title").waitFor();
      await volunteer.page.locator(".figures .big").nth(2).waitFor();
      walks.push(await volunteer.page.locator(".figures .big").allInnerTexts());
      await pass(16 * HOUR);
      await volunteer.page.getByRole("link", { name: phone.t("action.back"), exact: true }).click();
      await phone.tab("tab.today").click();
    });
  }

  test("everything is on the phone, and the walks are told honestly", async (context) => {
    context.diagnostic(`${taken} photos, ${await tracks()} pieces of track; ${walks.map((walk) => walk.join(" ")).join(" | ")}`);
    const blobs = await jsonRows(volunteer.page, "blobs");
    assert.ok(blobs.length >= 25 * PHOTOS + DAYS * HOURS, `${blobs.length} files`);
    assert.ok(blobs.every((blob) => blob.delivered_millis === null));
    for (const [way, time, share] of walks) {
      const kilometres = Number(way.match(/[\d.]+/)[0]);
      assert.ok(kilometres > 15 && kilometres < 50, way);
      assert.match(time, /^[789] 小时/);
      assert.ok(Number.parseInt(share, 10) >= 80, share);
    }
  });

  test("and goes over a slow line completely, byte for byte", async (context) => {
    // The phone is at home, with its own clock again.
    await volunteer.context.close();
    await volunteer.reopen("/");
    phone = new Field(volunteer);
    line.profile = THREE_G;
    const began = performance.now();
    await volunteer.setOffline(false);
    // The page says it by itself; looking into its database all the time would hold it up.
    await phone.heading("today.all_sent").waitFor({ timeout: SLOWEST_MILLIS });
    await phone.allSent();
    line.profile = {};
    context.diagnostic(`${Math.round((performance.now() - began) / 1000)} s, ${Math.round(line.up.bytes / 1000)} KB`);
    const held = await desk.pullAll();
    const own = new Set(await rows(volunteer.page, "own_ops").then((all) => all.map(({ key }) => key)));
    const key = ({ log, seq }) => log.toString("hex") + BigInt(seq).toString(16).padStart(16, "0");
    const here = new Map(held.ops.map((op) => [key(op), op]));
    for (const mine of own) assert.ok(here.has(mine), `${mine} is not at the server`);
    const onPhone = await opsOnDisk();
    for (const mine of own) assert.ok(onPhone.some((bytes) => bytes.includes(here.get(mine).bytes.toString("hex"))), `${mine} differs`);
    let files = 0;
    for (const blob of (await jsonRows(volunteer.page, "blobs")).filter(({ mine, record }) => mine && record)) {
      const reply = await desk.request("GET", `/v1/records/${blob.record}/blobs/${blob.key}`);
      const bytes = Buffer.from(await reply.arrayBuffer());
      assert.equal(sha256(bytes).toString("hex"), blob.key);
      assert.equal(bytes.length, blob.size_bytes);
      if (files++ % 50 === 0) assert.equal((await blobOnDisk(volunteer.page, blob.key))?.sha256 ?? blob.key, blob.key);
    }
    context.diagnostic(`${own.size} ops, ${files} files`);
  });

  /** The bytes of all ops on the phone, in hex. */
  const opsOnDisk = async () => (await values(volunteer.page, "ops")).map((value) => value.toString("hex"));
});

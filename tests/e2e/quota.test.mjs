// A full phone says so in plain words at every step, keeps what it has, and loses nothing.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { blobOnDisk, jsonRows, rows } from "./lib/phone-store.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { KIND_INCIDENT, recordId, reportEntries, Stranger } from "./lib/stranger.mjs";
import { until } from "./lib/until.mjs";
import { t } from "./lib/words.mjs";

describe("a phone whose storage is full", () => {
  const test = story();
  let server, volunteer, phone;
  const first = photoFile("before-full"), small = [1, 2].map((n) => photoFile(`small-${n}`, { width: 640, height: 480 }));
  const large = photoFile("too-large", { width: 3200, height: 2400, grain: 22 });
  const records = () => rows(volunteer.page, "record_list");
  const said = (key) => volunteer.page.getByText(t(key)).first().waitFor();

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    phone = new Field(volunteer);
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
    await volunteer.setOffline(true);
  });
  after(async () => {
    try { await volunteer?.close(); } finally { await server?.remove(); }
  });

  /** Starts the browser anew with so little room, or with all of it; a running one remembers for half a minute how much there was. */
  async function leaveRoom(bytes, path = "/") {
    const used = await volunteer.page.evaluate(async () => (await navigator.storage.estimate()).usage);
    await volunteer.context.close();
    await volunteer.reopen(null);
    phone = new Field(volunteer);
    if (bytes !== null) {
      const session = await volunteer.context.newCDPSession(volunteer.page);
      await session.send("Storage.overrideQuotaForOrigin", { origin: server.origin, quotaSize: Math.max(1, used + bytes) });
    }
    await volunteer.goto(path);
    await phone.tab("tab.report").or(phone.camera()).or(phone.saveButton()).first().waitFor({ state: "attached" });
  }

  const untouched = async () => assert.equal((await blobOnDisk(volunteer.page, first.sha256)).sha256, first.sha256);

  test("with no room at all, opening the form says that nothing can be kept, and what was saved stays byte for byte", async () => {
    await phone.report({ files: [first] });
    await leaveRoom(-100_000);
    await phone.openReport();
    await said("error.store_full_save");
    assert.equal((await records()).length, 1);
    await untouched();
  });

  test("the first photo that has no room is refused in words that say what to do", async () => {
    await leaveRoom(500_000);
    await phone.openReport();
    await phone.camera().setInputFiles(large.path);
    await said("error.store_full");
    await said("error.store_full_do");
    assert.equal(await blobOnDisk(volunteer.page, large.sha256), null);
    await untouched();
  });

  test("the words of the report can still be saved, and the older one is untouched", async () => {
    await phone.skipPhoto();
    await phone.chooseCategory(FIRE);
    await phone.note("没有照片也要报");
    await phone.save();
    assert.equal((await records()).length, 2);
    await untouched();
  });

  test("the third photo is refused alone: the two before it and the form stay, and are saved", async () => {
    await leaveRoom(null);
    await phone.openReport();
    for (const [i, photo] of small.entries()) await phone.takePhoto(photo.path, i + 1);
    await phone.chooseCategory(FIRE);
    await phone.draftKept();
    await leaveRoom(700_000);
    await phone.openReport();
    await phone.hasPhotos(2);
    await phone.camera().setInputFiles(large.path);
    await said("error.store_full");
    await phone.hasPhotos(2);
    await phone.save();
    assert.equal((await records()).length, 3);
    for (const photo of small) assert.equal((await blobOnDisk(volunteer.page, photo.sha256)).sha256, photo.sha256);
  });

  test("a save without room never says 已存本机, keeps the form on the screen, and takes it once there is room", async () => {
    await leaveRoom(null);
    await phone.openReport();
    await phone.takePhoto(photoFile("at-save").path);
    await phone.chooseCategory(FIRE);
    await phone.draftKept();
    await leaveRoom(-100_000);
    await phone.openReport();
    await phone.saveButton().click();
    await said("error.store_full_save");
    assert.equal(await phone.savedHeading().count(), 0);
    assert.equal((await records()).length, 3);
    await leaveRoom(null);
    await phone.openReport();
    await phone.hasPhotos(1);
    await phone.save();
    assert.equal((await records()).length, 4);
  });

  test("sending works without room, and only a receipt that could be stored counts as delivered", async () => {
    await leaveRoom(-100_000);
    const waiting = (await rows(volunteer.page, "outbox")).length;
    assert.equal(waiting, 4);
    await volunteer.setOffline(false);
    const pushed = volunteer.page.waitForResponse((reply) => new URL(reply.url()).pathname === "/v1/ops" && reply.request().method() === "POST" && reply.ok());
    await volunteer.page.evaluate(() => window.dispatchEvent(new Event("online")));
    await pushed;
    await said("error.store_full_save");
    assert.equal(await volunteer.page.getByText(t("today.all_sent")).count(), 0);
    assert.equal((await rows(volunteer.page, "own_ops")).length, 5);
  });

  test("news that has no room waits at the server, and comes without a hole when there is room", async () => {
    const officer = new Stranger(server.origin);
    await officer.enrol(codeOf(await server.invite("officer")));
    const note = "很长的说明".repeat(100), ops = Array.from({ length: 400 }, (_, i) => officer.log.op(recordId(), KIND_INCIDENT, reportEntries({ note: `${note} ${i}` })));
    assert.equal((await officer.push(ops, { signed: true })).status, 200);
    await leaveRoom(-100_000);
    await said("error.store_full_save");
    assert.equal((await records()).length, 4);
    await leaveRoom(null);
    await until(volunteer.page, (count) => new Promise((resolve) => {
      const opening = indexedDB.open("gs-main");
      opening.onsuccess = () => {
        const asked = opening.result.transaction("record_list").objectStore("record_list").count();
        asked.onsuccess = () => { opening.result.close(); resolve(asked.result === count); };
      };
    }), 404);
  });

  test("and in the end everything is delivered, each photo whole", async () => {
    await phone.allSent();
    await untouched();
    const mine = (await jsonRows(volunteer.page, "blobs")).filter((row) => row.mine);
    assert.ok(mine.length >= 4 && mine.every((row) => row.delivered_millis !== null));
  });
});

// A phone fills up: less is kept of each photo, step by step, and each step is said where the shutter is. Words always fit.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Desk } from "./lib/desk.mjs";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { blobOnDisk, jsonRows, rows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { tLike } from "./lib/words.mjs";

const MB = 2 ** 20;

describe("a phone that fills up", () => {
  const test = story();
  let server, volunteer, officer, phone, desk, copyBytes;
  const large = { width: 4000, height: 3000, grain: 60 };

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    officer = await Person.start(server, { screen: "desk" });
    [phone, desk] = [new Field(volunteer), new Desk(officer)];
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
    await volunteer.setOffline(true);
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), officer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  /** Starts the browser anew with so much room; a running one remembers for half a minute how much there was. */
  async function leaveRoom(bytes) {
    const used = await volunteer.page.evaluate(async () => (await navigator.storage.estimate()).usage);
    await volunteer.context.close();
    await volunteer.reopen(null);
    phone = new Field(volunteer);
    const session = await volunteer.context.newCDPSession(volunteer.page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: server.origin, quotaSize: used + bytes });
    await volunteer.goto("/");
    await phone.tab("tab.report").waitFor();
  }

  const said = (key) => volunteer.page.getByText(tLike(key)).first().waitFor();
  const kept = async (photo) => {
    const copies = (await jsonRows(volunteer.page, "blobs")).filter((row) => row.original === photo.sha256);
    return { original: await blobOnDisk(volunteer.page, photo.sha256), copy: copies[0] };
  };
  const edge = () => volunteer.page.evaluate(async () => { const image = document.querySelector(".photo img"); await image.decode(); return Math.max(image.naturalWidth, image.naturalHeight); });

  const seen = async (photo, step, longest) => {
    await volunteer.page.getByText(phone.t("photo.no_original")).first().waitFor();
    await said(`room.${step}`);
    const { original, copy } = await kept(photo);
    assert.equal(original, null);
    assert.ok(copy.local && copy.size_bytes > 10_000);
    assert.equal(await edge(), longest);
    await phone.chooseCategory(FIRE);
    await phone.save();
    await volunteer.page.getByRole("link", { name: phone.t("tab.me") }).or(volunteer.page.getByRole("link", { name: phone.t("saved.see") })).first().waitFor();
  };

  test("with room, Me says how many photos fit, and a photo is kept whole", async () => {
    const photo = photoFile("whole", large);
    await phone.report({ files: [photo] });
    const { original, copy } = await kept(photo);
    assert.ok(original && copy);
    copyBytes = copy.size_bytes;
    await volunteer.goto("/me");
    await volunteer.page.getByText(tLike("me.storage_photos")).first().waitFor();
    assert.equal(await volunteer.page.getByText(phone.t("room.copy")).count(), 0);
  });

  test("when the original has no room the copy is kept, and the shutter and the photo say so", async () => {
    await leaveRoom(2 * MB + copyBytes + 1_500_000);
    await phone.openReport();
    const photo = photoFile("room-copy", large);
    await phone.takePhoto(photo.path);
    await seen(photo, "copy", 2048);
  });

  test("when the copy has no room a small one is kept", async () => {
    await leaveRoom(2 * MB + Math.round(copyBytes * 0.75));
    await phone.openReport();
    const photo = photoFile("room-small", large);
    await phone.takePhoto(photo.path);
    await seen(photo, "small", 1280);
  });

  test("when only the room for words is left no photo is taken any more, and the words are saved", async () => {
    await leaveRoom(MB);
    await phone.openReport();
    const photo = photoFile("no-room", large);
    await phone.camera().setInputFiles(photo.path);
    await volunteer.page.getByText(phone.t("error.store_full")).first().waitFor();
    assert.deepEqual(await kept(photo), { original: null, copy: undefined });
    await said("room.words");
    await phone.skipPhoto();
    await phone.chooseCategory(FIRE);
    await phone.note("手机满了也要报");
    await phone.save();
    assert.equal((await rows(volunteer.page, "outbox")).length, 4);
  });

  test("everything arrives, and the desk sees the small photo with the reason", async () => {
    await leaveRoom(900 * MB);
    await volunteer.setOffline(false);
    await phone.allSent();
    await desk.enrol(server.invites.desk);
    await officer.goto("/records");
    await desk.lines().nth(1).click();
    await desk.heading("record.history").waitFor();
    await officer.page.getByText(desk.t("photo.no_original")).first().waitFor();
    await desk.photoShows();
  });
});

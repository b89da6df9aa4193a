// A full phone says so in plain words, keeps what it has, and loses nothing.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { blobOnDisk, rows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t } from "./lib/words.mjs";

describe("a phone whose storage is full", () => {
  const test = story();
  let server, volunteer, phone, session;
  const first = photoFile("before-full"), large = photoFile("too-large", { width: 3200, height: 2400, grain: 22 });

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

  /** Starts the browser anew with so little room; a running one remembers for half a minute how much there was. */
  async function leaveRoom(bytes) {
    const used = await volunteer.page.evaluate(async () => (await navigator.storage.estimate()).usage);
    await volunteer.context.close();
    await volunteer.reopen(null);
    phone = new Field(volunteer);
    session = await volunteer.context.newCDPSession(volunteer.page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: server.origin, quotaSize: used + bytes });
    await volunteer.goto("/");
    await phone.tab("tab.report").waitFor();
  }

  test("a report that was saved before stays, byte for byte", async () => {
    await phone.report({ files: [first] });
    await leaveRoom(500_000);
    assert.equal((await blobOnDisk(volunteer.page, first.sha256)).sha256, first.sha256);
  });

  test("a photo that has no room is refused in words that say what to do", async () => {
    await phone.openReport();
    await phone.camera().setInputFiles(large.path);
    await volunteer.page.getByText(t("error.store_full")).first().waitFor();
    await volunteer.page.getByText(t("error.store_full_do")).first().waitFor();
    assert.equal(await blobOnDisk(volunteer.page, large.sha256), null);
  });

  test("the words of the report can still be saved, and the older one is untouched", async () => {
    await phone.skipPhoto();
    await phone.chooseCategory(FIRE);
    await phone.note("没有照片也要报");
    await phone.save();
    assert.equal((await rows(volunteer.page, "record_list")).length, 2);
    assert.equal((await blobOnDisk(volunteer.page, first.sha256)).sha256, first.sha256);
  });

  test("with room again everything goes on", async () => {
    await session.send("Storage.overrideQuotaForOrigin", { origin: server.origin });
    await volunteer.goto("/");
    await phone.report({ files: [large] });
    assert.equal((await blobOnDisk(volunteer.page, large.sha256)).sha256, large.sha256);
    await volunteer.setOffline(false);
    await phone.allSent();
  });
});

// A voice note for a record that is saved already: offline, an op of its own, and not lost when the browser dies under it.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Desk } from "./lib/desk.mjs";
import { Field, FIRE } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { jsonRows, rows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";

describe("a voice note for a saved record", () => {
  const test = story();
  let server, volunteer, officer, phone, desk;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server, { args: ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"] });
    officer = await Person.start(server, { screen: "desk" });
    [phone, desk] = [new Field(volunteer), new Desk(officer)];
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
    await volunteer.setOffline(true);
    await phone.report({ category: FIRE });
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), officer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const openEdit = async () => {
    await volunteer.goto("/");
    await phone.openRecords();
    await phone.lines().first().click();
    await volunteer.page.getByRole("link", { name: phone.t("action.add"), exact: true }).click();
    await volunteer.page.getByLabel(phone.t("record.note"), { exact: true }).waitFor();
  };
  /** Waits until so many rows of the recording are on the disk: what it is, and its pieces. */
  const onDisk = async (count) => {
    const giveUpAt = performance.now() + 20_000;
    while ((await rows(volunteer.page, "drafts", { prefix: Buffer.from("voice-").toString("hex") })).length < count) {
      if (performance.now() > giveUpAt) throw new Error("no new piece is on the disk");
      await volunteer.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  };
  const ops = async () => (await rows(volunteer.page, "outbox")).length;

  test("is recorded on the page that adds to it, and is an op with a file", async () => {
    const before = await ops();
    await openEdit();
    await phone.button("voice.record").click();
    await volunteer.page.getByText(phone.t("voice.recording")).waitFor();
    await onDisk(2);
    await volunteer.page.getByRole("button", { name: phone.t("voice.stop") }).click();
    await volunteer.page.getByText(phone.t("edit.voice_added")).waitFor();
    assert.equal(await ops(), before + 1);
    assert.equal((await rows(volunteer.page, "drafts", { prefix: Buffer.from("voice-").toString("hex") })).length, 0);
    await volunteer.page.getByRole("link", { name: phone.t("action.back") }).click();
    await volunteer.page.locator("audio").waitFor();
    await volunteer.page.getByText(phone.t("record.change_voices", { n: 1 }), { exact: false }).first().waitFor();
  });

  test("is whole up to the last piece when the browser is killed while somebody speaks", async () => {
    const before = await ops();
    await openEdit();
    await phone.button("voice.record").click();
    await onDisk(3);
    await volunteer.kill();
    await volunteer.reopen();
    phone = new Field(volunteer);
    await openEdit();
    await volunteer.page.getByText(phone.t("edit.voice_added")).waitFor();
    assert.equal(await ops(), before + 1);
    await volunteer.page.getByRole("link", { name: phone.t("action.back") }).click();
    await volunteer.page.locator("audio").nth(1).waitFor();
  });

  test("goes up with a signal, and the desk has both", async () => {
    await volunteer.setOffline(false);
    await volunteer.page.evaluate(() => window.dispatchEvent(new Event("online")));
    await phone.allSent();
    const notes = (await jsonRows(volunteer.page, "blobs")).filter((row) => row.mime.startsWith("audio/"));
    assert.ok(notes.length === 2 && notes.every((row) => row.delivered_millis !== null));
    await desk.enrol(server.invites.desk);
    await desk.open(FIRE);
    await officer.page.locator("audio").nth(1).waitFor();
  });
});

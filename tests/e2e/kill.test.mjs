// Saved means saved: the browser is killed around the moment of saving, again and again, and what it said stays true.
import assert from "node:assert/strict";
import { after, before, describe, test as apart } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { random } from "./lib/jpeg.mjs";
import { Person } from "./lib/person.mjs";
import { blobOnDisk, jsonRows, rows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";

const ROUNDS = Number(process.env.GREENSHIELD_ROUNDS ?? 10);
const LATEST_MILLIS = 1500;

describe("a browser that is killed with SIGKILL", () => {
  const test = story();
  let server, volunteer, phone;
  const next = random("kill");

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

  const reopen = async () => {
    await volunteer.kill();
    await volunteer.reopen();
    phone = new Field(volunteer);
    await phone.tab("tab.report").waitFor();
  };

  /** Records by the photo that they link. */
  async function savedPhotos() {
    const linked = (await jsonRows(volunteer.page, "blobs")).filter((row) => row.record !== null);
    return new Set(linked.map((row) => row.key));
  }

  test(`right after it said 已存本机, or anywhere around it, ${ROUNDS} times: every report that was said to be saved is there`, async (context) => {
    const said = [];
    for (let round = 0; round < ROUNDS; round++) {
      const photo = photoFile(1000 + round, { width: 640, height: 480 });
      await phone.openReport();
      if (await phone.draftPhotos() === 0) await phone.takePhoto(photo.path);
      const kept = (await jsonRows(volunteer.page, "blobs")).filter((row) => row.record === null).map((row) => row.key);
      await phone.chooseCategory(FIRE);
      // Even rounds: at once when the words show. Odd rounds: up to 1.5 s after the tap, more often early, whatever shows.
      const tapped = phone.saveButton().click().catch(() => {});
      if (round % 2 === 0) await tapped.then(() => phone.savedHeading().waitFor());
      else await pause(LATEST_MILLIS * next() ** 3);
      const didSay = await phone.savedHeading().isVisible();
      await reopen();

      const saved = await savedPhotos();
      if (didSay) for (const blob of kept) assert.ok(saved.has(blob), `round ${round}: it said saved, and the record is gone`);
      for (const blob of kept) {
        const onDisk = await blobOnDisk(volunteer.page, blob);
        assert.equal(onDisk?.sha256, blob, `round ${round}: the photo is not the one that was taken`);
      }
      if (didSay) said.push(...kept);
      for (const blob of said) assert.ok(saved.has(blob), `round ${round}: an older report is gone`);
      context.diagnostic(`round ${round}: ${didSay ? "had said saved" : saved.has(kept[0]) ? "saved, not yet said" : "still a draft"}`);
    }
    const outbox = await rows(volunteer.page, "outbox"), records = await rows(volunteer.page, "record_list");
    assert.ok(records.length >= ROUNDS / 2);
    assert.ok(outbox.length >= ROUNDS / 2);
  });

  test("while a report is half filled in: photo and words are still there", async () => {
    await phone.openReport();
    const before = await phone.draftPhotos();
    if (before === 0) await phone.takePhoto(photoFile(1999, { width: 640, height: 480 }).path);
    await phone.chooseCategory(FIRE);
    await phone.note("山口有烟，风向东。");
    await phone.draftKept();
    await reopen();
    await phone.openReport();
    await phone.button("report.photo_remove", { n: 1 }).waitFor();
    assert.equal(await phone.noteField().inputValue(), "山口有烟，风向东。");
    await phone.save();
  });

  apart("never claims that everything was delivered while something waits, not even for a moment", async () => {
    const claims = [phone.t("today.all_sent"), phone.t("me.unsent_none")];
    await volunteer.context.addInitScript((claims) => {
      window.gsClaimed = [];
      new MutationObserver(() => {
        const text = document.querySelector("main")?.innerText ?? "";
        for (const claim of claims) if (text.includes(claim)) window.gsClaimed.push(claim);
      }).observe(document, { childList: true, subtree: true, characterData: true });
    }, claims);
    for (const path of ["/", "/me/unsent", "/me", "/records"]) {
      await volunteer.goto(path);
      await volunteer.page.getByRole("heading", { level: 1 }).first().waitFor();
      await volunteer.page.waitForFunction(() => document.querySelectorAll("main a.item, main .figures, main .truth-number, main .card").length > 0);
      assert.deepEqual(await volunteer.page.evaluate(() => window.gsClaimed), [], path);
    }
  });

  test("and all of it reaches the server once there is a signal, each report once", async () => {
    const expected = (await rows(volunteer.page, "record_list")).length;
    await volunteer.setOffline(false);
    await volunteer.page.evaluate(() => window.dispatchEvent(new Event("online")));
    await phone.allSent();
    const own = await rows(volunteer.page, "own_ops");
    assert.equal(new Set(own.map((row) => row.key)).size, own.length);
    // The genesis and one op for each report.
    assert.equal(own.length, expected + 1);
    const blobs = await jsonRows(volunteer.page, "blobs");
    assert.ok(blobs.every((row) => row.delivered_millis !== null));
  });
});

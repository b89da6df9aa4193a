// What a report has beside its photos, all of it offline: a voice note that survives the death of the browser, search by letters,
// text for a chat, the way back after a slip.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Desk } from "./lib/desk.mjs";
import { categoryName, Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { blobOnDisk, jsonRows, rows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";

const MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
/** Keys of drafts in hex that are pieces of a recording. */
const PIECE = Buffer.from("report\0part\0").toString("hex");

describe("a report with a voice note", () => {
  const test = story();
  let server, volunteer, officer, phone, desk, spoken;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server, { args: MICROPHONE });
    officer = await Person.start(server, { screen: "desk" });
    phone = new Field(volunteer);
    desk = new Desk(officer);
    await phone.enrol(server.invites.volunteer);
    await desk.enrol(server.invites.desk);
    await phone.precached();
    await volunteer.setOffline(true);
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), officer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const pieces = () => rows(volunteer.page, "drafts", { prefix: PIECE });
  /** Waits until so many pieces of the recording are on the disk. */
  const piecesOnDisk = async (count) => {
    const giveUpAt = performance.now() + 20_000;
    while ((await pieces()).length < count) {
      if (performance.now() > giveUpAt) throw new Error(`no new piece is on the disk:\n${await volunteer.page.locator("body").innerText()}`);
      await volunteer.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  };
  const notes = () => volunteer.page.getByRole("button", { name: new RegExp(`^${phone.t("voice.remove", { n: "\\d" })}$`) });
  const audio = () => volunteer.page.locator("audio");
  const plays = (page, n = 0) => page.waitForFunction((at) => {
    const player = document.querySelectorAll("audio")[at];
    if (!player || player.error) return false;
    if (player.paused && player.currentTime === 0) { player.muted = true; player.play().catch(() => {}); }
    return player.currentTime > 0.2;
  }, n, { timeout: 20_000 });

  test("it is recorded without a network, piece by piece, and can be listened to at once", async () => {
    await phone.openReport();
    await phone.takePhoto(photoFile("voice").path);
    for (const typed of ["sl", "senlin", "火"]) {
      await volunteer.page.getByRole("searchbox", { name: phone.t("report.search_label") }).fill(typed);
      await volunteer.page.waitForFunction((most) => document.querySelectorAll(".category").length < most, 45);
      await phone.category(FIRE).waitFor();
    }
    await phone.chooseCategory(FIRE);
    await phone.button("voice.record").click();
    await volunteer.page.getByText(phone.t("voice.recording")).waitFor();
    await piecesOnDisk(1);
    await volunteer.page.getByRole("button", { name: phone.t("voice.stop") }).click();
    await notes().first().waitFor();
    assert.equal((await pieces()).length, 0);
    await plays(volunteer.page);
  });

  test("a note that was taken out comes back with one tap, and so does a photo", async () => {
    await notes().first().click();
    await volunteer.page.getByText(phone.t("undo.voice", { n: 1 })).waitFor();
    assert.equal(await notes().count(), 0);
    await phone.button("undo.put_back").click();
    await notes().first().waitFor();
    await phone.button("report.photo_remove", { n: 1 }).click();
    await volunteer.page.getByText(phone.t("undo.photo", { n: 1 })).waitFor();
    await phone.button("undo.put_back").click();
    await phone.button("report.photo_remove", { n: 1 }).waitFor();
  });

  test("a browser that is killed while somebody speaks keeps every piece that was on the disk", async () => {
    await phone.button("voice.record").click();
    await piecesOnDisk(2);
    const [before] = (await rows(volunteer.page, "drafts", { prefix: PIECE, withText: false })).slice(-1);
    assert.ok(before.size > 8);
    await volunteer.kill();
    await volunteer.reopen();
    phone = new Field(volunteer);
    await phone.openReport();
    await notes().nth(1).waitFor();
    await volunteer.page.getByText(phone.t("voice.was_cut")).waitFor();
    assert.equal((await pieces()).length, 0);
    await plays(volunteer.page, 1);
  });

  test("saved while the microphone is still on, the record has all three notes and says nothing has gone yet", async () => {
    await phone.button("voice.record").click();
    await piecesOnDisk(1);
    await phone.save();
    spoken = (await jsonRows(volunteer.page, "blobs")).filter((row) => row.mime.startsWith("audio/"));
    assert.equal(spoken.length, 3);
    for (const note of spoken) {
      assert.notEqual(note.record, null);
      assert.deepEqual(await blobOnDisk(volunteer.page, note.key), { size: note.size_bytes, sha256: note.key });
    }
    assert.equal((await rows(volunteer.page, "drafts")).length, 0);
    await volunteer.page.getByRole("link", { name: phone.t("saved.see") }).click();
    await audio().nth(2).waitFor();
    await plays(volunteer.page, 2);
  });

  test("its words can be pasted into a chat, and a copy of the photo carries time, place and person", async () => {
    const { page, context } = volunteer;
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.origin });
    await phone.button("share.copy").click();
    await page.getByText(phone.t("share.copied")).waitFor();
    const pasted = (await page.evaluate(() => navigator.clipboard.readText())).split("\n");
    const number = await page.locator("dt", { hasText: phone.t("record.number") }).locator("+ dd").innerText();
    assert.equal(pasted[0], phone.t("share.head", { what: categoryName(FIRE) }));
    assert.match(pasted[1], /\d{4}-\d\d-\d\d \d\d:\d\d$/);
    assert.match(pasted[2], /38\.92560, 100\.44980/);
    assert.equal(pasted.at(-1), phone.t("share.number", { value: number }));

    const before = await jsonRows(page, "blobs");
    await page.getByRole("button", { name: new RegExp(phone.t("record.photo_open")) }).click();
    await page.getByRole("dialog").getByRole("img").waitFor();
    /** How dark the lowest part of the shown picture is, from 0 to 255. */
    const lowest = () => page.evaluate(async () => {
      const image = document.querySelector("dialog img");
      await image.decode();
      const canvas = new OffscreenCanvas(64, 64), context = canvas.getContext("2d");
      context.drawImage(image, 0, image.naturalHeight * 0.97, image.naturalWidth, image.naturalHeight * 0.03, 0, 0, 64, 64);
      const { data } = context.getImageData(0, 0, 64, 64);
      return data.reduce((sum, value, i) => (i % 4 === 3 ? sum : sum + value), 0) / (64 * 64 * 3);
    });
    const bright = await lowest();
    await phone.button("share.stamp").click();
    await page.getByText(phone.t("share.stamp_text")).waitFor();
    assert.ok((await lowest()) < bright * 0.7, "the copy has a dark band for its words");
    const saving = page.waitForEvent("download");
    await phone.button("share.download").click();
    assert.equal((await saving).suggestedFilename(), `greenshield-${number}.jpg`);
    await phone.button("action.close").click();
    assert.deepEqual(await jsonRows(page, "blobs"), before, "no file of the record was touched");
  });

  test("with a signal the notes go up like photos, and the desk listens to them", async () => {
    await volunteer.setOffline(false);
    await volunteer.page.evaluate(() => window.dispatchEvent(new Event("online")));
    await phone.allSent();
    const sent = (await jsonRows(volunteer.page, "blobs")).filter((row) => row.mime.startsWith("audio/"));
    assert.ok(sent.every((row) => row.delivered_millis !== null));
    await officer.page.reload();
    await desk.open(FIRE);
    await plays(officer.page, 0);
    await officer.page.getByText(desk.t("voice.n_plain", { n: 3 }), { exact: true }).waitFor({ timeout: 20_000 });
    await officer.page.getByText(new RegExp(`^${desk.t("voice.n", { n: 1, length: "0:\\d\\d" })}$`)).waitFor();
  });
});

describe("a phone whose microphone is refused", () => {
  const test = story();
  let server, volunteer, phone;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    phone = new Field(volunteer);
    await phone.enrol(server.invites.volunteer);
    await phone.setLanguage("en");
  });
  after(async () => {
    try { await volunteer?.close(); } finally { await server?.remove(); }
  });

  test("says so in plain words, and the report can be saved all the same", async () => {
    await phone.openReport();
    await phone.skipPhoto();
    await phone.chooseCategory(FIRE);
    await phone.button("voice.record").click();
    await volunteer.page.getByText(phone.t("error.voice_denied"), { exact: true }).or(volunteer.page.getByText(phone.t("error.voice_missing"), { exact: true })).first().waitFor();
    await phone.save();
  });
});

describe("what a form tells by itself, without a network", () => {
  const test = story();
  let server, volunteer, phone;

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

  test("an imported picture is marked, and what it says of itself is only shown as its word", async () => {
    const { page } = volunteer;
    await phone.openReport();
    await page.getByLabel(phone.t("report.album"), { exact: true }).first().setInputFiles(photoFile("album", { exif: { lat: 39.1234, lon: 99.4321 } }).path);
    await phone.button("report.photo_remove", { n: 1 }).waitFor();
    await phone.chooseCategory(FIRE);
    await page.getByText("2026-11-20 14:05:09", { exact: false }).waitFor();
    await page.getByRole("group", { name: phone.t("photo.step", { n: 1 }) }).waitFor();
    await page.getByRole("button", { name: "远", exact: true }).click();
    await page.getByText(`远 · ${phone.t("report.photo_from_album")}`, { exact: true }).waitFor();
    await page.getByRole("link", { name: /^119/ }).waitFor();
    await phone.save();
    await page.getByRole("link", { name: phone.t("saved.see") }).click();
    await page.getByText(phone.t("photo.says_label", { n: 1 })).waitFor();
    await page.getByText("39.12340, 99.43210", { exact: false }).first().waitFor();
    const place = await page.locator("dt", { hasText: new RegExp(`^${phone.t("record.place")}$`) }).locator("+ dd").innerText();
    assert.match(place, /38\.92560, 100\.44980/, "the phone's own position stays the place");
    const found = await page.locator("dt", { hasText: phone.t("record.found_at") }).locator("+ dd").innerText();
    assert.doesNotMatch(found, /14:05/, "the phone's own time stays the time of finding");
  });

  for (const language of ["zh", "en"]) {
    test(`a second report of the same thing shows the first one and can be saved all the same, in ${language}`, async () => {
      await phone.setLanguage(language);
      await phone.openReport();
      await phone.skipPhoto();
      await phone.chooseCategory(FIRE);
      await volunteer.page.getByRole("link", { name: phone.t("near.see"), exact: true }).waitFor();
      await phone.save();
      await volunteer.page.getByRole("link", { name: phone.t("near.see"), exact: true }).click();
      await phone.heading("record.history").waitFor();
    });
  }
});

// What goes to other programs by the system's sheet: the words of a patrol, a rescue package, a photo with words on it.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { rows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { sha256 } from "./lib/stranger.mjs";

describe("sharing by the system's sheet", () => {
  const test = story();
  let server, volunteer, phone;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    // A sheet that takes everything and remembers it: name, type, size, whether it has EXIF, first bytes and hash of each file.
    await volunteer.context.addInitScript(() => {
      window.shared = [];
      Object.defineProperty(navigator, "canShare", { configurable: true, value: (data) => !!data });
      Object.defineProperty(navigator, "share", { configurable: true, value: async (data) => {
        if (!navigator.userActivation.isActive) throw new DOMException("no tap", "NotAllowedError");
        const files = await Promise.all([...(data.files ?? [])].map(async (file) => {
          const bytes = await file.arrayBuffer();
          const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
          const hex = (part) => Array.from(part, (byte) => byte.toString(16).padStart(2, "0")).join("");
          return { name: file.name, type: file.type, size: file.size, hasExif: new TextDecoder("latin1").decode(bytes).includes("Exif"), head: hex(new Uint8Array(bytes.slice(0, 3))), sha256: hex(digest) };
        }));
        window.shared.push({ text: data.text ?? null, files });
      } });
    });
    phone = new Field(volunteer);
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
  });
  after(async () => {
    try { await volunteer?.close(); } finally { await server?.remove(); }
  });

  /** What was shared last; waits for it. */
  async function shared() {
    const found = await volunteer.page.waitForFunction(() => window.shared.length > 0 && window.shared.splice(0)[0]);
    return found.jsonValue();
  }

  test("a stamped photo is a JPEG of its own, and the photo of the record stays as it was", async () => {
    const photo = photoFile("to-share", { grain: 60 });
    await phone.report({ files: [photo] });
    await phone.hasSent();
    await volunteer.page.getByRole("link", { name: phone.t("saved.see") }).click();
    await volunteer.page.getByRole("button", { name: new RegExp(phone.t("record.photo_open")) }).click();
    await phone.button("share.stamp").click();
    await volunteer.page.getByText(phone.t("share.stamp_text")).waitFor();
    await volunteer.page.getByRole("dialog").getByRole("button", { name: phone.t("share.send"), exact: true }).click();
    const { files: [file] } = await shared();
    assert.match(file.name, /^greenshield-.+\.jpg$/);
    assert.deepEqual([file.type, file.head], ["image/jpeg", "ffd8ff"]);
    assert.notEqual(file.sha256, photo.sha256);
    await phone.button("action.close").click();
  });

  /** How much pixels beside each other differ, in a part (of 1) of the photo that is shown. */
  const grain = (part) => volunteer.page.locator(".viewer > img").evaluate((image, [x, y, wide, high]) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: image.naturalHeight });
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const at = (share, whole) => Math.round(share * whole);
    const { data, width } = context.getImageData(at(x, canvas.width), at(y, canvas.height), at(wide, canvas.width), at(high, canvas.height));
    let sum = 0;
    for (let i = 0; i + 4 < data.length; i += 4) if ((i / 4 + 1) % width) sum += Math.abs(data[i] - data[i + 4]);
    return sum / (data.length / 4);
  }, part);

  test("what a finger or a key covers is gone from the copy, with the place in the file, and nothing else is", async () => {
    const { page } = volunteer;
    const cover = page.locator("svg.cover");
    await page.getByRole("button", { name: new RegExp(phone.t("record.photo_open")) }).click();
    const before = await grain([0.2, 0.2, 0.15, 0.15]);
    await phone.button("share.cover").click();
    await page.getByText(phone.t("share.cover_text")).waitFor();
    assert.ok(await phone.button("share.cover_done").isDisabled());
    // The picture is drawn whole in the middle of its box; its own box tells where.
    const box = await cover.locator("image").boundingBox();
    const go = (x, y) => page.mouse.move(box.x + box.width * x, box.y + box.height * y);
    await go(0.15, 0.15);
    await page.mouse.down();
    await go(0.3, 0.3);
    await go(0.4, 0.4);
    await page.mouse.up();
    await go(0.8, 0.8);
    await page.mouse.down();
    await page.mouse.up();
    await cover.press("Enter");
    await page.getByText(phone.t("share.cover_count", { n: 3 })).waitFor();
    await phone.button("share.cover_undo").click();
    await page.getByText(phone.t("share.cover_count", { n: 2 })).waitFor();
    await phone.button("share.cover_done").click();
    await page.getByText(phone.t("share.covered_text")).waitFor();
    assert.ok(before > 1, `the photo has grain: ${before}`);
    const [drawn, tapped, free] = [await grain([0.2, 0.2, 0.15, 0.15]), await grain([0.78, 0.78, 0.04, 0.04]), await grain([0.5, 0.45, 0.1, 0.1])];
    assert.ok(drawn < before / 4 && tapped < before / 4, `${drawn} and ${tapped} of ${before}`);
    assert.ok(free > before / 2, `${free} of ${before}`);
    await page.getByRole("dialog").getByRole("button", { name: phone.t("share.send"), exact: true }).click();
    const { files: [file] } = await shared();
    assert.deepEqual([file.type, file.hasExif], ["image/jpeg", false]);
    await phone.button("action.close").click();
  });

  test("the words of a report and of a patrol are text, with place and time", async () => {
    await phone.button("share.send").click();
    const report = await shared();
    assert.match(report.text, /38\.92560, 100\.44980/);
    await volunteer.goto("/patrol");
    await phone.setOut();
    await phone.heading("patrol.under_way").waitFor();
    await volunteer.page.getByRole("button", { name: new RegExp(`^${phone.t("patrol.end")}`) }).focus();
    await volunteer.page.keyboard.down("Enter");
    await phone.heading("patrol.end_title").waitFor();
    await volunteer.page.keyboard.up("Enter");
    await phone.button("patrol.end_now").click();
    await phone.heading("patrol.title").waitFor();
    await phone.button("share.send").click();
    const patrol = await shared();
    assert.deepEqual(patrol.files, []);
    assert.match(patrol.text, new RegExp(phone.t("patrol.title")));
  });

  test("a rescue package is one sealed file", async () => {
    while ((await rows(volunteer.page, "meta", { prefix: Buffer.from("sealing_key").toString("hex") })).length === 0) {
      await volunteer.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    await volunteer.setOffline(true);
    await volunteer.goto("/");
    await phone.report({ category: FIRE });
    await volunteer.goto("/me/rescue");
    await phone.button("rescue.make").click();
    await volunteer.page.getByRole("button", { name: phone.t("rescue.share"), exact: true }).click();
    const { files: [file] } = await shared();
    assert.match(file.name, /\.gsb(\.txt)?$/);
    assert.ok(file.size > 500 && file.sha256 !== sha256("").toString("hex"));
  });
});

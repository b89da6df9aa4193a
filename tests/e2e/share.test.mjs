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
    // A sheet that takes everything and remembers it: name, type, size, first bytes and hash of each file.
    await volunteer.context.addInitScript(() => {
      window.shared = [];
      Object.defineProperty(navigator, "canShare", { configurable: true, value: (data) => !!data });
      Object.defineProperty(navigator, "share", { configurable: true, value: async (data) => {
        if (!navigator.userActivation.isActive) throw new DOMException("no tap", "NotAllowedError");
        const files = await Promise.all([...(data.files ?? [])].map(async (file) => {
          const bytes = await file.arrayBuffer();
          const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
          const hex = (part) => Array.from(part, (byte) => byte.toString(16).padStart(2, "0")).join("");
          return { name: file.name, type: file.type, size: file.size, head: hex(new Uint8Array(bytes.slice(0, 3))), sha256: hex(digest) };
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
    const photo = photoFile("to-share");
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

// The camera inside the app: for phones that end the app as soon as their camera app comes to the front.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { clean } from "./lib/axe.mjs";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { blobOnDisk, jsonRows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";

const CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

describe("the camera inside the app", () => {
  const test = story();
  let server, volunteer, phone;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server, { args: CAMERA });
    phone = new Field(volunteer);
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
    await volunteer.setOffline(true);
  });
  after(async () => {
    try { await volunteer?.close(); } finally { await server?.remove(); }
  });

  /** As when the system takes the memory of the page: nothing is told to it, the browser lives on. */
  async function endedBySystem() {
    const [session, next] = [await volunteer.context.newCDPSession(volunteer.page), await volunteer.context.newPage()];
    const crashed = volunteer.page.waitForEvent("crash");
    session.send("Page.crash").catch(() => {});
    await crashed;
    await volunteer.page.close();
    volunteer.page = next;
    phone = new Field(volunteer);
    await volunteer.goto("/");
  }

  const inside = () => phone.button("report.photo").or(phone.button("report.photo_more")).first();

  test("is proposed after the system ended the app twice under an open form, not before", async () => {
    for (const times of [1, 2]) {
      await phone.openReport();
      if (times === 1) await phone.takePhoto(photoFile("lost").path);
      await phone.draftKept();
      assert.equal(await volunteer.page.getByText(phone.t("camera.propose")).count(), 0, `before the end number ${times}`);
      await endedBySystem();
    }
    await phone.openReport();
    await volunteer.page.getByText(phone.t("camera.propose")).waitFor();
    await phone.button("camera.yes").click();
    await inside().waitFor();
  });

  test("takes photos on the whole screen with a shutter for gloves, hashed and kept like any other", async () => {
    await inside().click();
    const shutter = phone.button("camera.shoot");
    await volunteer.page.waitForFunction(() => document.querySelector("video")?.videoWidth > 0);
    const box = await shutter.boundingBox();
    assert.ok(box.width >= 72 && box.height >= 72);
    await clean(volunteer.page, "camera");
    for (const n of [2, 3]) {
      await shutter.click();
      await volunteer.page.getByText(phone.t("camera.taken", { n })).waitFor();
    }
    await phone.button("camera.done").click();
    await phone.button("report.photo_remove", { n: 3 }).waitFor();
    assert.equal(await volunteer.page.evaluate(() => document.querySelector("video").srcObject), null, "the camera is off");
    await phone.chooseCategory(FIRE);
    await phone.save();
    const originals = (await jsonRows(volunteer.page, "blobs")).filter((row) => !row.original);
    assert.equal(originals.length, 3);
    for (const row of originals) assert.deepEqual(await blobOnDisk(volunteer.page, row.key), { size: row.size_bytes, sha256: row.key });
    await volunteer.page.getByRole("link", { name: phone.t("saved.see") }).click();
    await phone.heading("record.history").waitFor();
    assert.equal(await volunteer.page.getByText(phone.t("report.photo_from_album")).count(), 0, "taken, not picked");
  });

  test("gives way to the phone's own camera when it does not open, and says so", async () => {
    await volunteer.page.addInitScript(() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotReadableError")); });
    await volunteer.goto("/report");
    await phone.button("report.photo").click();
    await volunteer.page.getByText(phone.t("error.camera"), { exact: true }).waitFor();
    await volunteer.page.getByLabel(phone.t("report.photo"), { exact: true }).and(volunteer.page.locator("input")).waitFor({ state: "attached" });
    await phone.takePhoto(photoFile("own-camera").path);
  });

  test("is a switch in Me, in both languages", async () => {
    for (const language of ["zh", "en"]) {
      await phone.setLanguage(language);
      const choice = volunteer.page.getByRole("switch", { name: phone.t("me.camera_inside") });
      await choice.click();
      assert.equal(await choice.isChecked(), language === "zh");
    }
  });
});

// The product's main job from end to end: a report made offline in the mountains arrives at the desk, and the answer comes back.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Desk } from "./lib/desk.mjs";
import { categoryName, Field, FIRE, photoFile, stateName } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { blobOnDisk, rows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t } from "./lib/words.mjs";

describe("a report from the mountains", () => {
  const test = story();
  let server, volunteer, officer, phone, desk;
  const photo = photoFile(1);

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    officer = await Person.start(server, { screen: "desk" });
    phone = new Field(volunteer);
    desk = new Desk(officer);
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), officer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  test("the volunteer's link enrols the phone and a used link says so", async () => {
    await phone.enrol(server.invites.volunteer);
    await desk.enrol(server.invites.desk);
    assert.deepEqual(await rows(volunteer.page, "meta", { prefix: Buffer.from("identity").toString("hex") }).then((found) => found.length), 1);
    const key = await volunteer.page.evaluate(() => new Promise((resolve) => {
      const opening = indexedDB.open("gs-main");
      opening.onsuccess = () => {
        const all = opening.result.transaction("keys").objectStore("keys").getAll();
        all.onsuccess = () => { opening.result.close(); resolve(all.result.map((pair) => (pair.privateKey ?? pair).extractable)); };
      };
    }));
    assert.deepEqual(key, [false]);
    const other = await Person.start(server);
    await other.page.goto(server.invites.volunteer);
    await other.page.getByText(t("enrol.error_used"), { exact: true }).waitFor();
    await other.close();
  });

  test("the app is installable and holds every file of itself", async () => {
    await phone.precached();
    const facts = await volunteer.page.evaluate(async () => {
      const manifest = await (await fetch(document.querySelector("link[rel=manifest]").href)).json();
      const files = JSON.parse((await (await fetch("/sw.js")).text()).match(/const FILES = (?:\/\*FILES\*\/)?(\[[^\]]*\])/)[1]);
      const [cache] = (await caches.keys()).filter((name) => name.startsWith("gs-"));
      const held = (await (await caches.open(cache)).keys()).map((request) => new URL(request.url).pathname);
      return { manifest, files, held };
    });
    assert.equal(facts.manifest.display, "standalone");
    assert.ok(facts.manifest.icons.some((icon) => icon.sizes === "512x512"));
    assert.ok(facts.files.some((file) => file.endsWith(".wasm")));
    assert.deepEqual(facts.held.sort(), facts.files.sort());
  });

  test("it opens without a network and with the server stopped", async () => {
    await server.down();
    await volunteer.page.reload();
    await phone.tab("tab.report").waitFor();
    await volunteer.setOffline(true);
    await volunteer.page.reload();
    await phone.tab("tab.report").waitFor();
  });

  test("four taps are enough: ＋, shutter, category, save", async () => {
    volunteer.takeTaps();
    await phone.openReport();
    await phone.takePhoto(photo.path);
    await volunteer.page.getByRole("img", { name: phone.t("report.photo_n", { n: 1 }) }).waitFor();
    await phone.chooseCategory(FIRE);
    await phone.save();
    assert.ok(volunteer.takeTaps() + 1 <= 4);
    await phone.heading("saved.title").waitFor();
  });

  test("the photo lies on the disk byte for byte, and its smaller copy beside it", async () => {
    assert.deepEqual(await blobOnDisk(volunteer.page, photo.sha256), { size: photo.bytes.length, sha256: photo.sha256 });
    assert.equal((await rows(volunteer.page, "blobs")).length, 2);
    assert.equal((await rows(volunteer.page, "outbox")).length, 1);
  });

  test("the list shows it as saved on this phone, in words", async () => {
    await volunteer.goto("/");
    await phone.openRecords();
    await phone.lines().first().waitFor();
    await phone.lines().first().getByText(phone.t("lamp.saved")).waitFor();
  });

  test("with a signal it goes up by itself, and the desk sees it within three seconds of its delivery", async () => {
    await server.up();
    await officer.page.reload();
    await desk.isLive();
    await volunteer.setOffline(false);
    await phone.lines().first().getByText(phone.t("lamp.delivered")).waitFor({ timeout: 30_000 });
    const delivered = performance.now();
    await desk.line(FIRE).first().waitFor();
    assert.ok(performance.now() - delivered < 3_000);
    assert.equal((await rows(volunteer.page, "outbox")).length, 0);
  });

  test("the desk sees what, who, where, when and the photo itself", async () => {
    await desk.open(FIRE);
    const main = officer.page.getByRole("main");
    await main.getByRole("heading", { name: categoryName(FIRE) }).first().waitFor();
    await main.getByText("38.925", { exact: false }).first().waitFor();
    await main.getByText(t("record.reporter")).first().waitFor();
    await main.getByText(t("record.found_at")).first().waitFor();
    await desk.photoShows();
  });

  test("the desk signs and answers, and the volunteer reads the answer", async () => {
    await desk.sign();
    await desk.answer("已通知扑火队，请撤到上风处。");
    await phone.lines().first().click();
    await volunteer.page.getByText("已通知扑火队，请撤到上风处。").first().waitFor({ timeout: 30_000 });
    await volunteer.page.getByText(stateName("signed")).first().waitFor();
  });
});

// A new version never breaks the old one: a half-failed update leaves an app that opens offline, a good one waits to be
// asked and takes the open draft along.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Builds } from "./lib/builds.mjs";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Line } from "./lib/line.mjs";
import { Person } from "./lib/person.mjs";
import { blobOnDisk, rows } from "./lib/phone-store.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";

describe("an update of the app", () => {
  const test = story();
  let server, line, volunteer, phone, builds;
  const photo = photoFile("unsent-update");

  before(async () => {
    builds = await Builds.start();
    server = await Server.start({ webDir: builds.folder });
    line = await Line.to(server.origin);
    volunteer = await Person.start(line);
    phone = new Field(volunteer);
    await phone.enrol(`${line.origin}/#/enrol/${codeOf(server.invites.volunteer)}`);
    await phone.precached();
  });
  after(async () => {
    try { await volunteer?.close(); } finally { await line?.close(); await server?.remove(); await builds?.remove(); }
  });

  const askForUpdate = () => Builds.ask(volunteer.page);
  const held = () => Builds.held(volunteer.page);
  /** Builds of the app; the map has a cache of its own. */
  const caches = async () => (await held()).filter((name) => !name.startsWith("gs-map-"));
  const update = async () => {
    await volunteer.page.getByText(phone.t("update.title"), { exact: true }).waitFor({ timeout: 60_000 });
    const reloaded = volunteer.page.waitForEvent("load", { timeout: 60_000 });
    await phone.button("update.button").click();
    await reloaded;
    await phone.tab("tab.report").or(phone.saveButton()).first().waitFor();
  };
  /** Opens again after a kill. */
  const reopen = async () => {
    await volunteer.kill();
    await volunteer.reopen();
    phone = new Field(volunteer);
    await phone.tab("tab.report").waitFor();
  };
  const unsentIsWhole = async (count) => {
    assert.equal((await rows(volunteer.page, "outbox")).length, count);
    assert.equal((await blobOnDisk(volunteer.page, photo.sha256)).sha256, photo.sha256);
  };

  test("of which one file is missing changes nothing, and the old app still opens offline", async () => {
    await builds.publish("broken-build", ["/icons/not-there.png"]);
    assert.equal(await askForUpdate(), "redundant");
    assert.deepEqual(await caches(), [`gs-${builds.first}`]);
    await server.down();
    await volunteer.setOffline(true);
    await volunteer.page.reload();
    await phone.tab("tab.report").waitFor();
    await volunteer.setOffline(false);
    await server.up();
  });

  test("that is whole waits until it is asked, shows a banner, and the open draft comes along", async () => {
    await phone.openReport();
    await phone.takePhoto(photoFile("update").path);
    await phone.chooseCategory(FIRE);
    await phone.note("写到一半");
    await phone.draftKept();
    await builds.publish("good-build");
    assert.equal(await askForUpdate(), "installed");
    // Nobody is disturbed in the middle of a form.
    assert.equal(await phone.button("update.button").count(), 0);
    assert.deepEqual((await caches()).sort(), [`gs-${builds.first}`, "gs-good-build"].sort());
    await volunteer.page.getByRole("link", { name: phone.t("action.back") }).click();
    await update();
    assert.deepEqual(await caches(), ["gs-good-build"]);
    assert.equal((await held()).filter((name) => name.startsWith("gs-map-")).length, 1, "a map that did not change stays");
    if (await phone.tab("tab.report").isVisible()) await phone.openReport();
    await phone.hasPhotos(1);
    assert.equal(await phone.noteField().inputValue(), "写到一半");
    await phone.save();
  });

  test("and the new one opens offline with all records", async () => {
    await server.down();
    await volunteer.setOffline(true);
    await volunteer.goto("/");
    await phone.openRecords();
    await phone.lines().first().waitFor();
  });

  test("killed while the next version is being fetched leaves an app that opens offline, with all that is unsent", async () => {
    await phone.report({ files: [photo], note: "没有送达就更新" });
    await unsentIsWhole(2);
    await server.up();
    line.isShellOnly = true;
    await volunteer.setOffline(false);
    await builds.addFile("large.bin", 4_000_000);
    await builds.publish("third-build", ["/large.bin"]);
    await volunteer.page.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => { window.gsRegistration = registration; }));
    line.profile = { bytesPerSecond: 300_000 };
    await volunteer.page.evaluate(() => { window.gsRegistration.update(); });
    const from = line.down.bytes;
    await volunteer.page.waitForFunction(() => window.gsRegistration.installing !== null);
    while (line.down.bytes < from + 500_000) await volunteer.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    line.die();
    await reopen();
    line.live();
    line.profile = {};
    assert.ok((await caches()).includes("gs-good-build"));
    await unsentIsWhole(2);
  });

  test("killed in the moment of the switch leaves the old or the new one, whole, with all that is unsent", async () => {
    assert.equal(await askForUpdate(), "installed");
    await volunteer.goto("/");
    await phone.button("update.button").click({ noWaitAfter: true });
    await reopen();
    await unsentIsWhole(2);
    if ((await caches()).length > 1) await update();
    assert.deepEqual(await caches(), ["gs-third-build"]);
    await unsentIsWhole(2);
  });

  test("and a roll-back to the version before it opens everything and sends it", async () => {
    await phone.report({ note: "用新版本写的" });
    await builds.publish(builds.first);
    assert.equal(await askForUpdate(), "installed");
    await volunteer.goto("/");
    await update();
    assert.deepEqual(await caches(), [`gs-${builds.first}`]);
    await unsentIsWhole(3);
    line.isShellOnly = false;
    await phone.allSent();
    await volunteer.goto("/");
    await phone.openRecords();
    await phone.lines(FIRE).nth(2).waitFor();
  });
});

// A new version never breaks the old one: a half-failed update leaves an app that opens offline, a good one waits to be
// asked and takes the open draft along.
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { DIST, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";

describe("an update of the app", () => {
  const test = story();
  let server, volunteer, phone, web, worker;

  before(async () => {
    web = await mkdtemp(join(tmpdir(), "greenshield-web-"));
    await cp(DIST, web, { recursive: true });
    worker = await readFile(join(web, "sw.js"), "utf8");
    server = await Server.start({ webDir: web });
    volunteer = await Person.start(server);
    phone = new Field(volunteer);
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
  });
  after(async () => {
    try { await volunteer?.close(); } finally { await server?.remove(); await rm(web, { recursive: true, force: true }); }
  });

  const build = (text) => text.match(/const BUILD = (?:\/\*BUILD\*\/)?"([^"]+)"/)[1];
  async function publish(name, extraFiles = []) {
    for (const packed of ["br", "gz"]) await rm(join(web, `sw.js.${packed}`), { force: true });
    await writeFile(join(web, "sw.js"), worker
      .replace(build(worker), name)
      .replace(/const FILES = (?:\/\*FILES\*\/)?\[/, (start) => start + extraFiles.map((file) => `${JSON.stringify(file)},`).join("")));
  }
  const askForUpdate = () => volunteer.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update().catch(() => {});
    const worker = registration.installing;
    if (!worker) return registration.waiting ? "installed" : "none";
    return new Promise((resolve) => worker.addEventListener("statechange", () => ["installed", "redundant"].includes(worker.state) && resolve(worker.state)));
  });
  const caches = () => volunteer.page.evaluate(() => window.caches.keys());

  test("of which one file is missing changes nothing, and the old app still opens offline", async () => {
    await publish("broken-build", ["/icons/not-there.png"]);
    assert.equal(await askForUpdate(), "redundant");
    assert.deepEqual(await caches(), [`gs-${build(worker)}`]);
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
    await publish("good-build");
    assert.equal(await askForUpdate(), "installed");
    // Nobody is disturbed in the middle of a form.
    assert.equal(await phone.button("update.button").count(), 0);
    assert.deepEqual((await caches()).sort(), [`gs-${build(worker)}`, "gs-good-build"].sort());
    await volunteer.page.getByRole("link", { name: phone.t("action.back") }).click();
    await volunteer.page.getByText(phone.t("update.title"), { exact: true }).waitFor();
    const reloaded = volunteer.page.waitForEvent("load");
    await phone.button("update.button").click();
    await reloaded;
    await phone.tab("tab.report").or(phone.saveButton()).first().waitFor();
    assert.deepEqual(await caches(), ["gs-good-build"]);
    if (await phone.tab("tab.report").isVisible()) await phone.openReport();
    assert.equal(await phone.draftPhotos(), 1);
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
});

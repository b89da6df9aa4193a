// The desk is a part of the app that only those have who work there: the phone of a volunteer does without it, that of an officer
// opens it without a network, and takes it along when the app is renewed.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Builds } from "./lib/builds.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { rows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";

describe("the part of the desk", () => {
  const test = story();
  let builds, server, volunteer, officer;

  before(async () => {
    builds = await Builds.start();
    server = await Server.start({ webDir: builds.folder });
    volunteer = await Person.start(server);
    officer = await Person.start(server);
  });
  after(async () => {
    try { await volunteer?.close(); await officer?.close(); } finally { await server?.remove(); await builds?.remove(); }
  });

  /** Files of the desk that a phone keeps, with the build that has them. */
  const kept = (person) => person.page.evaluate(async () => {
    const found = [];
    for (const name of await caches.keys()) {
      const files = (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname);
      found.push(...files.filter((path) => path.startsWith("/desk-")).map((path) => [name, path]));
    }
    return found;
  });
  /** What a page fetched of the desk over the network. */
  const fetched = (person) => {
    const seen = [];
    person.context.on("request", (request) => new URL(request.url()).pathname.startsWith("/desk-") && seen.push(request.url()));
    return seen;
  };

  test("a volunteer's phone does not fetch it, and says so without a network", async () => {
    const seen = fetched(volunteer), phone = new Field(volunteer);
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
    assert.deepEqual([await kept(volunteer), seen], [[], []]);
    await volunteer.setOffline(true);
    await volunteer.goto("/desk/tasks");
    await volunteer.page.getByText(phone.t("error.desk_part"), { exact: true }).waitFor();
    await volunteer.page.getByText(phone.t("error.safe")).waitFor();
    assert.ok((await rows(volunteer.page, "own_ops")).length > 0);
    // The script between the parts tells the console, too.
    assert.ok(volunteer.faults.some((fault) => /Failed to fetch[^]*greenshield-/.test(fault)));
    volunteer.faults = volunteer.faults.filter((fault) => !/Failed to fetch[^]*greenshield-/.test(fault));
  });

  test("with a signal it comes, for this page, and is not kept", async () => {
    const phone = new Field(volunteer);
    await volunteer.setOffline(false);
    await phone.button("action.retry").click();
    await volunteer.page.getByText(phone.t("task.desk_none"), { exact: true }).waitFor();
    await phone.precached();
    assert.deepEqual(await kept(volunteer), []);
  });

  test("an officer's phone has it at once, and opens it without a network", async () => {
    const phone = new Desk(officer);
    await new Field(officer).enrol(await server.invite("officer"));
    await phone.precached();
    assert.equal((await kept(officer)).length, 1);
    await server.down();
    await officer.setOffline(true);
    await officer.goto("/desk/tasks");
    await officer.page.getByText(phone.t("task.desk_none"), { exact: true }).waitFor();
    await officer.setOffline(false);
    await server.up();
  });

  test("a new version brings it along", async () => {
    await builds.publish("next-build");
    assert.equal(await Builds.ask(officer.page), "installed");
    const now = await kept(officer);
    assert.deepEqual(now.map(([build]) => build).sort(), [`gs-${builds.first}`, "gs-next-build"].sort());
    assert.equal(new Set(now.map(([, path]) => path)).size, 1);
  });

  test("an officer who begins while a new version waits has it in both", async () => {
    // As if nobody had worked at a desk here when either version came.
    await officer.page.evaluate(async () => {
      await caches.delete("desk");
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) if (new URL(request.url).pathname.startsWith("/desk-")) await cache.delete(request);
      }
    });
    assert.deepEqual(await kept(officer), []);
    await officer.page.reload();
    await officer.page.waitForFunction(async (builds) => {
      const has = async (name) => (await (await caches.open(name)).keys()).some((request) => new URL(request.url).pathname.startsWith("/desk-"));
      return (await Promise.all(builds.map(has))).every(Boolean);
    }, [`gs-${builds.first}`, "gs-next-build"]);
  });

  test("a phone that comes from a build in one piece takes it along, whoever uses it", async () => {
    await volunteer.page.evaluate(async (name) => {
      await (await caches.open(name)).put("/greenshield-app-0123456789abcdef.js", new Response("the app in one piece"));
    }, `gs-${builds.first}`);
    assert.equal(await Builds.ask(volunteer.page), "installed");
    assert.deepEqual((await kept(volunteer)).map(([build]) => build), ["gs-next-build"]);
  });
});

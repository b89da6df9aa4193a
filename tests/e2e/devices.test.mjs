// How the phones are: each says so at a contact, the desk sees it in words, and nobody else does.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { clean } from "./lib/axe.mjs";
import { encode } from "./lib/cbor.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field, FIRE } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { Stranger } from "./lib/stranger.mjs";

const DAY = 86_400_000;

describe("the phones of a city", () => {
  const test = story();
  let server, volunteer, officer, phone, desk, told;
  const reports = (person) => person.page.waitForResponse((reply) => new URL(reply.url()).pathname === "/v1/health" && reply.request().method() === "POST");

  before(async () => {
    server = await Server.start();
    [volunteer, officer] = [await Person.start(server), await Person.start(server, { screen: "desk" })];
    [phone, desk] = [new Field(volunteer), new Desk(officer)];
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), officer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  /** The line of a phone by the name of its person. */
  const line = (name) => officer.page.getByRole("listitem").filter({ hasText: name });

  test("a phone tells how it is at its first contact, in few bytes, and says nothing twice within minutes", async () => {
    told = reports(volunteer);
    await phone.enrol(server.invites.volunteer);
    const reply = await told;
    assert.equal(reply.status(), 204);
    assert.ok(reply.request().postDataBuffer().length < 200);
    let again = 0;
    volunteer.page.on("request", (request) => { again += new URL(request.url()).pathname === "/v1/health" && request.method() === "POST"; });
    await phone.report({ category: FIRE });
    await phone.hasSent();
    assert.equal(again, 0);
  });

  test("the desk sees every phone, the one that needs somebody first, in both languages", async () => {
    const lost = new Stranger(server.origin);
    await lost.enrol(codeOf(await server.invite("volunteer", "--name", "走远的人")));
    const now = Date.now();
    const body = encode(new Map([[1, now], [2, 3], [3, 0], [4, now - 2 * DAY - 3_600_000], [5, "0.0.9"], [6, ""], [7, "huawei"], [8, 0], [9, 0], [10, 1900 * 2 ** 20], [11, 2000 * 2 ** 20], [12, 300_000]]));
    const tell = await lost.request("POST", "/v1/health", { headers: { "content-type": "application/cbor" }, body });
    assert.equal(tell.status, 204);
    await desk.enrol(server.invites.desk);
    for (const language of ["zh", "en"]) {
      await desk.setLanguage(language);
      await desk.inbox();
      await officer.page.getByText(desk.t("desk.more"), { exact: true }).click();
      await officer.page.getByRole("link", { name: desk.t("devices.title") }).click();
      await desk.heading("devices.title").waitFor();
      await line("走远的人").waitFor();
      const words = await line("走远的人").innerText();
      for (const [key, values] of [["devices.waiting", { n: 3, span: desk.t("time.days", { n: 2 }) }], ["devices.full", { n: 0 }], ["devices.not_kept"],
        ["devices.clock_off", { span: desk.t("time.minutes", { n: 5 }) }], ["devices.old_version", { version: "0.0.9" }]]) {
        assert.ok(words.includes(desk.t(key, values)), `${desk.t(key, values)} in ${words}`);
      }
      assert.match(await officer.page.getByRole("listitem").first().innerText(), /走远的人/);
      await clean(officer.page, "devices");
    }
    assert.equal(await officer.page.getByRole("listitem").filter({ has: officer.page.locator(".chip") }).count(), 3);
  });

  test("a volunteer is told that this is not for them, and nothing about others", async () => {
    await volunteer.goto("/desk/devices");
    await volunteer.page.getByText(phone.t("error.forbidden")).first().waitFor();
    assert.equal(await volunteer.page.getByText("走远的人").count(), 0);
    volunteer.faults = volunteer.faults.filter((fault) => !fault.includes("status of 403"));
  });
});

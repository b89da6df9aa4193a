// One phone, one person, one server: another invitation, a wrong clock or a foreign server never mixes or destroys anything.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Field, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { blobOnDisk, jsonRows, rows, values } from "./lib/phone-store.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { Stranger } from "./lib/stranger.mjs";
import { t } from "./lib/words.mjs";

describe("a phone that belongs to somebody", () => {
  const test = story();
  let server, volunteer, phone, second, stranger;
  const photo = photoFile("account");

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    phone = new Field(volunteer);
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
  });
  after(async () => {
    try { await volunteer?.close(); } finally { await stranger?.remove(); await server?.remove(); }
  });

  const identity = async () => {
    const texts = (await values(volunteer.page, "meta")).map((value) => value.toString());
    return JSON.parse(texts.find((text) => text.startsWith("{") && text.includes("server_key") && text.includes("account")));
  };

  test("and opens the invitation of somebody else says whose it is and changes nothing", async () => {
    await volunteer.setOffline(true);
    await phone.report({ files: [photo], note: "甲的报告" });
    const before = await identity(), unsent = (await rows(volunteer.page, "outbox")).map((row) => row.key);
    assert.equal(unsent.length, 1);
    second = await server.invite("officer");
    await volunteer.page.goto(second);
    await volunteer.page.getByText(t("enrol.already", { name: before.name })).first().waitFor();
    assert.equal(await phone.button("enrol.yes").count(), 0);
    await phone.button("action.close").click();
    assert.equal(new URL(volunteer.page.url()).hash, "");
    assert.deepEqual(await identity(), before);
    assert.deepEqual((await rows(volunteer.page, "outbox")).map((row) => row.key), unsent);
    assert.equal((await blobOnDisk(volunteer.page, photo.sha256)).sha256, photo.sha256);
  });

  test("and leaves that invitation good for the phone that it was meant for", async () => {
    const officer = new Stranger(server.origin);
    await officer.enrol(codeOf(second));
  });

  test("and whose browser opens both links in two windows at once is enrolled once", async () => {
    const person = await Person.start(server), one = new Field(person);
    const [left, right] = [await server.invite("volunteer"), await server.invite("auxiliary")];
    await person.page.goto(left);
    await one.button("enrol.yes").waitFor();
    const other = new Field(person, await person.newWindow());
    await other.page.goto(right);
    await other.button("enrol.yes").waitFor();
    // Both at the same moment; a click that waits for its window to be drawn may find that the other one was faster.
    const buttons = await Promise.all([one, other].map((field) => field.button("enrol.yes").elementHandle()));
    await Promise.all(buttons.map((button) => button.evaluate((element) => element.click())));
    await Promise.race([one, other].map((field) => field.tab("tab.records").waitFor()));
    await person.page.goto(`${server.origin}/`);
    await one.report({ note: "只有一个人" });
    await one.allSent();
    const logs = new Set((await rows(person.page, "own_ops")).map((row) => row.key.slice(0, 64)));
    assert.equal(logs.size, 1);
    // The slower window was refused; Chromium writes that down.
    person.faults = person.faults.filter((fault) => !fault.includes("status of 400"));
    await person.close();
  });

  test("and meets another server at the same address trusts it with nothing, keeps everything, and says so", async () => {
    const before = await identity(), own = await rows(volunteer.page, "own_ops");
    await server.down();
    stranger = new Server(`${server.data}-foreign`, {});
    stranger.origin = server.origin;
    await stranger.up();
    await volunteer.setOffline(false);
    const refused = volunteer.page.waitForResponse((reply) => new URL(reply.url()).pathname === "/v1/ops" && !reply.ok());
    await volunteer.goto("/me");
    await refused;
    await volunteer.page.getByText(t("error.unknown_log")).or(volunteer.page.getByText(t("error.bad_signature"))).first().waitFor();
    assert.equal((await rows(volunteer.page, "outbox")).length, 1);
    assert.deepEqual(await identity(), before);
    assert.deepEqual(await rows(volunteer.page, "own_ops"), own);
    assert.equal(await volunteer.page.getByText(t("me.unsent_none")).count(), 0);
    await stranger.down();
  });

  test("and delivers everything when its own server is back", async () => {
    await server.up();
    await volunteer.goto("/");
    await phone.allSent();
    assert.ok((await jsonRows(volunteer.page, "blobs")).every((row) => row.delivered_millis !== null));
  });

  for (const [name, days] of [["in the future", 400], ["in the past", -400]]) {
    test(`and has a clock that is a year ${name} is told the time by the server and delivers`, async () => {
      await volunteer.context.close();
      await volunteer.reopen(null);
      phone = new Field(volunteer);
      await volunteer.context.addInitScript((shift) => {
        const Real = Date, now = () => Real.now() + shift;
        window.Date = class extends Real {
          constructor(...words) { if (words.length === 0) super(now()); else super(...words); }
          static now() { return now(); }
        };
      }, days * 86_400_000);
      const corrected = volunteer.page.waitForResponse((reply) => reply.status() === 401);
      await volunteer.goto("/");
      await corrected;
      await phone.report({ note: `钟差 ${days} 天` });
      await phone.allSent();
    });
  }

  test("and every report of it is at the server once, under its own name", async () => {
    const reader = new Stranger(server.origin), me = await identity();
    await reader.enrol(codeOf(await server.invite("desk")));
    const { ops } = await reader.pullAll();
    const mine = ops.filter((op) => op.kind === 10 && op.log.toString("hex") === me.log);
    assert.deepEqual(mine.map((op) => op.value(6)).sort(), ["甲的报告", "钟差 -400 天", "钟差 400 天"].sort());
    assert.equal(new Set(mine.map((op) => op.account.toString("hex"))).size, 1);
  });
});

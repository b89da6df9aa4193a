// One phone, several windows: one log, no number given twice, nothing lost.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Field, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { rows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";

const EACH = 5;

describe("two windows of one app", () => {
  const test = story();
  let server, volunteer, windows;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    const first = new Field(volunteer);
    await first.enrol(server.invites.volunteer);
    await first.precached();
    windows = [first, new Field(volunteer, await volunteer.newWindow())];
  });
  after(async () => {
    try { await volunteer?.close(); } finally { await server?.remove(); }
  });

  test(`save ${EACH} reports each at the same time: every op has a place of its own and none is lost`, async () => {
    // The form is one draft per phone; each window saves its reports without a photo, as fast as it can.
    await Promise.all(windows.map(async (window, w) => {
      for (let i = 0; i < EACH; i++) {
        await window.page.goto(`${server.origin}/`);
        await window.report({ note: `窗口 ${w} 第 ${i} 件`, files: i === 0 && w === 0 ? [photoFile("tab")] : [] });
      }
    }));
    const page = volunteer.page;
    const own = await rows(page, "own_ops");
    assert.equal(new Set(own.map((row) => row.key)).size, own.length);
    assert.equal(new Set(own.map((row) => row.key.slice(0, 64))).size, 1);
    const seqs = own.map((row) => parseInt(row.key.slice(64), 16)).sort((a, b) => a - b);
    assert.deepEqual(seqs, seqs.map((_, i) => i));
    const ops = await rows(page, "ops");
    assert.equal(ops.length, own.length);
  });

  test("and closing the window that sends leaves the other one sending", async () => {
    await volunteer.page.close();
    const [, second] = windows;
    volunteer.page = second.page;
    await second.page.goto(`${server.origin}/`);
    await second.report({ note: "另一个窗口关了以后" });
    await second.allSent();
    const outbox = await rows(second.page, "outbox");
    assert.equal(outbox.length, 0);
  });
});

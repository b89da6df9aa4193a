// One phone, several windows: one log, no number given twice, nothing lost; with Web Locks and without, while windows are
// closed in the middle.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { fly } from "./lib/autopilot.mjs";
import { Field } from "./lib/field.mjs";
import { random } from "./lib/jpeg.mjs";
import { Person } from "./lib/person.mjs";
import { rows } from "./lib/phone-store.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { Stranger } from "./lib/stranger.mjs";

const WINDOWS = 4, EACH = Number(process.env.GREENSHIELD_TAB_OPS ?? 50), FLIGHT = 5;

for (const hasLocks of [true, false]) {
  describe(`${WINDOWS} windows of one app ${hasLocks ? "with" : "without"} Web Locks`, () => {
    const test = story();
    const said = [], next = random(`tabs ${hasLocks}`);
    let server, volunteer, windows, opening = Promise.resolve();

    before(async () => {
      server = await Server.start();
      volunteer = await Person.start(server);
      if (!hasLocks) await volunteer.context.addInitScript(() => Object.defineProperty(Navigator.prototype, "locks", { value: undefined }));
      const first = new Field(volunteer);
      await first.enrol(server.invites.volunteer);
      await first.precached();
      windows = [volunteer.page];
      while (windows.length < WINDOWS) windows.push(await volunteer.newWindow());
    });
    after(async () => {
      try { await volunteer?.close(); } finally { await server?.remove(); }
    });

    const usable = (page) => page.locator('a[href="/report"]').first().waitFor();

    /** Saves its share; `between` may put another window in the place of this one. */
    async function saveAll(w, share, between) {
      let left = Array.from({ length: share }, (_, i) => `窗口 ${w} 第 ${said.length}-${i} 件`);
      while (left.length > 0) {
        const page = windows[w], flight = left.slice(0, FLIGHT);
        const end = await between(w, page, fly(page, flight, (note) => { said.push(note); }));
        if (end === "gone") left = left.map((note) => `${note}，再来`);
        else left = left.slice(FLIGHT);
      }
    }

    test(`save ${WINDOWS * EACH} reports at the same time, while windows are closed in the middle of it`, async () => {
      let closings = 0;
      await Promise.all(windows.map((_, w) => saveAll(w, EACH, async (at, page, flight) => {
        if (at === 0 || closings >= 6 || (closings > 0 && next() > 0.3)) { await flight; return "done"; }
        closings += 1;
        const goal = said.length + 1 + Math.floor(next() * 3), gone = flight.catch(() => {});
        await Promise.race([gone, page.waitForFunction(() => location.pathname.startsWith("/report")).catch(() => {})]);
        while (said.length < goal) await Promise.race([gone, new Promise((resolve) => setImmediate(resolve))]);
        await page.close();
        await gone;
        // One after the other: each waits for the next page of the browser, whichever that is.
        opening = opening.then(() => volunteer.newWindow());
        windows[at] = await opening;
        await usable(windows[at]);
        return "gone";
      })));
      assert.ok(closings > 0, "no window was closed");
    });

    test("every op has a place of its own, and everything that was said to be saved is there", async () => {
      const own = await rows(volunteer.page, "own_ops");
      assert.equal(new Set(own.map((row) => row.key.slice(0, 64))).size, 1, "this phone has one log");
      const seqs = own.map((row) => parseInt(row.key.slice(64), 16)).sort((a, b) => a - b);
      assert.deepEqual(seqs, seqs.map((_, i) => i));
      assert.equal((await rows(volunteer.page, "ops")).length, own.length);
      assert.ok(said.length >= WINDOWS * EACH);
      assert.ok(own.length > said.length);
    });

    test("and the server has each of them once, whichever window sent it, after the sending window was closed", async () => {
      const log = (await rows(volunteer.page, "own_ops"))[0].key.slice(0, 64), count = (await rows(volunteer.page, "own_ops")).length;
      const last = windows.at(-1);
      for (const page of windows) if (page !== last) await page.close();
      volunteer.page = last;
      await new Field(volunteer).allSent();
      const reader = new Stranger(server.origin);
      await reader.enrol(codeOf(await server.invite("desk")));
      const mine = (await reader.pullAll()).ops.filter((op) => op.log.toString("hex") === log && op.kind === 10);
      assert.equal(mine.length, count - 1);
      const notes = mine.map((op) => op.value(6));
      assert.equal(new Set(notes).size, notes.length, "a report is there twice");
      assert.deepEqual(said.filter((note) => !notes.includes(note)), []);
    });
  });
}

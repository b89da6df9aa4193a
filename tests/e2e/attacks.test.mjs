// A script in every text field of every kind, from somebody who writes ops by hand: shown as the words that it is, in both languages.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe } from "node:test";
import { Desk } from "./lib/desk.mjs";
import { Field } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { recordId, Stranger } from "./lib/stranger.mjs";

const { kinds } = JSON.parse(readFileSync(new URL("../../city/kinds.json", import.meta.url), "utf8"));
const HOSTILE = "\"><img src=x onerror=\"window.stolen=1\"><svg onload=\"window.stolen=1\"></svg><script>window.stolen=1</script>{{7*7}}<a href=\"javascript:window.stolen=1\">";
/** Kinds whose record page only leads to a page of their own. */
const ELSEWHERE = { person: "/desk/people", unit: null, referral: "/desk/referrals", dataRequest: null };
/** Kinds that are not for volunteers: their pages say that there is nothing. */
const NOT_FOR_VOLUNTEERS = ["mediation", "application"];
/** Pages that must show words of such a kind. */
const LISTS_WITH_WORDS = ["/desk/requests", "/registers/meeting", "/registers/task"];
const MARK = "window.stolen=1";

describe("a script in every text field", () => {
  const test = story();
  let server, volunteer, officer, phone, desk;
  const records = [];

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    officer = await Person.start(server, { screen: "desk" });
    phone = new Field(volunteer);
    desk = new Desk(officer);
    await phone.enrol(server.invites.volunteer);
    await desk.enrol(server.invites.desk);
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), officer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  test("is taken by the server as the words that it is", async () => {
    const stranger = new Stranger(server.origin);
    await stranger.enrol(codeOf(await server.invite("desk")));
    for (const kind of kinds) {
      const record = recordId(), now = Date.now();
      const place = [389256000, 1004498000, 800, now, 0];
      const valueOf = { text: HOSTILE, time: now, place };
      const entries = kind.fields.filter(({ type, id }) => type in valueOf && id < 60).map(({ id, type }) => [id, 0, valueOf[type]]);
      if (entries.length === 0) continue; // Nothing that people write.
      if (kind.fields.some(({ name }) => name === "category")) entries.push([4, 0, "waste-dump"]);
      const { results } = await stranger.push([stranger.log.op(record, kind.id, entries)]);
      assert.deepEqual(results, [], kind.name);
      const hasText = entries.some(([, , value]) => value === HOSTILE);
      records.push({ id: record.toString("hex"), kind: kind.name, hasText });
    }
    assert.ok(records.length >= 6);
  });

  /** Nothing of it became a part of the page, and nothing of it ran. */
  async function isHarmless(page, where) {
    const found = await page.evaluate((mark) => ({
      ran: window.stolen ?? null,
      made: [...document.querySelectorAll("img[src='x'], svg[onload], script:not([src]), a[href^='javascript']")].map((at) => at.outerHTML),
      attributes: [...document.querySelectorAll("*")].flatMap((at) => [...at.attributes].filter(({ name, value }) => name.startsWith("on") || (["href", "src"].includes(name) && value.includes(mark))).map(({ name }) => name)),
    }), MARK);
    assert.deepEqual(found, { ran: null, made: [], attributes: [] }, where);
  }

  for (const language of ["zh", "en"]) {
    test(`is words on every page in ${language}`, async () => {
      let shown = 0;
      for (const [person, hands, lists] of [
        [volunteer, phone, ["/", "/records", "/map", "/tasks", "/me/data"]],
        [officer, desk, ["/desk", "/desk/tasks", "/desk/notices", "/desk/sms", "/desk/devices", "/desk/people", "/desk/units", "/desk/held", "/desk/referrals", "/desk/areas", "/desk/interfaces", "/registers", "/registers/figures", "/registers/plan/new", ...LISTS_WITH_WORDS]],
      ]) {
        await hands.setLanguage(language);
        const { page } = person;
        const pages = records.map(({ id, kind, hasText }) => ({ path: `/records/${id}`, hasWords: hasText && !(kind in ELSEWHERE) && (person === officer || !NOT_FOR_VOLUNTEERS.includes(kind)) }));
        const apart = person === officer ? records.filter(({ kind }) => ELSEWHERE[kind]) : [];
        for (const { path, hasWords } of [...lists.map((path) => ({ path, hasWords: LISTS_WITH_WORDS.includes(path) })), ...pages, ...apart.map(({ id, kind }) => ({ path: `${ELSEWHERE[kind]}/${id}` }))]) {
          await page.goto(server.origin + path);
          await page.getByRole("main").first().waitFor();
          await page.waitForFunction(() => document.querySelector("main").innerText.trim().length > 0);
          if (hasWords) await page.getByText(MARK).first().waitFor().catch((error) => { throw new Error(`${path} shows no words`, { cause: error }); });
          shown += await page.getByText(MARK).count();
          await isHarmless(page, `${path}, ${language}`);
        }
      }
      assert.ok(shown > records.length, "the words are really on the pages");
    });
  }
});

// Two people edit the same incident without a signal; in whatever order they come back, everybody ends with the same,
// and the value that lost stays visible.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { jsonRows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { tLike } from "./lib/words.mjs";

describe("two people edit one incident offline", () => {
  const test = story();
  let server, people;

  before(async () => {
    server = await Server.start();
    const one = await Person.start(server), two = await Person.start(server);
    people = [one, two].map((person) => ({ person, field: new Field(person) }));
    await people[0].field.enrol(server.invites.volunteer);
    await people[1].field.enrol(server.invites.auxiliary);
  });
  after(async () => {
    const ends = await Promise.allSettled((people ?? []).map(({ person }) => person.close()));
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const listOf = async ({ person }) => (await jsonRows(person.page, "record_list")).map((row) => ({ note: row.note, conflicts: row.conflicts, state: row.state }));

  for (const [turn, first] of [["the later editor comes back first", 1], ["the earlier editor comes back first", 0]]) {
    test(turn, async () => {
      const [one, two] = people;
      await one.person.goto("/");
      await one.field.report({ files: [photoFile(`converge-${first}`)], note: "原来的说明" });
      await one.field.allSent();
      for (const { person, field } of people) {
        await person.goto("/");
        await field.openRecords();
        await field.lines().first().click();
        await field.page.getByText("原来的说明").first().waitFor();
      }
      for (const { person } of people) await person.setOffline(true);
      await one.field.changeNote(`甲说：约两亩 ${first}`);
      await two.field.changeNote(`乙说：约五亩 ${first}`);

      for (const { person, field } of [people[first], people[1 - first]]) {
        await person.setOffline(false);
        await field.hasSent();
      }
      // Both values are on both screens: one in use, one as another account of the same thing.
      for (const { field } of people) {
        await field.page.getByText(`甲说：约两亩 ${first}`).first().waitFor({ timeout: 30_000 });
        await field.page.getByText(`乙说：约五亩 ${first}`).first().waitFor({ timeout: 30_000 });
        await field.page.getByRole("heading", { name: tLike("record.conflict_field") }).first().waitFor();
      }
      const [left, right] = [await listOf(one), await listOf(two)];
      assert.deepEqual(left, right);
      assert.ok(left.some((row) => row.conflicts > 0));
    });
  }

  test("and a third device that comes later sees the same", async () => {
    const person = await Person.start(server);
    const third = { person, field: new Field(person) };
    await third.field.enrol(await server.invite("officer"));
    await third.field.tab("tab.records").click();
    await third.field.lines(FIRE).nth(1).waitFor();
    assert.deepEqual(await listOf(third), await listOf(people[0]));
    await person.close();
  });
});

// One phone, several people: each has a database of their own. Switching deletes nothing and mixes nothing, and what one of them
// has not sent goes out while another one uses the phone.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { inAllThemes } from "./lib/axe.mjs";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { liesOpen } from "./lib/phone-store.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { Stranger } from "./lib/stranger.mjs";
import { t } from "./lib/words.mjs";

const PIN = "246813";

describe("a phone that two people share", () => {
  const test = story();
  let server, volunteer, phone, first, second, desk;
  const photo = photoFile("shared");

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    phone = new Field(volunteer);
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
  });
  after(async () => {
    try { await volunteer?.close(); } finally { await server?.remove(); }
  });

  const page = () => volunteer.page;
  const name = async () => { await volunteer.goto("/me"); return page().locator(".identity-name").innerText(); };
  const reports = async () => {
    if (!desk) {
      desk = new Stranger(server.origin);
      await desk.enrol(codeOf(await server.invite("desk")));
    }
    return new Map((await desk.pullAll()).ops.filter((op) => op.kind === 10).map((op) => [op.value(6), op.account.toString("hex")]));
  };
  const switchTo = async (whom) => {
    await volunteer.goto("/me/people");
    await page().getByRole("button", { name: t("people.switch", { name: whom }), exact: true }).click();
  };

  test("belongs to the first, who leaves something unsent", async () => {
    first = await name();
    await volunteer.setOffline(true);
    await volunteer.goto("/");
    await phone.report({ files: [photo], note: "甲没送走的" });
    await volunteer.setOffline(true);
  });

  test("gets a second person by an invitation, and the first one's work goes out meanwhile, sealed", async () => {
    await volunteer.goto("/me/people");
    await inAllThemes(page(), "one person");
    await phone.button("people.add").click();
    await page().getByText(t("enrol.none"), { exact: true }).waitFor();
    assert.equal(await page().getByText("甲没送走的").count(), 0);
    assert.equal(await page().getByText(t("evicted.title")).count(), 0);
    const invite = await server.invite("auxiliary");
    await volunteer.setOffline(false);
    await phone.enrol(invite);
    second = await name();
    assert.notEqual(second, first);
    const giveUpAt = performance.now() + 30_000;
    while (!(await reports()).has("甲没送走的")) {
      assert.ok(performance.now() < giveUpAt, "the sealed work of the first one goes out");
      await page().evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
  });

  test("keeps both apart: each sends under the own name", async () => {
    await volunteer.goto("/");
    await phone.report({ note: "乙的报告" });
    await page().goto(`${server.origin}/me/unsent`);
    await page().getByText(t("me.unsent_none")).first().waitFor();
    const found = await reports();
    assert.notEqual(found.get("甲没送走的"), found.get("乙的报告"));
    assert.deepEqual(await liesOpen(page(), ["乙的报告", "甲没送走的", photo.bytes.subarray(100, 140)]), []);
  });

  test("and gives the phone back with everything, and with the receipts of what went out", async () => {
    await switchTo(first);
    await phone.tab("tab.records").waitFor();
    assert.equal(await name(), first);
    await phone.openRecords();
    await phone.lines(FIRE).first().waitFor();
    await page().goto(`${server.origin}/me/unsent`);
    await page().getByText(t("me.unsent_none")).first().waitFor();
    await volunteer.goto("/me/people");
    await inAllThemes(page(), "two people");
  });

  test("and a PIN of one keeps nobody else from the phone", async () => {
    await volunteer.goto("/me/lock");
    await phone.button("lock.set").click();
    for (const _ of [1, 2]) { await page().keyboard.type(PIN); await page().keyboard.press("Enter"); await page().getByText(t("lock.again")).waitFor({ timeout: 1_000 }).catch(() => {}); }
    await phone.button("lock.change").waitFor({ timeout: 30_000 });
    await phone.button("lock.now").first().click();
    await page().getByRole("heading", { name: t("lock.title"), exact: true }).waitFor();
    await page().locator("summary").filter({ hasText: t("people.title") }).click();
    await page().getByRole("button", { name: second, exact: true }).click();
    await phone.tab("tab.records").waitFor();
    assert.equal(await name(), second);
    await switchTo(first);
    await page().getByRole("heading", { name: t("lock.title"), exact: true }).waitFor();
    await page().getByRole("button", { name: "7", exact: true, disabled: false }).waitFor();
    await page().keyboard.type(PIN);
    await page().keyboard.press("Enter");
    await phone.tab("tab.records").waitFor();
  });
});

// Retention: two patrols grow old at a server that erases what was kept long enough. One is under a legal hold and stays; the other is told to the
// desk of the city, goes in the night, and is in no file of the server and not on the phone any more.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { promisify } from "node:util";
import { inAllThemes } from "./lib/axe.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { values } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t } from "./lib/words.mjs";

const SLOW = { timeout: 30_000 };
const OLD = "从老李家门口过，他不在家", HELD = "这一趟要留给法院看";
const TABLES = ["ops", "records", "record_list", "drafts", "outbox", "own_ops"];

/** Makes everything 400 days older, and the job one that told everything yesterday: the clock of a process can not be moved. */
const AGE = `
import json, sqlite3, sys, time
day, now = 86400000, int(time.time() * 1000)
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE op SET eff = eff - ?, received = received - ?", (400 * day, 400 * day))
db.execute("DELETE FROM retention_run")
[(epoch,)] = db.execute("SELECT lower(hex(epoch)) FROM server")
told = json.dumps({"epoch": epoch, "started_millis": now - day, "finished_millis": now - day, "erases": True, "counts": []})
db.execute("INSERT INTO retention_run VALUES (1, ?, ?, ?)", ((now + 6 * 3600000) // day - 1, now - day, told))
db.commit()
`;

describe("retention", () => {
  const test = story();
  let server, volunteer, officer, phone, desk, old, held;

  before(async () => {
    process.env.GREENSHIELD_RETENTION = "erase";
    server = await Server.start();
    volunteer = await Person.start(server);
    officer = await Person.start(server, { screen: "desk" });
    [phone, desk] = [new Field(volunteer), new Desk(officer)];
    await phone.enrol(server.invites.volunteer);
    await desk.enrol(await server.invite("city-desk", "--name", "丁主任"));
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), officer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const page = () => volunteer.page;
  const inServer = async (words) => {
    const files = await readdir(server.data, { recursive: true, withFileTypes: true });
    const found = files.filter((entry) => entry.isFile()).map(async (entry) => (await readFile(join(entry.parentPath ?? entry.path, entry.name))).includes(words));
    return (await Promise.all(found)).some(Boolean);
  };
  const onPhone = async (words) => {
    for (const table of TABLES) if ((await values(page(), table)).some((value) => value.includes(Buffer.from(words)))) return true;
    return false;
  };

  /** A patrol from its start to its end; gives its record. */
  async function walk(note) {
    await volunteer.goto("/patrol");
    await phone.button("consent.start_without").or(phone.button("patrol.start")).click();
    await phone.heading("patrol.under_way").waitFor();
    await page().getByRole("button", { name: new RegExp(`^${t("patrol.end")}`) }).focus();
    await page().keyboard.down("Enter");
    await phone.heading("patrol.end_title").waitFor();
    await page().keyboard.up("Enter");
    await page().locator("textarea").fill(note);
    await phone.button("patrol.end_now").click();
    await phone.heading("patrol.title").waitFor();
    const [record] = page().url().match(/[0-9a-f]{32}/);
    await phone.allSent();
    return record;
  }

  test("of two patrols one is put under a legal hold", async () => {
    [old, held] = [await walk(OLD), await walk(HELD)];
    await officer.goto(`/desk/erase/${held}`);
    await officer.page.getByLabel(t("hold.why"), { exact: true }).fill("立案调取");
    await desk.button("hold.begin").click();
    await officer.page.getByText(t("hold.holds", { why: "立案调取" }), { exact: true }).first().waitFor(SLOW);
    assert.ok(await inServer(OLD) && await onPhone(OLD));
  });

  test("the page says how long each class is kept, on what ground, and that nothing is due", async () => {
    await officer.goto("/desk");
    await desk.inboxReady();
    await officer.page.getByText(t("desk.more"), { exact: true }).click();
    await officer.page.getByRole("link", { name: t("retention.title") }).click();
    const patrols = officer.page.getByRole("region", { name: "巡护与轨迹" });
    await patrols.getByText(t("retention.rule_erase", { n: 12 })).waitFor(SLOW);
    await patrols.getByText(t("retention.nothing_due")).waitFor();
    await patrols.getByText(t("retention.looked", { n: 2 })).waitFor();
    await officer.page.getByText(t("retention.mode_erase")).waitFor();
    await inAllThemes(officer.page, "how long records are kept");
  });

  test("a year later the server erases the one, and keeps the other", async () => {
    await server.down();
    await promisify(execFile)(process.env.GREENSHIELD_PYTHON ?? "python3", ["-c", AGE, join(server.data, "greenshield.db")]);
    await server.up();
    await officer.goto("/desk/retention");
    const patrols = officer.page.getByRole("region", { name: "巡护与轨迹" });
    await patrols.getByText(t("retention.held", { n: 1 })).waitFor(SLOW);
    await officer.page.getByText(/到期 1 条，删除 1 条$/).waitFor();
    assert.equal(await inServer(OLD), false);
    await volunteer.goto(`/records/${old}`);
    const giveUpAt = performance.now() + SLOW.timeout;
    while (await onPhone(OLD)) {
      assert.ok(performance.now() < giveUpAt, "the phone loses it");
      await page().evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    assert.ok(await inServer(HELD) && await onPhone(HELD));
    await page().getByText(t("erase.basis_retention")).first().waitFor(SLOW);
  });

  test("the page is for those who may ask", async () => {
    await volunteer.goto("/desk/retention");
    await page().getByText(t("retention.not_you")).waitFor(SLOW);
  });
});

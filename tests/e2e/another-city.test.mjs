// A city that nobody has heard of: its package is one file, and phone and desk speak of its lake, boats and offices and of nothing
// else. A changed package reaches the phone as an update; one that would break old records is not taken.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { inAllThemes } from "./lib/axe.mjs";
import { Builds } from "./lib/builds.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { BINARY, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t } from "./lib/words.mjs";

const SLOW = { timeout: 30_000 };
const PACKAGE = fileURLToPath(new URL("../cities/yunze.json", import.meta.url));
/** Words of the first city: its name, its counties, its mountains, its offices. */
const FOREIGN = /张掖|甘州|临泽|高台|山丹|民乐|肃南|祁连|黑河|林业和草原局|生态警长|Zhangye/;

describe("another city", () => {
  const test = story();
  let folder, server, volunteer, officer, phone, desk;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "greenshield-city-"));
    const path = join(folder, "city.json");
    await writeFile(path, await readFile(PACKAGE));
    server = await Server.start({ package: path });
    [volunteer, officer] = await Promise.all([Person.start(server), Person.start(server, { screen: "desk" })]);
    [phone, desk] = [new Field(volunteer), new Desk(officer)];
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
    await desk.enrol(server.invites.desk);
    await desk.precached();
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer, officer].map((person) => person?.close()));
    await server?.remove();
    await rm(folder, { recursive: true, force: true });
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const check = async (...words) => promisify(execFile)(BINARY, ["city", "check", ...words]).then(
    ({ stdout }) => ({ facts: JSON.parse(stdout), code: 0 }),
    ({ stdout, stderr, code }) => ({ facts: stdout ? JSON.parse(stdout) : null, told: stderr, code }),
  );
  const changed = async (name, change) => {
    const city = JSON.parse(await readFile(PACKAGE, "utf8"));
    change(city);
    await writeFile(join(folder, name), JSON.stringify(city));
    return join(folder, name);
  };
  const oneMore = (city) => {
    city["city.json"].version += 1;
    const [first] = city["catalog.json"].categories;
    city["catalog.json"].categories.unshift({ ...first, id: "ice", name: { zh: "冰面开裂", en: "Cracked ice" } });
    city["icons.json"].categories.ice = "lifebuoy";
  };
  const speaksOfThisCity = async (person, page) => {
    await person.goto(page);
    await person.page.locator("main").first().waitFor();
    assert.doesNotMatch(await person.page.locator("body").innerText(), FOREIGN, page);
  };
  const picture = (name) => volunteer.page.getByRole("button", { name, exact: true }).first();

  test("a report of its own category, made without a network, comes to its desk", async () => {
    await volunteer.setOffline(true);
    await phone.openReport();
    await phone.skipPhoto();
    await inAllThemes(volunteer.page, "the pictures of another city");
    await picture("无牌船只").click();
    await volunteer.page.getByRole("button", { name: "铁船", exact: true }).click();
    await phone.note("芦苇荡里一条没号的铁船");
    await phone.save();
    await volunteer.setOffline(false);
    await officer.page.getByRole("link", { name: /无牌船只/ }).first().click(SLOW);
    await officer.page.getByText("铁船").first().waitFor(SLOW);
    await desk.sign();
    await officer.page.getByText("已签收", { exact: true }).first().waitFor(SLOW);
  });

  test("no screen speaks of the first city", async () => {
    for (const page of ["/", "/report", "/records", "/map", "/me", "/patrol"]) await speaksOfThisCity(volunteer, page);
    for (const page of ["/desk", "/registers", "/registers/boat", "/registers/figures", "/desk/referrals", "/desk/areas", "/desk/interfaces"]) {
      await speaksOfThisCity(officer, page);
    }
    await volunteer.goto("/me");
    await volunteer.page.getByText("云泽市").first().waitFor();
  });

  test("its registers are its own, and no others", async () => {
    await officer.goto("/registers");
    await officer.page.getByRole("link", { name: /在册渔船/ }).first().waitFor();
    assert.equal(await officer.page.getByRole("link", { name: /联席会议/ }).count(), 0);
    await officer.goto("/registers/boat/new");
    await officer.page.getByLabel(/^名称/).fill("云渔 0017");
    await officer.page.getByLabel(/^船主/).fill("船主甲(演示)");
    await officer.page.getByLabel("湖区").selectOption({ label: "西洲县" });
    await officer.page.getByRole("button", { name: t("register.save"), exact: true }).click();
    await officer.page.getByText("云渔 0017").first().waitFor(SLOW);
    await officer.page.getByRole("button", { name: "准许下湖", exact: true }).waitFor();
  });

  test("a changed package says what it changes, and one that breaks old records or says the same version is refused", async () => {
    const good = await check(await changed("good.json", oneMore), "--against", PACKAGE);
    assert.deepEqual([good.code, good.facts.breaks, good.facts.version], [0, 0, 4]);
    assert.deepEqual(good.facts.changes[0], { file: "catalog.json", path: "ice", became: "added", breaks: false });
    const broken = await check(await changed("broken.json", (city) => {
      city["city.json"].version += 1;
      city["catalog.json"].categories.shift();
    }), "--against", PACKAGE);
    assert.equal(broken.code, 1);
    assert.ok(broken.facts.breaks > 0 && broken.facts.changes.some(({ path, became }) => path === "adrift" && became === "gone"));
    const same = await check(await changed("same.json", (city) => { oneMore(city); city["city.json"].version -= 1; }), "--against", PACKAGE);
    assert.match(same.told, /needs a higher one/);
    const words = await check(await changed("words.json", (city) => { city["city.json"].name.zh = "云泽湖区"; }), "--against", PACKAGE);
    assert.match(words.told, /needs a higher one/);
    const faulty = await check(await changed("faulty.json", (city) => { city["catalog.json"].categories[0].groupId = "ships"; }));
    assert.equal(faulty.facts, null);
    assert.match(faulty.told, /catalog\.json: categories\[0\]\.groupId: there is no group/);
  });

  test("a new package comes to the phone as an update, and the report of before still opens", async () => {
    await server.down();
    await writeFile(server.options.package, await readFile(await changed("good.json", oneMore)));
    await server.up();
    await volunteer.goto("/records");
    assert.equal(await Builds.ask(volunteer.page), "installed");
    await volunteer.page.getByText(t("update.title"), { exact: true }).waitFor({ timeout: 60_000 });
    const reloaded = volunteer.page.waitForEvent("load", { timeout: 60_000 });
    await phone.button("update.button").click();
    await reloaded;
    await volunteer.page.getByRole("link", { name: /无牌船只/ }).first().waitFor(SLOW);
    await phone.openReport();
    await phone.skipPhoto();
    await picture("冰面开裂").waitFor(SLOW);
  });
});

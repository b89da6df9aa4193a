// The city package in the browser: an administrator gives a category another name and adds a holiday, is led to a wrong entry by its path, sees
// what people will get, and saves with the PIN. The phone shows the new name after its update; a version whose day is to come is withdrawn.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe } from "node:test";
import { inAllThemes } from "./lib/axe.mjs";
import { Builds } from "./lib/builds.mjs";
import { categoryName, FIRE, Field } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t } from "./lib/words.mjs";

const SLOW = { timeout: 30_000 };
const PIN = "140729";
const NAME = "山火（演练）";
const SIDES = ["package.preview_categories", "package.preview_registers", "package.preview_steps", "package.preview_rights"];

describe("the city package", () => {
  const test = story();
  let server, volunteer, admin, phone, office, page;

  before(async () => {
    server = await Server.start();
    [volunteer, admin] = await Promise.all([Person.start(server), Person.start(server, { screen: "desk" })]);
    [phone, office, page] = [new Field(volunteer), new Field(admin), admin.page];
    await Promise.all([phone.enrol(server.invites.volunteer), server.invite("admin", "--name", "管理员甲").then((url) => office.enrol(url))]);
    await Promise.all([phone.precached(), office.precached()]);
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), admin?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const type = async (pin) => { await page.keyboard.type(pin); await page.keyboard.press("Enter"); };
  const said = (words) => page.getByText(words, { exact: true }).first().waitFor(SLOW);
  const part = (file) => page.getByLabel(t("package.part")).selectOption(file);
  const search = () => page.getByLabel(t("package.search"), { exact: true });
  const leaf = (end) => page.locator(`[data-leaf$="${end}"]`).first();
  const put = async (field, value) => { await field.fill(value); await field.press("Tab"); };
  const changes = (n) => said(t("package.changes", { n }));
  const version = (n) => page.locator(`[data-version="${n}"]`);
  const preview = () => page.getByRole("region", { name: t("package.preview"), exact: true });
  const shows = (words) => preview().getByText(words, { exact: true }).first().waitFor(SLOW);
  const unfold = (name) => preview().getByRole("button", { name, exact: true, expanded: false }).click();
  /** Turns to a side of the preview with the keyboard. */
  const side = async (key) => {
    await preview().getByRole("button", { name: t(key), exact: true }).press("Enter");
    await preview().getByRole("button", { name: t(key), exact: true, pressed: true }).waitFor();
  };
  /** Changes the Chinese words of the thing that is called so. */
  const rename = async (file, words, value) => {
    await part(file);
    await search().fill(words);
    await put(leaf("].label.zh"), value);
  };

  test("one who may not bring a version is told so", async () => {
    await volunteer.goto("/desk/city");
    await volunteer.page.getByText(t("package.not_you"), { exact: true }).waitFor(SLOW);
  });

  test("a category gets another name, and a wrong entry is found by its path", async () => {
    await admin.goto("/me");
    await page.getByRole("link", { name: t("package.title") }).first().click();
    await version(1).getByText(t("package.holds"), { exact: true }).waitFor(SLOW);
    await inAllThemes(page, "versions of the package");
    await office.button("package.begin").click();
    await office.heading("package.editing", { n: 2, after: 1 }).waitFor(SLOW);
    await search().fill(categoryName(FIRE));
    await put(leaf("].name.zh"), NAME);
    await changes(1);
    const group = await leaf("].groupId").inputValue();
    await put(leaf("].groupId"), "ships");
    const fault = page.locator("[data-fault]").filter({ hasText: "groupId" });
    await fault.getByText(t("package.fault_unknown", { word: "ships", thing: t("package.thing_group") })).waitFor(SLOW);
    assert.ok(await office.button("package.keep", { n: 2 }).isDisabled());
    await part("calendar.json");
    await inAllThemes(page, "a package with a fault");
    await fault.click();
    await leaf("].groupId").waitFor();
    assert.match(await search().inputValue(), /^categories\[\d+\]\.groupId$/);
    await put(leaf("].groupId"), group);
    await said(t("package.good"));
    await office.button("package.preview_open").click();
    await page.getByRole("button", { name: NAME, exact: true }).click();
    await page.getByRole("region", { name: t("package.questions") }).last().waitFor();
  });

  test("what people will get is seen before it holds: the report form, registers, steps and rights", async () => {
    const asked = preview().getByRole("region", { name: t("package.questions"), exact: true });
    await asked.getByRole("heading", { name: NAME, exact: true }).waitFor();
    await asked.getByText("119 火警").waitFor();
    const [title, result, check] = ["联席会议", "会上定的事", "派人上山核查"];
    await side("package.preview_registers");
    await unfold(title);
    await shows("议定事项");
    assert.equal(await preview().getByText(result).count(), 0);
    await rename("kinds.json", "议定事项", result);
    await shows(result); // what was unfolded stays so while it is changed
    await side("package.preview_steps");
    assert.equal(await preview().getByText(result).count(), 0);
    await unfold("卫星热点");
    await shows("派人核查");
    await rename("workflows.json", "派人核查", check);
    await shows(check);
    await side("package.preview_rights");
    await unfold("管理员");
    await shows(t("package.may_package"));
    await inAllThemes(page, "the rights of a package");
    await said(t("package.good"));
  });

  test("all of it fits a phone and a desk", async () => {
    for (const [width, height] of [[390, 844], [1440, 900]]) {
      await page.setViewportSize({ width, height });
      for (const key of SIDES) {
        await side(key);
        const rows = preview().getByRole("listitem").getByRole("button");
        if (key !== SIDES[0]) await rows.first().click();
        const over = await preview().evaluate((node) => node.scrollWidth - node.clientWidth);
        assert.ok(over <= 1, `${key} at ${width} px is ${over} px too wide`);
      }
    }
  });

  test("a holiday is added as a copy of its neighbour; all of it survives a reload, behind the PIN", async () => {
    await part("calendar.json");
    await search().fill("元旦");
    const path = await page.locator("section[data-path]").last().getAttribute("data-path");
    await page.getByRole("button", { name: `${t("package.copy")} ${path}`, exact: true }).click();
    const copy = path.replace(/\d+\]$/, (at) => `${Number.parseInt(at, 10) + 1}]`);
    const day = (await leaf(`${path}.from`).inputValue()).replace(/-\d\d$/, "-03");
    for (const end of ["from", "until"]) await put(leaf(`${copy}.${end}`), day);
    await put(leaf(`${copy}.name.zh`), "护林日");
    await said(t("package.good"));
    await page.goto(`${server.origin}/me/lock`);
    await office.button("lock.set").click();
    for (const words of ["lock.new", "lock.again"]) {
      await said(t(words));
      await type(PIN);
    }
    await office.button("lock.change").waitFor(SLOW);
    await admin.goto("/desk/city");
    await office.heading("lock.title").waitFor();
    await page.getByRole("button", { name: "7", exact: true, disabled: false }).waitFor({ timeout: 45_000 });
    await type(PIN);
    await office.button("package.resume").click(SLOW);
    await office.heading("package.editing", { n: 2, after: 1 }).waitFor(SLOW);
    await page.getByRole("listitem").filter({ hasText: NAME }).filter({ hasText: categoryName(FIRE) }).first().waitFor();
    await page.getByText("护林日").first().waitFor();
  });

  test("it is saved with the PIN, and the phone takes it as an update", async () => {
    await page.getByLabel(t("package.note"), { exact: true }).fill("按通知改名");
    await office.button("package.keep", { n: 2 }).click(SLOW);
    await page.getByRole("dialog", { name: t("prove.title") }).waitFor(SLOW);
    await type(PIN);
    await version(2).getByText(t("package.holds"), { exact: true }).waitFor(SLOW);
    await version(2).getByText("按通知改名").waitFor();
    await version(1).getByText(t("package.over"), { exact: true }).waitFor();
    await volunteer.goto("/records");
    assert.equal(await Builds.ask(volunteer.page), "installed");
    await volunteer.page.getByText(t("update.title"), { exact: true }).waitFor({ timeout: 60_000 });
    const reloaded = volunteer.page.waitForEvent("load", { timeout: 60_000 });
    await phone.button("update.button").click();
    await reloaded;
    await phone.openReport();
    await phone.skipPhoto();
    await volunteer.page.getByRole("button", { name: NAME, exact: true }).first().waitFor(SLOW);
  });

  test("a version that somebody brings as a file holds from its day on, and is withdrawn before", async () => {
    const downloading = page.waitForEvent("download");
    await version(2).getByRole("button", { name: t("package.download"), exact: true }).click();
    const package2 = JSON.parse(await readFile(await (await downloading).path(), "utf8"));
    assert.equal(package2["calendar.json"].years.flatMap(({ holidays }) => holidays).filter(({ name }) => name.zh === "护林日").length, 1);
    package2["city.json"].sms = "10086";
    await page.getByLabel(t("package.file"), { exact: false }).setInputFiles({ name: "city.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(package2)) });
    await office.heading("package.editing", { n: 3, after: 2 }).waitFor(SLOW);
    await changes(1);
    await said(t("package.good"));
    await page.getByLabel(t("package.when")).selectOption("later");
    await office.button("package.keep", { n: 3 }).click();
    await said(t("package.day_missing"));
    const day = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel(t("package.day"), { exact: true }).fill(day);
    await office.button("package.keep", { n: 3 }).click();
    await version(3).getByText(t("package.coming"), { exact: true }).waitFor(SLOW);
    await version(3).getByText(new RegExp(`${day} 00:00`)).waitFor();
    await version(3).getByRole("button", { name: t("package.withdraw"), exact: true }).click();
    await version(3).getByText(t("package.withdraw_sure", { n: 3 })).waitFor();
    await version(3).getByRole("button", { name: t("package.withdraw"), exact: true }).click();
    await version(3).getByText(t("package.withdrawn"), { exact: true }).waitFor(SLOW);
  });
});

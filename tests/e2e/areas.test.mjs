// Areas of responsibility: from a file at the desk to the maps of the people, and off them again.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { inAllThemes } from "./lib/axe.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field } from "./lib/field.mjs";
import { GL, Person, ZHANGYE } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t } from "./lib/words.mjs";

const { longitude: LON, latitude: LAT } = ZHANGYE;

/** A square area, `east` and `north` of the person, in degrees. */
function square(name, east, north, properties = {}) {
  const [w, s] = [LON + east - 0.02, LAT + north - 0.02];
  const ring = [[w, s], [w + 0.04, s], [w + 0.04, s + 0.04], [w, s + 0.04], [w, s]];
  return { type: "Feature", properties: { name, ...properties }, geometry: { type: "Polygon", coordinates: [ring] } };
}

describe("areas of responsibility", () => {
  const test = story();
  const folder = mkdtempSync(join(tmpdir(), "greenshield-areas-"));
  let server, officer, desk, volunteer, phone;
  before(async () => {
    server = await Server.start();
    officer = await Person.start(server, { screen: "desk" });
    volunteer = await Person.start(server, { args: GL });
    desk = new Desk(officer);
    phone = new Field(volunteer);
    await desk.enrol(server.invites.desk);
    await phone.enrol(server.invites.volunteer);
  });
  after(async () => {
    const ends = await Promise.allSettled([officer?.close(), volunteer?.close()]);
    await server?.remove();
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  async function pick(features) {
    const path = join(folder, "areas.geojson");
    writeFileSync(path, typeof features === "string" ? features : JSON.stringify({ type: "FeatureCollection", features }));
    await officer.page.getByLabel(t("areas.pick"), { exact: true }).setInputFiles(path);
  }

  test("a file with one faulty area is told by its number, and nothing of it is saved", async () => {
    await officer.page.goto(`${server.origin}/desk/areas`);
    await officer.page.getByText(t("areas.none"), { exact: true }).waitFor();
    await pick("not json");
    await officer.page.getByText(t("areas.fault_file"), { exact: true }).waitFor();
    await pick([square("黑河湿地东岸", 0, 0), { type: "Feature", properties: { name: "路" }, geometry: { type: "Point", coordinates: [1, 2] } }]);
    await officer.page.getByText(t("areas.fault", { n: 2, reason: t("areas.fault_polygon") }), { exact: true }).waitFor();
    await officer.page.getByText(t("areas.not_saved", { n: 1 }), { exact: true }).waitFor();
    assert.equal(await desk.button("areas.save", { n: 2 }).count(), 0);
    await inAllThemes(officer.page, "areas with a fault");
  });

  test("a good one is saved after a look", async () => {
    await pick([square("黑河湿地东岸", 0, 0, { adcode: "620702" }), square("北滩", 0, 0.1)]);
    await officer.page.getByText(t("areas.code", { code: "620702" })).waitFor();
    await desk.button("areas.save", { n: 2 }).click();
    await officer.page.getByRole("link", { name: "黑河湿地东岸" }).waitFor();
    await officer.page.getByRole("link", { name: "北滩" }).waitFor();
    await inAllThemes(officer.page, "areas");
  });

  test("the phone has them without a signal: on the map, and in words with the one that it stands in first", async () => {
    await volunteer.goto("/map");
    await phone.button("nearby.as_list").click();
    const lines = volunteer.page.getByRole("region", { name: t("nearby.as_list") }).getByRole("link");
    await lines.filter({ hasText: "北滩" }).waitFor();
    await volunteer.setOffline(true);
    await volunteer.goto("/map");
    await lines.filter({ hasText: t("areas.inside") }).waitFor();
    const words = await lines.allInnerTexts();
    assert.match(words[0], new RegExp(`黑河湿地东岸\\s+${t("areas.inside")}`));
    assert.match(words[1], /北滩\s+.*公里/);
    await inAllThemes(volunteer.page, "areas in the list");
    await phone.button("nearby.as_map").click();
    await volunteer.page.locator(".map[data-ready=true]").waitFor({ timeout: 60_000 });
    if (process.env.SHOTS) await volunteer.page.screenshot({ path: `${process.env.SHOTS}/areas-map.png` });
  });

  test("one that is taken back leaves the phone at its next contact", async () => {
    const row = officer.page.getByRole("listitem").filter({ hasText: "北滩" });
    await row.getByRole("button", { name: t("areas.withdraw"), exact: true }).click();
    await row.getByRole("button", { name: t("areas.withdraw_sure"), exact: true }).click();
    await row.waitFor({ state: "detached" });
    await volunteer.setOffline(false);
    await volunteer.goto("/map");
    await phone.button("nearby.as_list").click();
    const lines = volunteer.page.getByRole("region", { name: t("nearby.as_list") }).getByRole("link");
    await lines.filter({ hasText: "黑河湿地东岸" }).waitFor();
    await lines.filter({ hasText: "北滩" }).waitFor({ state: "detached" });
  });
});

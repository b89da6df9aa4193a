// Areas of responsibility: from a file at the desk to the maps of the people, and off them again.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { inAllThemes } from "./lib/axe.mjs";
import { encode } from "./lib/cbor.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field } from "./lib/field.mjs";
import { GL, Person, ZHANGYE } from "./lib/person.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { recordId, sha256, Stranger } from "./lib/stranger.mjs";
import * as tus from "./lib/tus.mjs";
import { t } from "./lib/words.mjs";

const { longitude: LON, latitude: LAT } = ZHANGYE;

const PATROL = 11, STARTED_AT = 1, TRACK = 24, LINK = 3, MOTORBIKE = 2;
const TRACK_MIME = "application/vnd.greenshield.track+cbor";

/** A patrol an hour ago, from the south to the north of the square around the person, with its track. */
async function patrolled(ranger) {
  const at = Date.now() - 3_600_000;
  const fixes = Array.from({ length: 23 }, (_, i) => (i === 0 ? [at, Math.round((LAT - 0.019) * 1e7), Math.round(LON * 1e7), 500] : [30_000, 17_000, 0, 500]));
  const bytes = Buffer.from(encode([1, MOTORBIKE, fixes]));
  const link = [TRACK, LINK, new Map([[1, sha256(bytes)], [2, bytes.length], [3, TRACK_MIME]])];
  const reply = await ranger.push([ranger.log.op(recordId(), PATROL, [[STARTED_AT, 0, at], link])], { signed: true });
  assert.deepEqual(reply.results, []);
  const sent = await tus.create(ranger, bytes, { metadata: tus.metadataOf(bytes, TRACK_MIME), body: bytes });
  assert.equal(sent.status, 201);
}

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
    await pick([square("黑河湿地东岸", 0, 0, { adcode: "620702", element: "wetland", keeper: "李四", days: 7 }), square("北滩", 0, 0.1)]);
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

  test("the desk sees where nobody was, also without a network, and sends somebody there", async () => {
    const ranger = new Stranger(server.origin), page = officer.page;
    await ranger.enrol(codeOf(await server.invite("auxiliary")));
    await patrolled(ranger);
    await page.goto(`${server.origin}/desk/coverage`);
    await page.getByText(t("coverage.in_time"), { exact: true }).waitFor();
    assert.deepEqual(await page.locator(".coverage-list h2").allInnerTexts(), ["北滩", "黑河湿地东岸"], "where nobody was comes first");
    const card = (name) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name }) });
    await card("北滩").getByText(t("coverage.never", { n: 90 }), { exact: true }).waitFor();
    const [, ground, all] = (await card("黑河湿地东岸").locator(".coverage-share").first().innerText()).match(/(\d+)\/(\d+)/);
    assert.ok(Number(ground) >= 4 && Number(ground) < Number(all), `${ground} of ${all}`);
    await card("黑河湿地东岸").getByText(/湿地 · 李四/).waitFor();
    await inAllThemes(page, "coverage");
    await page.getByRole("button", { name: "湿地 1", exact: true }).click();
    await card("北滩").waitFor({ state: "detached" });
    await desk.precached();
    await officer.setOffline(true);
    await page.reload();
    await card("北滩").waitFor();
    await page.getByText(/近 30 天$/).last().waitFor();
    await page.getByRole("alert").first().waitFor();
    await page.getByRole("button", { name: t("coverage.button", { what: t("coverage.go"), area: "黑河湿地东岸" }), exact: true }).click();
    await page.getByRole("heading", { name: t("task.new") }).waitFor();
    assert.equal(await page.locator("#task-title").inputValue(), t("coverage.go_title", { area: "黑河湿地东岸" }));
    await inAllThemes(page, "a task that is proposed");
    await page.getByRole("button", { name: t("task.give"), exact: true }).click();
    await page.getByRole("link", { name: t("task.place") }).waitFor();
    await officer.setOffline(false);
    await page.goto(`${server.origin}/desk/areas`);
    await page.getByRole("link", { name: "北滩" }).waitFor();
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
    await lines.filter({ hasText: "黑河湿地东岸" }).first().waitFor();
    await lines.filter({ hasText: "北滩" }).waitFor({ state: "detached" });
  });
});

// What is near: records by distance and direction, without a map and without a network, and a position to read out.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { inAllThemes } from "./lib/axe.mjs";
import { categoryName, Field, FIRE } from "./lib/field.mjs";
import { GL, Person, ZHANGYE } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { appendFileSync, copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { story } from "./lib/steps.mjs";
import { until } from "./lib/until.mjs";

describe("records nearby", () => {
  const test = story();
  let server, volunteer, phone;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    phone = new Field(volunteer);
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
  });
  after(async () => {
    const [end] = await Promise.allSettled([volunteer?.close()]);
    await server?.remove();
    if (end.status === "rejected") throw end.reason;
  });

  /** The line as it should read: distance and wind of the way from here to the report. */
  const way = (distance, wind) => phone.t("place.way", { distance, wind: phone.t(`place.wind_${wind}`) });

  test("offline, two reports that were saved at two places stand in order of their distance", async () => {
    await volunteer.setOffline(true);
    await phone.report({ note: "a" });
    // 0.01° to the north are 1,110 m here.
    await volunteer.context.setGeolocation({ ...ZHANGYE, latitude: ZHANGYE.latitude + 0.01 });
    await volunteer.goto("/");
    await phone.report({ note: "b" });
    await volunteer.context.setGeolocation({ ...ZHANGYE, latitude: ZHANGYE.latitude - 0.005 });
    await volunteer.goto("/");
    await phone.tab("tab.nearby").click();
    await phone.heading("nearby.title").waitFor();
    await phone.button("nearby.as_list").click();
    await phone.lines(FIRE).filter({ hasText: way(phone.t("place.metres", { n: 555 }), "n") }).waitFor();
    const lines = await phone.lines(FIRE).allInnerTexts();
    assert.equal(lines.length, 2);
    assert.ok(lines[0].includes(way(phone.t("place.metres", { n: 555 }), "n")), lines[0]);
    assert.ok(lines[1].includes(way(phone.t("place.kilometres", { n: "1.7" }), "n")), lines[1]);
    if (process.env.SHOTS) await volunteer.page.screenshot({ path: `${process.env.SHOTS}/nearby.png` });
  });

  test("a line leads to its record, which tells the position in three ways and which maps it can be handed to", async () => {
    await phone.lines(FIRE).first().click();
    await volunteer.page.getByRole("heading", { name: categoryName(FIRE) }).first().waitFor();
    await volunteer.page.getByText("38.925600, 100.449800", { exact: true }).waitFor();
    await volunteer.page.getByText("38°55′32.2″N 100°26′59.3″E", { exact: true }).waitFor();
    await volunteer.page.getByText(phone.t("place.grid", { zone: 33 }), { exact: true }).waitFor();
    await volunteer.page.getByText(phone.t("place.offline"), { exact: true }).waitFor();
    for (const key of ["place.amap", "place.baidu", "place.tencent"]) {
      const link = volunteer.page.getByRole("link", { name: phone.t("place.new_window", { map: phone.t(key) }), exact: true });
      assert.match(await link.getAttribute("rel"), /noreferrer/);
    }
    if (process.env.SHOTS) {
      await volunteer.page.getByRole("heading", { name: phone.t("place.title") }).scrollIntoViewIfNeeded();
      await volunteer.page.screenshot({ path: `${process.env.SHOTS}/place.png` });
    }
  });

  test("a phone that may not tell its position shows the newest first and says why", async () => {
    await volunteer.context.clearPermissions();
    await volunteer.goto("/map");
    await volunteer.page.getByText(phone.t("nearby.denied"), { exact: true }).waitFor();
    const lines = await phone.lines(FIRE).allInnerTexts();
    assert.equal(lines.length, 2);
    assert.ok(lines.every((line) => !line.includes(phone.t("place.kilometres", { n: "" }).trim())), lines.join("\n"));
  });
});

describe("the map", () => {
  const test = story();
  const base = new URL("../../public/map/base.pmtiles", import.meta.url);
  let server, volunteer, phone;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server, { args: GL });
    phone = new Field(volunteer);
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
  });
  after(async () => {
    const [end] = await Promise.allSettled([volunteer?.close()]);
    await server?.remove();
    if (end.status === "rejected") throw end.reason;
  });

  const drawn = () => volunteer.page.locator(".map[data-ready]").waitFor({ timeout: 60_000 });
  const seen = (n) => volunteer.page.getByText(phone.t("map.seen", { n }), { exact: true }).waitFor({ timeout: 30_000 });
  const openMap = async () => {
    await phone.tab("tab.nearby").click();
    await phone.heading("nearby.title").waitFor();
    await drawn();
  };
  /** All files of the map lie on the phone, so that it can be drawn without a network. */
  const mapKept = () => until(volunteer.page, async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("gs-map-"));
    return names.length === 1 && (await (await caches.open(names[0])).keys()).length >= 9;
  }, null, { timeout: 60_000 });

  test("offline, the map is drawn with the places of the city and the reports of this phone", async () => {
    await mapKept();
    await volunteer.setOffline(true);
    await phone.report({ note: "a" });
    await volunteer.goto("/");
    await openMap();
    await seen(1);
    await inAllThemes(volunteer.page, "map");
    if (process.env.SHOTS) await volunteer.page.screenshot({ path: `${process.env.SHOTS}/map.png` });
  });

  test("a tap on a mark shows the report, and the line leads to it", async () => {
    const box = await volunteer.page.locator(".map").boundingBox();
    await volunteer.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await phone.lines(FIRE).first().waitFor();
    await inAllThemes(volunteer.page, "map, a record tapped");
    await phone.lines(FIRE).first().click();
    await volunteer.page.getByText("38.925600, 100.449800", { exact: true }).waitFor();
  });

  test("the place of a report can be pointed at, and the record says that somebody pointed", async () => {
    await volunteer.goto("/");
    await phone.openReport();
    await phone.skipPhoto();
    await phone.chooseCategory(FIRE);
    await phone.button("pin.open").click();
    await drawn();
    const box = await volunteer.page.locator(".pin .map").boundingBox();
    await volunteer.page.mouse.move(box.x + 100, box.y + 100);
    await volunteer.page.mouse.down();
    await volunteer.page.mouse.move(box.x + 180, box.y + 100, { steps: 5 });
    await volunteer.page.mouse.up();
    await inAllThemes(volunteer.page, "pointing at a place");
    if (process.env.SHOTS) await volunteer.page.screenshot({ path: `${process.env.SHOTS}/pin.png` });
    await phone.button("pin.take").click();
    await volunteer.page.getByText(phone.t("report.place_pinned"), { exact: true }).first().waitFor();
    await phone.save();
    await volunteer.goto("/map");
    await drawn();
    await seen(2);
  });

  test("coordinates that somebody read out are a place too, and the phone's own comes back", async () => {
    await volunteer.goto("/");
    await phone.openReport();
    await phone.skipPhoto();
    await phone.chooseCategory(FIRE);
    await phone.button("pin.open").click();
    await volunteer.page.getByText(phone.t("pin.type"), { exact: true }).click();
    await volunteer.page.getByLabel(phone.t("pin.type_label"), { exact: true }).fill("38.5 100.1");
    await phone.button("pin.type_take").click();
    await volunteer.page.getByText(phone.t("report.place_pinned_text", { m: 100 }), { exact: true }).waitFor();
    await phone.button("pin.undo").click();
    await volunteer.page.getByText(phone.t("report.place_pinned"), { exact: true }).waitFor({ state: "detached" });
  });

  test("a map of the office is fetched chunk by chunk, survives a cut in the middle, and is drawn offline", async () => {
    const folder = join(server.data, "packs");
    mkdirSync(folder, { recursive: true });
    copyFileSync(base, join(folder, "sunan.pmtiles"));
    appendFileSync(join(folder, "sunan.pmtiles"), Buffer.alloc(700_000, 1));
    await volunteer.setOffline(false);
    // The second chunk never comes at first.
    const cut = (route) => route.abort();
    await volunteer.page.route(/\/v1\/packs\/.*\/1$/, cut);
    await volunteer.goto("/map/packs");
    await phone.button("packs.fetch", { size: "0.8 MB" }).click();
    await volunteer.page.getByText(phone.t("packs.part", { n: 25 }), { exact: true }).waitFor();
    await volunteer.page.unroute(/\/v1\/packs\/.*\/1$/, cut);
    const asked = [];
    volunteer.page.on("request", (request) => { if (/packs\/.*\/\d+$/.test(request.url())) asked.push(request.url().split("/").pop()); });
    await volunteer.goto("/map/packs");
    await phone.button("packs.go_on").click();
    await volunteer.page.getByText(phone.t("packs.ready"), { exact: true }).waitFor();
    assert.deepEqual(asked, ["1", "2", "3"], "what was here is not fetched again");
    if (process.env.SHOTS) await volunteer.page.screenshot({ path: `${process.env.SHOTS}/packs.png` });
    await volunteer.setOffline(true);
    await volunteer.goto("/map");
    await drawn();
  });

  test("a file that somebody brought is taken when it is the server's map, and refused when it is not", async () => {
    await volunteer.goto("/map/packs");
    await volunteer.page.getByText(phone.t("packs.remove"), { exact: true }).click();
    await phone.button("packs.remove_yes").click();
    await volunteer.page.getByText(phone.t("packs.absent"), { exact: true }).waitFor();
    const pack = readFileSync(join(server.data, "packs/sunan.pmtiles"));
    pack[pack.length - 1] ^= 1;
    const file = volunteer.page.getByLabel(phone.t("packs.from_file"), { exact: true });
    await file.setInputFiles({ name: "brought.pmtiles", mimeType: "application/octet-stream", buffer: pack });
    await volunteer.page.getByText(phone.t("packs.unknown"), { exact: true }).waitFor();
    assert.deepEqual(await volunteer.page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith("pack-"))), [], "nothing of it was kept");
    pack[pack.length - 1] ^= 1;
    await file.setInputFiles({ name: "brought.pmtiles", mimeType: "application/octet-stream", buffer: pack });
    await volunteer.page.getByText(phone.t("packs.ready"), { exact: true }).waitFor();
  });
});

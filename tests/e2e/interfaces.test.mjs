// What other programs read: every export and OGC API – Features, opened with unchanged GDAL, OWSLib and openpyxl; all count the same.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { clean, inAllThemes } from "./lib/axe.mjs";
import { encode } from "./lib/cbor.mjs";
import { Desk } from "./lib/desk.mjs";
import { Person } from "./lib/person.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { KIND_INCIDENT, recordId, reportEntries, sha256, Stranger } from "./lib/stranger.mjs";
import * as tus from "./lib/tus.mjs";

const PIN = "135790";
const PYTHON = process.env.GREENSHIELD_PYTHON ?? "python3";
const READER = fileURLToPath(new URL("clients/read_interfaces.py", import.meta.url));
const FORMATS = ["csv", "xlsx", "geojson", "gpx", "kml", "gpkg"];
const KIND_PATROL = 11, STARTED_AT = 1, TRACK = 24, LINK = 3;
const TRACK_MIME = "application/vnd.greenshield.track+cbor";
/** Reports with a place, and in all. */
const PLACED = 5, ALL = 7;

/** A track as docs/op-format.md §17 has it: on foot, five fixes, a gap, five fixes; differences to the item before. */
function track(at) {
  const fixes = (n, first) => Array.from({ length: n }, (_, i) => (i === 0 ? first : [10_000, 1_500, 0, 0, 0])).map(([t, lat, lon]) => [t, lat, lon, 500, 148_000]);
  return encode([1, 0, [...fixes(5, [at, 389_000_000, 1_004_000_000]), [0, 10_000, 60_000], ...fixes(5, [10_000, 15_000, 0])]]);
}

describe("programs of others", () => {
  const step = story();
  let server, ranger, desk, folder, key;

  before(async () => {
    server = await Server.start();
    folder = await mkdtemp(join(tmpdir(), "greenshield-interfaces-"));
    ranger = new Stranger(server.origin);
    await ranger.enrol(codeOf(server.invites.volunteer));
    desk = new Stranger(server.origin);
    await desk.enrol(codeOf(await server.invite("city-desk")));
  });
  after(async () => {
    await server?.remove();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function take(kind) {
    for (const format of FORMATS) {
      const reply = await desk.request("GET", `/v1/export?kind=${kind}&format=${format}&lang=en`);
      assert.equal(reply.status, 200, `${kind} ${format}`);
      assert.match(reply.headers.get("content-disposition"), new RegExp(`filename="greenshield-${kind}-[0-9-]+\\.${format}"`));
      await writeFile(join(folder, `${kind}.${format}`), Buffer.from(await reply.arrayBuffer()));
    }
  }

  async function read(kind) {
    const { stdout } = await promisify(execFile)(PYTHON, [READER, folder, kind, `${server.origin}/ogc`, key.secret], { maxBuffer: 1 << 24 });
    return JSON.parse(stdout);
  }

  step("records with and without a place, and a patrol with a gap, are here", async () => {
    const nowhere = (entry) => entry[0] !== 2;
    const reports = Array.from({ length: ALL }, (_, i) => {
      const entries = reportEntries({ note: i === 0 ? "=1+1" : `第 ${i} 条, "引号"\n换行` });
      return ranger.log.op(recordId(), KIND_INCIDENT, i < PLACED ? entries : entries.filter(nowhere));
    });
    const at = Date.now() - 3_600_000, bytes = Buffer.from(track(at));
    const link = [TRACK, LINK, new Map([[1, sha256(bytes)], [2, bytes.length], [3, TRACK_MIME]])];
    const patrols = [[[STARTED_AT, 0, at], link], [[STARTED_AT, 0, at]]].map((entries) => ranger.log.op(recordId(), KIND_PATROL, entries));
    const reply = await ranger.push([...reports, ...patrols], { signed: true });
    assert.deepEqual(reply.results, []);
    const sent = await tus.create(ranger, bytes, { metadata: tus.metadataOf(bytes, TRACK_MIME), body: bytes });
    assert.equal(sent.status, 201);
  });

  step("a key is made, which is told once", async () => {
    const headers = { "content-type": "application/json" };
    const reply = await desk.request("POST", "/v1/access-keys", { headers, body: JSON.stringify({ name: "GDAL", days: 1 }) });
    assert.equal(reply.status, 200);
    key = await reply.json();
  });

  step("GDAL, OWSLib and openpyxl count the same incidents", async () => {
    await take("incident");
    const found = await read("incident");
    for (const reader of ["csv", "openpyxl", "geojson", "gpkg", "oapif", "owslib"]) assert.equal(found[reader].count, ALL, reader);
    for (const reader of ["gpx", "kml"]) assert.equal(found[reader].count, PLACED, reader);
    for (const reader of ["geojson", "gpkg", "oapif", "owslib", "gpx", "kml"]) assert.equal(found[reader].placed, PLACED, reader);
    for (const reader of ["geojson", "gpkg", "oapif"]) {
      assert.equal(found[reader].type, "Point", reader);
      assert.ok(found[reader].fields.includes("category") && found[reader].fields.includes("_author"), reader);
    }
    assert.equal(found.gpkg.crs, "EPSG:4326");
    assert.deepEqual(found.bounds, [100.4498, 38.9256, 100.4498, 38.9256]);
    assert.equal(found.openpyxl.formulas, 0, "nothing that people wrote is run");
    assert.ok(found.oapif.layers.includes("patrol"));
    assert.deepEqual([found.owslib.matched, found.owslib.conforms, found.owslib.one, found.owslib.paths], [ALL, 3, true, 7]);
  });

  step("and the same patrols, as lines that the gap parts", async () => {
    await take("patrol");
    const found = await read("patrol:tracks");
    for (const reader of ["csv", "openpyxl", "geojson", "gpkg", "oapif", "owslib"]) assert.equal(found[reader].count, 2, reader);
    for (const reader of ["geojson", "gpkg", "oapif", "owslib", "gpx", "kml"]) assert.equal(found[reader].placed, 1, reader);
    for (const reader of ["geojson", "gpkg", "oapif", "gpx"]) assert.equal(found[reader].type, "MultiLineString", reader);
  });

  step("a key that is revoked opens nothing", async () => {
    assert.equal((await desk.request("POST", `/v1/access-keys/${key.id}/revoke`)).status, 200);
    const reply = await fetch(`${server.origin}/ogc`, { headers: { authorization: `Bearer ${key.secret}` } });
    assert.equal(reply.status, 401);
    assert.match(reply.headers.get("www-authenticate"), /^Basic /);
  });
});

describe("the page of the desk", () => {
  const step = story();
  let server, officer, desk, page, secret;
  const opens = async () => (await fetch(`${server.origin}/ogc/collections/incident/items`, { headers: { authorization: `Bearer ${secret}` } })).status;

  before(async () => {
    server = await Server.start();
    const ranger = new Stranger(server.origin);
    await ranger.enrol(codeOf(server.invites.volunteer));
    await ranger.push([ranger.log.op(recordId(), KIND_INCIDENT, reportEntries())]);
    officer = await Person.start(server, { screen: "desk" });
    desk = new Desk(officer);
    page = officer.page;
    await desk.enrol(server.invites.desk);
  });
  after(async () => {
    const [end] = await Promise.allSettled([officer?.close()]);
    await server?.remove();
    if (end.status === "rejected") throw end.reason;
  });

  step("is reached from the menu and keeps a ledger as a file", async () => {
    await page.getByText(desk.t("desk.more"), { exact: true }).first().click();
    await page.getByRole("link", { name: desk.t("interfaces.title") }).click();
    await page.getByLabel(desk.t("interfaces.format")).selectOption("csv");
    const [download] = await Promise.all([page.waitForEvent("download"), desk.button("interfaces.take").click()]);
    assert.match(download.suggestedFilename(), /^greenshield-incident-\d{4}-\d\d-\d\d\.csv$/);
    assert.match(await readFile(await download.path(), "utf8"), /^\ufeff.*\r\n.*100\.4498000/s);
    await page.getByLabel(desk.t("interfaces.from")).fill("2026-02-02");
    await page.getByLabel(desk.t("interfaces.until_day")).fill("2026-02-01");
    await page.getByText(desk.t("interfaces.backwards"), { exact: true }).waitFor();
    await page.getByLabel(desk.t("interfaces.until_day")).fill("");
  });

  step("makes a key that is shown once and opens the door", async () => {
    await desk.button("interfaces.make").click();
    await page.getByText(desk.t("interfaces.key_name_missing"), { exact: true }).waitFor();
    await page.getByLabel(desk.t("interfaces.key_name"), { exact: true }).fill("QGIS");
    await desk.button("interfaces.make").click();
    secret = await page.locator("[data-secret]").innerText();
    assert.equal(await opens(), 200);
    for (const language of ["en", "zh"]) {
      await desk.setLanguage(language);
      await page.goto(`${server.origin}/desk/interfaces`);
      await page.getByRole("listitem").filter({ hasText: "QGIS" }).filter({ hasText: desk.t("interfaces.good") }).waitFor();
      assert.equal(await page.locator("[data-secret]").count(), 0, "shown once");
      await inAllThemes(page, `interfaces, ${language}`);
    }
  });

  step("and ends it after a second look", async () => {
    await desk.button("interfaces.end").click();
    await page.getByText(desk.t("interfaces.end_sure", { name: "QGIS" }), { exact: true }).waitFor();
    await desk.button("interfaces.end").click();
    await page.getByText(desk.t("interfaces.revoked"), { exact: true }).waitFor();
    assert.equal(await opens(), 401);
  });

  step("on a device with a PIN, what reaches far asks for it once more, and does nothing without it", async () => {
    const type = async (pin) => { await page.keyboard.type(pin); await page.keyboard.press("Enter"); };
    const said = (words) => page.getByText(words, { exact: true }).first().waitFor({ timeout: 30_000 });
    const question = page.getByRole("dialog", { name: desk.t("prove.title") });
    await page.goto(`${server.origin}/me/lock`);
    await desk.button("lock.set").click();
    for (const words of ["lock.new", "lock.again"]) {
      await said(desk.t(words));
      await type(PIN);
    }
    await desk.button("lock.change").waitFor({ timeout: 30_000 });
    await page.goto(`${server.origin}/desk/interfaces`);
    await page.getByRole("heading", { name: desk.t("lock.title"), exact: true }).waitFor();
    await page.getByRole("button", { name: "7", exact: true, disabled: false }).waitFor({ timeout: 45_000 });
    await type(PIN);
    const files = [];
    page.on("download", (download) => files.push(download.suggestedFilename()));
    await desk.button("interfaces.take").click({ timeout: 30_000 });
    await question.waitFor();
    await clean(page, "the PIN once more");
    await page.keyboard.press("Escape");
    await said(desk.t("error.not_proved"));
    assert.deepEqual(files, [], "nothing was taken out");
    for (const asks of [true, false]) {
      const download = page.waitForEvent("download", { timeout: 30_000 });
      await desk.button("interfaces.take").click();
      if (asks) {
        await question.waitFor();
        await type(PIN);
      }
      await download;
      assert.equal(await question.count(), 0);
    }
  });
});

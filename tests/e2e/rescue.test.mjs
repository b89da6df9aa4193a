// Days without a signal: one phone packs what it has not sent, another person's phone carries it, and the receipts come back.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { clean as axeFindsNothing, inAllThemes } from "./lib/axe.mjs";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { jsonRows, rows } from "./lib/phone-store.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { Stranger } from "./lib/stranger.mjs";
import { t, tLike } from "./lib/words.mjs";

const SIZES = [{ width: 390, height: 844 }, { width: 1440, height: 900 }];
const folder = mkdtempSync(join(tmpdir(), "greenshield-rescue-"));

describe("a rescue package", () => {
  const test = story();
  let server, maker, carrier, reader, a, b;
  const photo = photoFile("rescue");
  const file = join(folder, "rescue.gsb"), receipts = join(folder, "rescue.receipts");

  before(async () => {
    server = await Server.start();
    [maker, carrier] = [await Person.start(server), await Person.start(server)];
    [a, b] = [new Field(maker), new Field(carrier)];
    await a.enrol(server.invites.volunteer);
    await b.enrol(await server.invite("volunteer", "--name", "带包的人"));
    reader = new Stranger(server.origin);
    await reader.enrol(codeOf(await server.invite("desk")));
  });
  after(async () => {
    // The server's refusals of damaged packages stand in the console; they are what is tested.
    if (carrier) carrier.faults = carrier.faults.filter((fault) => !fault.includes("status of 422"));
    try { await maker?.close(); } finally { try { await carrier?.close(); } finally { await server?.remove(); } }
  });

  const frame = (page) => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  const knowsSeal = async (page) => {
    while ((await rows(page, "meta", { prefix: Buffer.from("sealing_key").toString("hex") })).length === 0) await frame(page);
  };
  const reports = async () => (await reader.pullAll()).ops.filter((op) => op.kind === 10);
  const go = async (person, path, key) => {
    await person.goto(path);
    await person.page.getByRole("heading", { level: 1, name: t(key, {}, person.language) }).waitFor();
  };
  const saveAs = async (page, name, path) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name, exact: true }).click()]);
    await download.saveAs(path);
    return download.suggestedFilename();
  };
  const carry = (path) => carrier.page.getByLabel(t("carry.pick"), { exact: true }).setInputFiles(path);
  const couriers = () => jsonRows(carrier.page, "couriers");
  const variant = (name, change) => {
    const bytes = change(Buffer.from(readFileSync(file)));
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  /** The page in both sizes, on the phone in every theme: axe finds nothing and no text is cut. */
  async function clean(page, where) {
    const before = page.viewportSize();
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await (size.width < 500 ? inAllThemes : axeFindsNothing)(page, `${where}, ${size.width}`);
      const cut = await page.evaluate(() => [...document.querySelectorAll("main *, .actionbar *")].filter((at) => at.scrollWidth > at.clientWidth + 1
        && at.clientWidth > 0 && !at.matches("input, option, .visually-hidden")).map((at) => at.className || at.tagName));
      assert.deepEqual(cut, [], `${where}: text is cut at ${size.width}`);
    }
    await page.setViewportSize(before);
  }

  test("needs one contact, at which the phone learns the server's seal by itself", async () => {
    await a.precached();
    await b.precached();
    await knowsSeal(maker.page);
    await knowsSeal(carrier.page);
  });

  test("is made offline by one button and says what is inside", async () => {
    await maker.setOffline(true);
    await a.report({ files: [photo], note: "山口外的火" });
    await maker.goto("/me");
    await maker.page.getByRole("link", { name: t("rescue.title") }).click();
    await a.heading("rescue.title").waitFor();
    await clean(maker.page, "rescue, waiting");
    await a.button("rescue.make").click();
    await a.heading("rescue.made").waitFor();
    await maker.page.getByText(tLike("rescue.inside")).waitFor();
    assert.match(await maker.page.getByText(tLike("rescue.inside")).textContent(), / 1 件记录、2 个照片文件/);
    await clean(maker.page, "rescue, made");
    const name = await saveAs(maker.page, t("rescue.save"), file);
    assert.match(name, /^greenshield-\d{4}-\d{4}\.gsb$/);
    assert.ok(readFileSync(file).length > photo.bytes.length);
    assert.ok(!readFileSync(file).includes(photo.bytes.subarray(1000, 1100)), "sealed");
  });

  test("changes nothing on the phone that made it", async () => {
    assert.equal((await rows(maker.page, "outbox")).length, 1);
    assert.ok((await jsonRows(maker.page, "blobs")).every((row) => row.delivered_millis === null));
    assert.equal((await reports()).length, 0);
  });

  test("that is for another server, newer, or no package is refused at once and leaves no trace", async () => {
    await carrier.setOffline(true);
    await go(carrier, "/me/carry", "carry.title");
    const bad = [
      ["foreign.gsb", "error.bundle_foreign", (bytes) => { bytes[8] ^= 1; return bytes; }],
      ["newer.gsb", "error.bundle_version", (bytes) => { bytes[2] = 2; return bytes; }],
      ["beginning.gsb", "error.bundle_damaged", (bytes) => bytes.subarray(0, 300)],
      ["photo.gsb", "error.bundle_damaged", () => photo.bytes],
    ];
    for (const [name, key, change] of bad) {
      await carry(variant(name, change));
      await carrier.page.getByText(t(key), { exact: true }).waitFor();
      await carrier.page.getByText(t("error.safe")).waitFor();
      if (name === "foreign.gsb") await clean(carrier.page, "carry, refused");
    }
    assert.equal((await couriers()).length + (await rows(carrier.page, "courier_bytes")).length, 0);
  });

  test("that was cut or edited is refused by the server, which stores nothing of it, and the carrier is told why", async () => {
    await carrier.setOffline(false);
    for (const [name, change] of [["cut.gsb", (bytes) => bytes.subarray(0, -1000)], ["edited.gsb", (bytes) => { bytes[bytes.length - 2000] ^= 1; return bytes; }]]) {
      await go(carrier, "/me/carry", "carry.title");
      await carry(variant(name, change));
      await carrier.page.getByText(t("carry.refused")).waitFor({ timeout: 20_000 });
      await carrier.page.getByText(t("error.bundle_damaged")).waitFor();
      assert.equal((await rows(carrier.page, "courier_bytes")).length, 0);
      assert.equal((await reports()).length, 0);
      await clean(carrier.page, "carry, refused by the server");
      await carrier.page.getByText(t("carry.away"), { exact: true }).click();
      await b.button("carry.away_yes").click();
      await carrier.page.getByText(t("carry.refused")).waitFor({ state: "detached" });
      assert.equal((await couriers()).length, 0);
    }
  });

  test("waits on the phone of the person who carries it, behind that person's own work", async () => {
    await carrier.setOffline(true);
    await carrier.goto("/");
    await b.report({ note: "带包的人自己的" });
    await go(carrier, "/me/carry", "carry.title");
    await carry(file);
    await carrier.page.getByText(t("carry.waiting"), { exact: true }).waitFor();
    await carry(file);
    await frame(carrier.page);
    assert.equal((await couriers()).length, 1, "twice is once");
    await clean(carrier.page, "carry, waiting");
    await carrier.page.reload();
    await carrier.page.getByText(t("carry.waiting"), { exact: true }).waitFor();
    assert.equal((await rows(carrier.page, "outbox")).length, 1);
  });

  test("goes by itself where there is a signal, and everything is at the server under the name of its maker", async () => {
    const sent = [];
    carrier.context.on("request", (request) => { if (request.method() === "POST") sent.push(new URL(request.url()).pathname); });
    await carrier.setOffline(false);
    await carrier.page.getByText(tLike("carry.delivered")).waitFor({ timeout: 30_000 });
    assert.ok(sent.indexOf("/v1/ops") < sent.indexOf("/v1/bundles"), `own work first: ${sent}`);
    const mine = (await reports()).filter((op) => op.value(6) === "山口外的火");
    assert.equal(mine.length, 1);
    const log = (await rows(maker.page, "own_ops"))[0].key.slice(0, 64);
    assert.equal(mine[0].log.toString("hex"), log);
    const reply = await reader.request("GET", `/v1/records/${mine[0].record.toString("hex")}/blobs/${photo.sha256}`);
    assert.deepEqual(Buffer.from(await reply.arrayBuffer()), photo.bytes);
    await clean(carrier.page, "carry, delivered");
    assert.match(await saveAs(carrier.page, t("carry.save"), receipts), /\.receipts$/);
    assert.equal((await rows(carrier.page, "courier_bytes")).length, 1, "only the receipts are left");
  });

  test("and its receipts each have their own door, and the wrong one says so", async () => {
    await carry(receipts);
    await carrier.page.getByText(t("error.bundle_is_receipts"), { exact: true }).waitFor();
    await go(maker, "/me/receipts", "receipts.title");
    await clean(maker.page, "receipts");
    const pick = maker.page.getByLabel(t("receipts.pick"), { exact: true });
    await pick.setInputFiles(file);
    await maker.page.getByText(t("error.receipts_is_bundle"), { exact: true }).waitFor();
    const forged = Buffer.from(readFileSync(receipts));
    forged[forged.length - 10] ^= 1;
    writeFileSync(join(folder, "forged.receipts"), forged);
    await pick.setInputFiles(join(folder, "forged.receipts"));
    await maker.page.getByText(t("error.receipts_foreign"), { exact: true }).waitFor();
    assert.equal((await rows(maker.page, "outbox")).length, 1);
  });

  test("whose receipts come back makes delivered what was packed, still without any signal", async () => {
    await maker.page.getByLabel(t("receipts.pick"), { exact: true }).setInputFiles(receipts);
    await a.heading("lamp.delivered").waitFor();
    await clean(maker.page, "receipts, taken");
    assert.equal((await rows(maker.page, "outbox")).length, 0);
    assert.ok((await jsonRows(maker.page, "blobs")).every((row) => row.delivered_millis !== null));
    await maker.page.getByRole("link", { name: t("records.title") }).click();
    await a.lines(FIRE).first().getByText(t("lamp.delivered")).waitFor();
    await go(maker, "/me/receipts", "receipts.title");
    await maker.page.getByLabel(t("receipts.pick"), { exact: true }).setInputFiles(receipts);
    await maker.page.getByText(t("receipts.none"), { exact: true }).waitFor();
  });

  test("leaves nothing to be packed or sent a second time", async () => {
    await go(maker, "/me/rescue", "rescue.title");
    await maker.page.getByText(t("rescue.nothing"), { exact: true }).waitFor();
    assert.equal(await a.button("rescue.make").count(), 0);
    await clean(maker.page, "rescue, nothing");
    const sent = [];
    // How the phone is, it may say at any contact.
    const isWork = (request) => ["POST", "PATCH"].includes(request.method()) && !request.url().endsWith("/v1/health");
    maker.context.on("request", (request) => { if (isWork(request)) sent.push(request.url()); });
    await maker.setOffline(false);
    await maker.goto("/me");
    await maker.page.getByText(t("sync.live"), { exact: true }).waitFor({ timeout: 20_000 });
    await a.allSent();
    assert.deepEqual(sent, []);
    assert.equal((await reports()).filter((op) => op.value(6) === "山口外的火").length, 1);
  });

  test("has its words in English too", async () => {
    await a.setLanguage("en");
    for (const [path, key] of [["/me", "me.title"], ["/me/rescue", "rescue.title"], ["/me/carry", "carry.title"], ["/me/receipts", "receipts.title"]]) {
      await go(maker, path, key);
      await clean(maker.page, `${path}, en`);
    }
  });
});

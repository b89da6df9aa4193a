// Erasure with proof: a volunteer reports with a note and a photo, the chief has both erased; afterwards they are in no file of the server, in
// no fresh export and not on the phone, what was proven still is, and every screen says that something was erased. A hold forbids it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { promisify } from "node:util";
import { inAllThemes } from "./lib/axe.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { jsonRows, values } from "./lib/phone-store.mjs";
import { BINARY, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t, tLike } from "./lib/words.mjs";

const SLOW = { timeout: 30_000 };
const NOTE = "邻居王某家在七号院，电话13900001111";
const TABLES = ["ops", "records", "record_list", "blobs", "blob_bytes", "drafts", "outbox", "own_ops", "uploads", "people", "meta"];
const run = promisify(execFile);

/** Files below a folder, with their bytes. */
async function* files(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.isFile()) yield [path, await readFile(path)];
  }
}

describe("erasure", () => {
  const test = story();
  let server, volunteer, chief, phone, desk, record, photo, folder;

  before(async () => {
    server = await Server.start();
    folder = await mkdtemp(join(tmpdir(), "greenshield-erasure-"));
    volunteer = await Person.start(server);
    chief = await Person.start(server, { screen: "desk" });
    [phone, desk] = [new Field(volunteer), new Desk(chief)];
    await phone.enrol(server.invites.volunteer);
    await desk.enrol(await server.invite("chief", "--name", "赵站长"));
  });
  after(async () => {
    const ends = await Promise.allSettled([volunteer?.close(), chief?.close()]);
    await server?.remove();
    await rm(folder, { recursive: true, force: true });
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  const page = () => chief.page;
  const shows = (where, words) => where.getByText(words, { exact: true }).first().waitFor(SLOW);
  const inServer = async (bytes) => {
    const found = [];
    for await (const [path, content] of files(server.data)) if (content.includes(bytes)) found.push(path);
    return found;
  };
  const onPhone = async (bytes) => {
    const found = [];
    for (const table of TABLES) if ((await values(volunteer.page, table)).some((value) => value.includes(bytes))) found.push(table);
    return found;
  };
  const choose = (key) => page().getByRole("button", { name: t(key), exact: true }).click();

  test("a report with a note and a photo is at the server and on the phone", async () => {
    await phone.report({ files: [photoFile("erase")], note: NOTE });
    await phone.allSent();
    [{ record }] = (await jsonRows(volunteer.page, "record_list")).filter((row) => row.note);
    const blobs = await values(volunteer.page, "blob_bytes");
    photo = blobs.reduce((least, bytes) => (bytes.length < least.length ? bytes : least)).subarray(0, 4_000);
    assert.ok((await inServer(Buffer.from(NOTE))).length > 0);
    assert.ok((await inServer(photo)).length > 0);
    assert.ok((await onPhone(Buffer.from(NOTE))).includes("ops"));
  });

  test("under a legal hold nothing is erased", async () => {
    await chief.goto(`/desk?record=${record}`);
    await page().getByRole("link", { name: t("erase.from_record") }).click();
    await desk.heading("erase.title").waitFor(SLOW);
    await choose("hold.begin");
    await shows(page(), t("hold.why_missing"));
    await page().getByLabel(t("hold.why"), { exact: true }).fill("立案调取");
    await choose("hold.begin");
    await shows(page(), t("hold.holds", { why: "立案调取" }));
    assert.equal(await page().getByRole("button", { name: t("erase.do") }).count(), 0);
    await inAllThemes(page(), "a legal hold");
    await page().getByLabel(t("hold.why"), { exact: true }).fill("案件已结");
    await choose("hold.end");
    await page().getByRole("button", { name: t("erase.do") }).waitFor(SLOW);
  });

  test("who erases says what and why, and that it is meant", async () => {
    await choose("erase.do");
    await shows(page(), t("erase.choose_missing"));
    await choose("erase.all_personal");
    await choose("erase.do");
    await shows(page(), t("erase.basis_missing"));
    await choose("erase.basis_withdrawn");
    await choose("erase.do");
    await shows(page(), t("erase.sure_missing"));
    await inAllThemes(page(), "what is erased");
    await choose("erase.sure");
    await choose("erase.do");
    await page().getByText(tLike("erase.done")).first().waitFor(SLOW);
    await page().getByText(tLike("erase.gone")).first().waitFor(SLOW);
  });

  test("nothing of it is left in any file of the server, nor in a fresh export, which still passes the check", async () => {
    for (const bytes of [Buffer.from(NOTE), photo]) assert.deepEqual(await inServer(bytes), []);
    const file = join(folder, "export.zip");
    await run(BINARY, ["evidence", "--data", server.data, "--record", record, "--out", file]);
    const bytes = await readFile(file);
    for (const gone of [Buffer.from(NOTE), photo]) assert.ok(!bytes.includes(gone));
    await run(BINARY, ["verify", file]);
  });

  test("the phone loses it at its next contact, and says so instead of showing nothing", async () => {
    await volunteer.goto(`/records/${record}`);
    await volunteer.page.getByText(tLike("erase.gone")).first().waitFor(SLOW);
    for (const bytes of [Buffer.from(NOTE), photo]) assert.deepEqual(await onPhone(bytes), []);
    assert.equal((await values(volunteer.page, "blob_bytes")).length, 0);
    const step = volunteer.page.getByRole("listitem").filter({ hasText: t("erase.gone_title") });
    await step.filter({ hasText: t("erase.basis_withdrawn") }).first().waitFor();
    await inAllThemes(volunteer.page, "a record of which something was erased");
    await chief.goto(`/desk?record=${record}`);
    await page().getByText(tLike("erase.gone")).first().waitFor(SLOW);
  });

  test("who may not erase is told so", async () => {
    await volunteer.goto(`/desk/erase/${record}`);
    await shows(volunteer.page, t("error.forbidden"));
  });
});

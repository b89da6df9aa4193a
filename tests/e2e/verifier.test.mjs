// The page that checks evidence: kept in a folder and opened without a network, or fetched from the server. A real export passes,
// a changed one and one of another server do not, and what can not be checked is not called false.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { clean } from "./lib/axe.mjs";
import { jpeg } from "./lib/jpeg.mjs";
import { onPaper } from "./lib/paper.mjs";
import { codeOf, DIST, Server } from "./lib/server.mjs";
import { KIND_INCIDENT, recordId, reportEntries, sha256, Stranger } from "./lib/stranger.mjs";
import * as tus from "./lib/tus.mjs";

const FOLDER = new URL("../../crates/verifier/page/", import.meta.url);
/** A4 less its margins of 18 mm, in CSS pixels. */
const SHEET = { width: 657, height: 986 };
const words = {};
for (const language of ["zh-CN", "en"]) words[language] = JSON.parse(await readFile(new URL(`${language}.json`, FOLDER), "utf8"));

/** A text of the page with its gaps filled. */
const t = (key, language = "zh-CN", values = {}) => words[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

describe("the page that checks evidence", () => {
  let server, folder, browser, kept, good, fingerprint, bytes;
  const faults = [];

  before(async () => {
    server = await Server.start();
    folder = await mkdtemp(join(tmpdir(), "greenshield-verifier-"));
    // As on a USB stick: the page and the files, nothing else.
    kept = join(folder, "verify.html");
    await copyFile(join(DIST, "verify.html"), kept);
    const volunteer = new Stranger(server.origin);
    await volunteer.enrol(codeOf(server.invites.volunteer));
    fingerprint = createHash("sha256").update(volunteer.serverKey).digest("hex");
    const photo = jpeg({ seed: 3 });
    const op = volunteer.log.op(recordId(), KIND_INCIDENT, reportEntries({ photos: [{ sha256: sha256(photo), size: photo.length }] }));
    await volunteer.push([op], { signed: true });
    await tus.upload(volunteer, photo, 100_000);
    const reply = await volunteer.request("GET", `/v1/records/${op.record.toString("hex")}/evidence`);
    assert.equal(reply.status, 200);
    bytes = Buffer.from(await reply.arrayBuffer());
    good = join(folder, "export.zip");
    await writeFile(good, bytes);
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  });
  after(async () => {
    await browser?.close();
    await server?.remove();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** The page as a person has it: from the folder without a network, or from the server. */
  async function open(from, { locale = "zh-CN", viewport = { width: 1440, height: 900 }, colorScheme = "light" } = {}) {
    const context = await browser.newContext({ locale, viewport, colorScheme, acceptDownloads: false });
    context.setDefaultTimeout(20_000);
    const address = from === "folder" ? pathToFileURL(kept).href : `${server.origin}/verify.html`;
    context.on("request", (request) => {
      if (request.url() !== address && !request.url().startsWith("blob:")) faults.push(`a request: ${request.url()}`);
    });
    context.on("console", (message) => faults.push(`console: ${message.text()}`));
    context.on("weberror", (error) => faults.push(`uncaught: ${error.error()}`));
    if (from === "folder") await context.setOffline(true);
    const page = await context.newPage();
    await page.goto(address);
    return page;
  }

  async function choose(page, file, known = "", language = "zh-CN") {
    await page.getByLabel(t("server", language)).fill(known);
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: t("choose", language), exact: true }).click();
    await (await chooser).setFiles(file);
  }

  const verdict = (page, words) => page.getByRole("heading", { name: words, exact: true }).waitFor();
  const changed = async (name, change) => {
    const other = Buffer.from(bytes), path = join(folder, name);
    change(other);
    await writeFile(path, other);
    return path;
  };
  const codes = (page) => page.locator("#findings > li").evaluateAll((lines) => lines.map((line) => line.dataset.code));

  test("finds nothing wrong with a real export, from a folder without a network", async () => {
    const page = await open("folder");
    await choose(page, good, fingerprint.toUpperCase());
    await verdict(page, t("verdict.good"));
    await page.getByText(t("meaning.known")).waitFor();
    const facts = await page.locator("#result").innerText();
    assert.ok(facts.includes(createHash("sha256").update(bytes).digest("hex")), "the hash of the file");
    assert.ok(facts.replaceAll(" ", "").includes(fingerprint), "the fingerprint of the server");
    assert.equal(await page.evaluate(() => document.activeElement.id), "verdict", "a screen reader is at the verdict");
    await page.context().close();
  });

  test("says that only the file's own key was checked when no server is named", async () => {
    const page = await open("folder");
    await choose(page, good);
    await verdict(page, t("verdict.good"));
    await page.getByText(t("compare")).waitFor();
    await page.context().close();
  });

  test("does the same when the server hands it out", async () => {
    const reply = await fetch(`${server.origin}/verify.html`);
    const policy = reply.headers.get("content-security-policy");
    for (const part of ["default-src 'none'", "connect-src 'none'", "'wasm-unsafe-eval'", "frame-ancestors 'none'"]) assert.ok(policy.includes(part), part);
    assert.ok(!policy.includes("unsafe-inline") && !policy.includes("'self'"), policy);
    assert.equal(await reply.text(), await readFile(kept, "utf8"), "byte for byte the page that people keep");
    const page = await open("server");
    await choose(page, good, fingerprint);
    await verdict(page, t("verdict.good"));
    await page.context().close();
  });

  test("opens beside the app where the app is installed", async () => {
    const context = await browser.newContext({ locale: "zh-CN" });
    const page = await context.newPage();
    await page.goto(server.origin);
    // From now on the worker answers navigations; this one it lets through.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller ?? new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }))).then(() => {}));
    await page.goto(`${server.origin}/verify.html`);
    await page.getByRole("heading", { name: t("heading") }).waitFor();
    await context.close();
  });

  test("finds one changed byte, wherever it is", async () => {
    const page = await open("folder");
    const photo = bytes.indexOf(Buffer.from("files/")) + 100;
    for (const at of [0, photo, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const file = await changed(`changed-${at}.zip`, (other) => { other[at] ^= 1; });
      await choose(page, file, fingerprint);
      await verdict(page, t("verdict.bad", "zh-CN", { n: 1 }));
      assert.deepEqual(await codes(page), ["archive"]);
      await page.getByText(t("finding.archive")).waitFor();
    }
    await page.context().close();
  });

  test("finds a report that was rewritten by somebody who made the checksums right", async () => {
    const page = await open("folder");
    const file = await changed("rewritten.zip", (other) => {
      // The first file is README.txt: one letter of it, and the CRC-32 in both of its headers.
      const size = other.readUInt32LE(18), start = 30 + other.readUInt16LE(26), directory = other.readUInt32LE(other.length - 6);
      other[start] ^= 1;
      const crc = crc32(other.subarray(start, start + size));
      other.writeUInt32LE(crc, 14);
      other.writeUInt32LE(crc, directory + 16);
    });
    await choose(page, file, fingerprint);
    await verdict(page, t("verdict.bad", "zh-CN", { n: 1 }));
    assert.deepEqual(await codes(page), ["altered"]);
    await page.getByText(t("finding.altered")).waitFor();
    await page.getByText(t("said.claimed")).waitFor();
    await page.context().close();
  });

  test("refuses an export of another server", async () => {
    const page = await open("folder");
    await choose(page, good, "ab".repeat(32));
    await verdict(page, t("verdict.bad", "zh-CN", { n: 1 }));
    assert.deepEqual(await codes(page), ["other_server"]);
    assert.ok((await page.locator("#findings").innerText()).includes(fingerprint));
    await page.context().close();
  });

  test("asks again for a fingerprint that is none, and checks nothing until it is one", async () => {
    const page = await open("folder");
    await choose(page, good, "12345");
    await page.getByText(t("server_error")).waitFor();
    assert.equal(await page.locator("#result").isVisible(), false);
    await choose(page, good, fingerprint.match(/.{4}/g).join(" "));
    await verdict(page, t("verdict.good"));
    await page.context().close();
  });

  test("does not call a file false that it could not read", async () => {
    const page = await open("folder");
    // On its way to the worker the file becomes something that can not be read.
    await page.evaluate(() => {
      const post = Worker.prototype.postMessage;
      Worker.prototype.postMessage = function (task) { post.call(this, { ...task, file: { size: 5 } }); };
    });
    await choose(page, good);
    await verdict(page, t("verdict.fault"));
    await page.getByText(t("fault.broken")).waitFor();
    await page.context().close();
  });

  test("needs no mouse", async () => {
    const page = await open("folder");
    const chooser = page.waitForEvent("filechooser");
    await page.getByLabel(t("server")).focus();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.id), "choose");
    await page.keyboard.press("Enter");
    await (await chooser).setFiles(good);
    await verdict(page, t("verdict.good"));
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.id), "print");
    await page.context().close();
  });

  test("takes a file that is dropped on it", async () => {
    const page = await open("folder");
    const drop = await page.evaluateHandle((letters) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0))], "export.zip"));
      return transfer;
    }, bytes.toString("base64"));
    await page.dispatchEvent("#drop", "drop", { dataTransfer: drop });
    await verdict(page, t("verdict.good"));
    await page.context().close();
  });

  for (const [language, other] of [["zh-CN", "English"], ["en", "中文"]]) {
    test(`is whole and accessible in ${language}, light, dark and on paper`, async () => {
      const bad = await changed("bad.zip", (file) => { file[200] ^= 1; });
      for (const colorScheme of ["light", "dark"]) {
        for (const viewport of [{ width: 390, height: 844 }, { width: 1440, height: 900 }]) {
          const page = await open("folder", { locale: language, viewport, colorScheme });
          const where = `${language}, ${colorScheme}, ${viewport.width}`;
          await page.getByRole("heading", { name: t("heading", language) }).waitFor();
          await clean(page, `empty: ${where}`);
          await choose(page, good, fingerprint, language);
          await verdict(page, t("verdict.good", language));
          await clean(page, `good: ${where}`);
          await picture(page, `good-${language}-${colorScheme}-${viewport.width}`);
          await choose(page, bad, "", language);
          await verdict(page, t("verdict.bad", language, { n: 1 }));
          await clean(page, `bad: ${where}`);
          await picture(page, `bad-${language}-${colorScheme}-${viewport.width}`);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `nothing is cut off: ${where}`);
          if (viewport.width > 1000) await onPaper(page, `verifier ${where}`, { most: 2, sheet: SHEET });
          await page.getByRole("button", { name: other, exact: true }).click();
          await verdict(page, t("verdict.bad", language === "en" ? "zh-CN" : "en", { n: 1 }));
          await page.context().close();
        }
      }
    });
  }

  test("asked for nothing but itself and complained about nothing", () => assert.deepEqual([...new Set(faults)], []));
});

/** A picture for whoever wants to look: `GREENSHIELD_PICTURES` names the folder. */
async function picture(page, name) {
  if (process.env.GREENSHIELD_PICTURES) await page.screenshot({ path: join(process.env.GREENSHIELD_PICTURES, `verifier-${name}.png`), fullPage: true });
}

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

// The same work done by a bare IndexedDB transaction and by PouchDB, on a blank page of the same browser.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { chromium } from "playwright-core";

const POUCH = new URL("../node_modules/pouchdb/dist/pouchdb.min.js", import.meta.url);

/** A blank page with PouchDB and our helpers, of an origin of its own. */
export async function baselinePage() {
  const server = createServer((_, reply) => { reply.setHeader("content-type", "text/html"); reply.end("<!doctype html><title>baseline</title>"); });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.addScriptTag({ content: await readFile(POUCH, "utf8") });
  await page.evaluate(helpers);
  const session = await page.context().newCDPSession(page);
  return {
    page,
    slowDown: (rate) => session.send("Emulation.setCPUThrottlingRate", { rate }),
    async close() { await browser.close(); server.close(); },
  };
}

/** Defined in the page: what both baselines share. */
function helpers() {
  const bench = {};
  bench.bytes = (length, seed) => {
    const out = new Uint8Array(length);
    let state = seed * 2654435761 + 1;
    for (let i = 0; i < length; i++) { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; out[i] = state >>> 24; }
    return out;
  };
  bench.open = (name, stores) => new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => stores.forEach((store) => opening.result.createObjectStore(store));
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  bench.write = (database, stores, durability, work) => new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, "readwrite", { durability });
    work(...stores.map((store) => transaction.objectStore(store)));
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
  /** A record as big as a report's op with its list row. */
  bench.record = (i) => ({ id: `r${String(i).padStart(8, "0")}`, op: bench.bytes(620, i), row: bench.bytes(420, i + 1) });
  bench.doc = (i) => ({
    _id: `r${String(1e9 - i)}`, kind: 10, category: "forest-grassland-fire", note: "山口有烟，风向东。".repeat(4), found: 1.76e12 + i, lat: 389256000, lon: 1004498000,
    signature: "a".repeat(88), header: "b".repeat(380), state: null, photos: 2, reporter: "c".repeat(32),
  });
  bench.big = (i) => bench.bytes(8, i).reduce((key, byte) => key * 256 + byte, 0);
  window.bench = bench;
}

/** Saving a report with three photos of 350 KB, strict. */
export const savePhotosRaw = (page, i) => page.evaluate(async (i) => {
  const { bench } = window;
  bench.photoDatabase ??= await bench.open("raw-photos", ["ops", "blobs"]);
  const photos = [0, 1, 2].map((n) => bench.bytes(350_000, i * 3 + n)), record = bench.record(i);
  const from = performance.now();
  await bench.write(bench.photoDatabase, ["ops", "blobs"], "strict", (ops, blobs) => {
    ops.put(record.op, record.id);
    photos.forEach((photo, n) => blobs.put(photo, `${record.id}-${n}`));
  });
  return performance.now() - from;
}, i);

export const savePhotosPouch = (page, i) => page.evaluate(async (i) => {
  const { bench, PouchDB } = window;
  bench.photoPouch ??= new PouchDB("pouch-photos");
  await bench.photoPouch.info();
  const attachment = (n) => ({ content_type: "image/jpeg", data: new Blob([bench.bytes(350_000, i * 3 + n)], { type: "image/jpeg" }) });
  const doc = { ...bench.doc(i), _attachments: { a: attachment(0), b: attachment(1), c: attachment(2) } };
  const from = performance.now();
  await bench.photoPouch.put(doc);
  return performance.now() - from;
}, i);

/** Saving one report without photos, strict. */
export const saveRaw = (page, i) => page.evaluate(async (i) => {
  const { bench } = window;
  bench.saveDatabase ??= await bench.open("raw-save", ["ops", "rows"]);
  const record = bench.record(i), from = performance.now();
  await bench.write(bench.saveDatabase, ["ops", "rows"], "strict", (ops, rows) => { ops.put(record.op, record.id); rows.put(record.row, record.id); });
  return performance.now() - from;
}, i);

export const savePouch = (page, i) => page.evaluate(async (i) => {
  const { bench, PouchDB } = window;
  bench.savePouch ??= new PouchDB("pouch-save");
  await bench.savePouch.info();
  const from = performance.now();
  await bench.savePouch.put(bench.doc(i));
  return performance.now() - from;
}, i);

/** Applying 10,000 pulled records in pages of 1,000. */
export const bulkRaw = (page, i, count) => page.evaluate(async ([i, count]) => {
  const { bench } = window, database = await bench.open(`raw-bulk-${i}`, ["ops", "rows"]);
  const from = performance.now();
  for (let at = 0; at < count; at += 1000) {
    await bench.write(database, ["ops", "rows"], "relaxed", (ops, rows) => {
      for (let n = at; n < at + 1000; n++) { const record = bench.record(n); ops.put(record.op, record.id); rows.put(record.row, record.id); }
    });
  }
  database.close();
  return performance.now() - from;
}, [i, count]);

export const bulkPouch = (page, i, count) => page.evaluate(async ([i, count]) => {
  const { bench, PouchDB } = window, database = new PouchDB(`pouch-bulk-${i}`);
  await database.info();
  const from = performance.now();
  for (let at = 0; at < count; at += 1000) {
    const docs = Array.from({ length: 1000 }, (_, n) => ({ ...bench.doc(at + n), _rev: `1-${String(at + n).padStart(32, "0")}` }));
    await database.bulkDocs(docs, { new_edits: false });
  }
  const took = performance.now() - from;
  await database.close();
  return took;
}, [i, count]);

/** The newest 50 of many: the stores are filled once, then opened anew and read each time. */
export const newestRaw = (page, count) => page.evaluate(async (count) => {
  const { bench } = window;
  if (!bench.listFilled) {
    const filling = await bench.open("raw-list", ["rows"]);
    for (let at = 0; at < count; at += 5000) await bench.write(filling, ["rows"], "relaxed", (rows) => { for (let n = at; n < at + 5000; n++) rows.put(bench.record(n).row, count - n); });
    filling.close();
    bench.listFilled = true;
  }
  const from = performance.now();
  const database = await bench.open("raw-list", ["rows"]);
  await new Promise((resolve) => { const all = database.transaction("rows").objectStore("rows").getAll(null, 50); all.onsuccess = () => resolve(all.result); });
  const took = performance.now() - from;
  database.close();
  return took;
}, count);

export const newestPouch = (page, count) => page.evaluate(async (count) => {
  const { bench, PouchDB } = window;
  if (!bench.pouchFilled) {
    const filling = new PouchDB("pouch-list");
    for (let at = 0; at < count; at += 2000) await filling.bulkDocs(Array.from({ length: 2000 }, (_, n) => ({ ...bench.doc(at + n), _rev: `1-${"0".repeat(32)}` })), { new_edits: false });
    await filling.close();
    bench.pouchFilled = true;
  }
  const from = performance.now();
  const database = new PouchDB("pouch-list");
  await database.allDocs({ limit: 50, include_docs: true });
  const took = performance.now() - from;
  await database.close();
  return took;
}, count);

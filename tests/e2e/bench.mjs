// Measures the budgets of the architecture on the real app and the real server, beside a bare IndexedDB and PouchDB doing the
// same work in the same run. Prints a table and writes it to docs/bench.md. Not a test: numbers depend on the machine.
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import * as app from "./lib/bench-app.mjs";
import * as base from "./lib/bench-baseline.mjs";
import { medianOf, median, table } from "./lib/bench-numbers.mjs";
import { ingestRate, pushAll, shellSize, strangerWithReports, wireCost } from "./lib/bench-server.mjs";
import { ownWire, pouchWire } from "./lib/bench-wire.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field, FIRE } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { DIST, Server } from "./lib/server.mjs";

const quick = process.argv.includes("--quick");
const TIMES = quick ? 1 : 5, RECORDS = quick ? 2_000 : 10_000, LIST = quick ? 10_000 : 100_000, INBOX = quick ? 5_000 : 50_000, SHOTS = quick ? 48 : 1_000;
const thousands = (n) => n.toLocaleString("en-US");
const results = [];
const say = (text) => process.stderr.write(`${text}\n`);
const add = (row) => { results.push(row); say(`  ${row.what}: ${(row.show ?? ((n) => `${n?.toFixed(1)} ms`))(row.own)}`); };
/** A part that fails leaves a line in the table and lets the others run. */
async function part(name, work) {
  say(name);
  try { await work(); } catch (error) { results.push({ what: `${name}: not measured (${error.message.split("\n")[0]})`, show: () => "–" }); say(`  failed: ${error.stack}`); }
}

await part("size of the app shell", async () => {
  const { total } = await shellSize(DIST);
  add({ what: "app shell (wasm, js, css, html), brotli", budget: "500 KB", own: total, show: (n) => `${Math.round(n / 1000)} KB`, met: total <= 500_000 });
});

const server = await Server.start({ webDir: DIST });
const baseline = await base.baselinePage();
try {
  await part("server", async () => {
    const rate = await medianOf(TIMES, () => ingestRate(server, 4, 1500));
    add({ what: "server ingest over HTTP, 4 senders, batches of 500, each durable", budget: "3,000 ops/s", own: rate, show: (n) => `${thousands(Math.round(n))} ops/s`, met: rate >= 3000 });
    const wire = await wireCost(server);
    const perOp = (n) => `${Math.round(n)} B an op`;
    add({ what: "sync of 1,000 reports: push, before the phone packs it", own: wire.opBytes, show: perOp });
    add({ what: "sync of 1,000 reports: push, packed as phones send it", budget: "350 B an op", own: wire.pushGzip, show: perOp, met: wire.pushGzip <= 350 });
    add({ what: "sync of 1,000 reports: pull, compressed, one request", own: wire.pull, show: perOp });
    const [own, pouch] = [await ownWire(server), await pouchWire()];
    add({ what: "sync of 1,000 reports: everything on the wire, both ways, with headers and receipts", budget: "350 B an op", own: own.bytes, pouch: pouch.bytes, show: perOp, met: own.bytes <= 350 });
    add({ what: "sync of 1,000 reports: requests", budget: "4", own: own.requests, pouch: pouch.requests, show: (n) => `${n}`, met: own.requests <= 4 });
  });
} finally { await server.remove(); }

const city = await Server.start({ webDir: DIST });
let person;
try {
  await part(`first pull of ${thousands(RECORDS)} records`, async () => {
    await pushAll(await strangerWithReports(city, "volunteer", RECORDS));
    const pulls = [];
    for (let i = 0; i < (quick ? 1 : 3); i++) {
      const one = await Person.start(city);
      pulls.push(await app.firstPull(one, await city.invite("volunteer"), RECORDS));
      if (i === 0) person = one; else await one.close();
    }
    const raw = await medianOf(TIMES, (i) => base.bulkRaw(baseline.page, i, RECORDS)), pouch = await medianOf(quick ? 1 : 3, (i) => base.bulkPouch(baseline.page, i, RECORDS));
    add({ what: `${thousands(RECORDS)} records fetched, checked and applied on a new phone`, budget: "1.7 s applied", own: median(pulls), raw, pouch, met: median(pulls) <= 1700 * (RECORDS / 10_000) });
    const memory = await app.pageMemory(person);
    add({ what: `memory of the page with ${thousands(RECORDS)} records (JS and wasm)`, budget: "60 MB", own: memory, show: (n) => `${n.toFixed(1)} MB`, met: memory <= 60 });
  });

  await part("offline cold start", async () => {
    await new Field(person).precached();
    for (const rate of [6, 1]) {
      const own = await medianOf(TIMES, () => app.coldStart(person, rate));
      add({ what: `offline cold start to usable, ${thousands(RECORDS)} records, CPU ×${rate}`, budget: rate === 6 ? "2.0 s" : undefined, own, met: rate === 6 ? own <= 2000 : undefined });
    }
  });

  for (const rate of [1, 6]) {
    await part(`saving at CPU ×${rate}`, async () => {
      const kept = { 0: [], 3: [] }, longest = [];
      for (let round = 0; round < TIMES; round++) {
        for (const photos of [0, 3]) {
          const { took, longest: long } = await app.saveFromTap(person, { photos, rate, round });
          kept[photos].push(took);
          longest.push(long);
        }
      }
      await baseline.slowDown(rate);
      const first = rate * 1000;
      const raw = { 0: await medianOf(TIMES + 2, (i) => base.saveRaw(baseline.page, first + i)), 3: await medianOf(TIMES + 2, (i) => base.savePhotosRaw(baseline.page, first + i)) };
      const pouch = { 0: await medianOf(TIMES + 2, (i) => base.savePouch(baseline.page, first + i)), 3: await medianOf(TIMES + 2, (i) => base.savePhotosPouch(baseline.page, first + i)) };
      await baseline.slowDown(1);
      add({ what: `save without a photo, tap to 已存本机, CPU ×${rate}`, own: median(kept[0]), raw: raw[0], pouch: pouch[0] });
      add({ what: `save with 3 photos, tap to 已存本机, CPU ×${rate}`, budget: "400 ms", own: median(kept[3]), raw: raw[3], pouch: pouch[3], met: median(kept[3]) <= 400 });
      add({ what: `longest block of the main thread while saving, CPU ×${rate}`, budget: "100 ms", own: Math.max(...longest), met: Math.max(...longest) <= 100 });
    });
  }

  await part(`memory with ${thousands(SHOTS)} photos`, async () => {
    await person.setOffline(true);
    await person.goto("/");
    await app.takePhotos(person, SHOTS);
    // A browser that was closed holds nothing of the pages before.
    await person.context.close();
    await person.reopen("/");
    await new Field(person).heading("today.title").waitFor();
    const memory = await app.pageMemory(person);
    add({ what: `memory of the page with ${thousands(RECORDS)} records and ${thousands(SHOTS)} photos that are not sent (JS and wasm)`, budget: "60 MB", own: memory, show: (n) => `${n.toFixed(1)} MB`, met: memory <= 60 });
  });

  await part(`newest of ${thousands(LIST)}`, async () => {
    await app.seedList(person.page, LIST);
    const own = await medianOf(TIMES, () => app.openList(person));
    const raw = await medianOf(TIMES, () => base.newestRaw(baseline.page, LIST)), pouch = await medianOf(TIMES, () => base.newestPouch(baseline.page, LIST));
    add({ what: `newest of ${thousands(LIST)} on the screen, from the tap on 记录`, budget: "50 ms", own, raw, pouch, met: own <= 50 });
  });
} finally {
  await person?.close().catch((error) => say(error.message));
  await baseline.close();
  await city.remove();
}

const office = await Server.start({ webDir: DIST });
let officer;
try {
  await part(`an inbox of ${thousands(INBOX)}`, async () => {
    await pushAll(await strangerWithReports(office, "volunteer", 1));
    officer = await Person.start(office, { screen: "desk" });
    const desk = new Desk(officer);
    await desk.enrol(office.invites.desk);
    await desk.line().first().waitFor();
    await app.seedInbox(officer.page, INBOX);
    const opened = [], filtered = [];
    for (let i = 0; i < TIMES; i++) {
      opened.push(await app.openInbox(officer, INBOX));
      filtered.push(await app.filterInbox(officer, INBOX));
    }
    const of = (all, key) => median(all.map((one) => one[key]));
    const first = of(opened, "first"), whole = of(opened, "whole"), closed = of(filtered, "closed"), words = of(filtered, "words");
    add({ what: `inbox of ${thousands(INBOX)}: first lines, from the tap on 值班台 in a page that was just opened`, budget: "1 s", own: first, met: first <= 1000 });
    add({ what: `inbox of ${thousands(INBOX)}: all of them read, counted and in order, from the same tap`, own: whole });
    add({ what: `inbox of ${thousands(INBOX)}: another part, from the tap to its lines`, budget: "100 ms", own: closed, met: closed <= 100 });
    add({ what: `inbox of ${thousands(INBOX)}: words, from the last letter to the line that has them`, budget: "100 ms", own: words, met: words <= 100 });
  });
} finally {
  await officer?.close().catch((error) => say(error.message));
  await office.remove();
}

const text = `# Measurements

Written by \`cargo xtask bench\`; do not edit by hand. Machine: ${cpus().length} cores. Median of ${TIMES} runs.
CPU ×6 is Chromium's own throttling of the page. Times of the app run from the tap to the words on the screen and include drawing,
hashing, signing and reading back; those of raw IndexedDB and PouchDB are the bare calls. Raw IndexedDB writes with
\`durability: "strict"\` where the app does; PouchDB flushes nothing. Rows of the list of ${thousands(LIST)} and of the inbox were written
into the app's own table, the latter sealed; all other records came through the real server.

${table(results)}
`;
process.stdout.write(text);
if (!quick) await writeFile(new URL("../../docs/bench.md", import.meta.url), text);

// Measures the budgets of the architecture on the real app and the real server, beside a bare IndexedDB and PouchDB doing the
// same work in the same run. Prints a table and writes it to docs/bench.md. Not a test: numbers depend on the machine.
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import * as app from "./lib/bench-app.mjs";
import * as base from "./lib/bench-baseline.mjs";
import { removePin, setPin, unlock } from "./lib/bench-lock.mjs";
import { openMap } from "./lib/bench-map.mjs";
import { medianOf, median, table } from "./lib/bench-numbers.mjs";
import { ingestRate, pushAll, shellSize, strangerWithReports, wireCost } from "./lib/bench-server.mjs";
import { ownWire, pouchWire } from "./lib/bench-wire.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field, photoFile } from "./lib/field.mjs";
import { GL, Person } from "./lib/person.mjs";
import { DIST, Server } from "./lib/server.mjs";

const quick = process.argv.includes("--quick");
/** Words of the parts that are wanted, `--only=unlock,map`; without any, all of them. */
const only = process.argv.find((word) => word.startsWith("--only="))?.slice("--only=".length).split(",");
const TIMES = quick ? 1 : 5, RECORDS = quick ? 2_000 : 10_000, LIST = quick ? 10_000 : 100_000, INBOX = quick ? 5_000 : 50_000, SHOTS = quick ? 48 : 1_000;
const thousands = (n) => n.toLocaleString("en-US");
const results = [];
const say = (text) => process.stderr.write(`${text}\n`);
const add = (row) => { results.push(row); say(`  ${row.what}: ${(row.show ?? ((n) => `${n?.toFixed(1)} ms`))(row.own)}`); };
const isWanted = (name) => only === undefined || only.some((word) => name.includes(word));
/** A part that fails leaves a line in the table and lets the others run. */
async function part(name, work) {
  if (!isWanted(name)) return;
  say(name);
  try { await work(); } catch (error) { results.push({ what: `${name}: not measured (${error.message.split("\n")[0]})`, show: () => "–" }); say(`  failed: ${error.stack}`); }
}
/** Makes something the first time that it is wanted, and closes it at the end if it was. */
function once(make, close) {
  let made;
  const get = () => (made ??= make());
  get.close = async () => { if (made) await made.then(close).catch((error) => say(error.message)); };
  return get;
}
const newServer = () => once(() => Server.start({ webDir: DIST }), (server) => server.remove());
const close = (one) => one.close();

await part("size of the app shell", async () => {
  const { total, desk } = await shellSize(DIST);
  add({ what: "app shell (wasm, js, css, html), brotli", budget: "500 KB", own: total, show: (n) => `${Math.round(n / 1000)} KB`, met: total <= 500_000 });
  add({ what: "part of the desk, on phones of those who work there, brotli", own: desk, show: (n) => `${Math.round(n / 1000)} KB` });
});

const anybody = newServer(), baseline = once(base.baselinePage, close);
await part("server", async () => {
  const server = await anybody();
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
await anybody.close();

const city = once(async () => {
  const server = await Server.start({ webDir: DIST });
  await pushAll(await strangerWithReports(server, "volunteer", RECORDS));
  return server;
}, (server) => server.remove());
const pulls = [];
/** A new phone that fetches all records of the city. */
async function pulled() {
  const server = await city(), one = await Person.start(server);
  pulls.push(await app.firstPull(one, await server.invite("volunteer"), RECORDS));
  return one;
}
/** The phone that the parts share, one after the other. */
const full = once(async () => {
  const person = await pulled();
  await person.context.addInitScript(app.watcher);
  return person;
}, close);

await part(`first pull of ${thousands(RECORDS)} records`, async () => {
  const person = await full(), { page } = await baseline();
  while (pulls.length < (quick ? 1 : 3)) await (await pulled()).close();
  const raw = await medianOf(TIMES, (i) => base.bulkRaw(page, i, RECORDS)), pouch = await medianOf(quick ? 1 : 3, (i) => base.bulkPouch(page, i, RECORDS));
  add({ what: `${thousands(RECORDS)} records fetched, checked and applied on a new phone`, budget: "1.7 s applied", own: median(pulls), raw, pouch, met: median(pulls) <= 1700 * (RECORDS / 10_000) });
  const memory = await app.pageMemory(person);
  add({ what: `memory of the page with ${thousands(RECORDS)} records (JS and wasm)`, budget: "60 MB", own: memory, show: (n) => `${n.toFixed(1)} MB`, met: memory <= 60 });
});

await part("offline cold start", async () => {
  const person = await full();
  await new Field(person).precached();
  for (const rate of [6, 1]) {
    const own = await medianOf(TIMES, () => app.coldStart(person, rate));
    add({ what: `offline cold start to usable, ${thousands(RECORDS)} records, CPU ×${rate}`, budget: rate === 6 ? "2.0 s" : undefined, own, met: rate === 6 ? own <= 2000 : undefined });
  }
});

await part("unlock with a PIN", async () => {
  const person = await full();
  await setPin(person);
  try {
    for (const rate of [6, 1]) {
      const own = await medianOf(TIMES, () => unlock(person, rate));
      add({ what: `unlock with a PIN, ${thousands(RECORDS)} records, CPU ×${rate}: from the last digit to the first screen`, budget: rate === 6 ? "1.5 s" : undefined, own, met: rate === 6 ? own <= 1500 : undefined });
    }
  } finally { await removePin(person); }
});

for (const rate of [1, 6]) {
  await part(`saving at CPU ×${rate}`, async () => {
    const person = await full(), { page, slowDown } = await baseline();
    const kept = { 0: [], 3: [] }, longest = [];
    for (let round = 0; round < TIMES; round++) {
      for (const photos of [0, 3]) {
        const { took, longest: long } = await app.saveFromTap(person, { photos, rate, round });
        kept[photos].push(took);
        longest.push(long);
      }
    }
    await slowDown(rate);
    const first = rate * 1000;
    const raw = { 0: await medianOf(TIMES + 2, (i) => base.saveRaw(page, first + i)), 3: await medianOf(TIMES + 2, (i) => base.savePhotosRaw(page, first + i)) };
    const pouch = { 0: await medianOf(TIMES + 2, (i) => base.savePouch(page, first + i)), 3: await medianOf(TIMES + 2, (i) => base.savePhotosPouch(page, first + i)) };
    await slowDown(1);
    add({ what: `save without a photo, tap to 已存本机, CPU ×${rate}`, own: median(kept[0]), raw: raw[0], pouch: pouch[0] });
    add({ what: `save with 3 photos, tap to 已存本机, CPU ×${rate}`, budget: "400 ms", own: median(kept[3]), raw: raw[3], pouch: pouch[3], met: median(kept[3]) <= 400 });
    add({ what: `longest block of the main thread while saving, CPU ×${rate}`, budget: "100 ms", own: Math.max(...longest), met: Math.max(...longest) <= 100 });
  });
}

await part(`memory with ${thousands(SHOTS)} photos`, async () => {
  const person = await full();
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
  const person = await full(), { page } = await baseline();
  await app.seedList(person.page, LIST);
  const own = await medianOf(TIMES, () => app.openList(person));
  const raw = await medianOf(TIMES, () => base.newestRaw(page, LIST)), pouch = await medianOf(TIMES, () => base.newestPouch(page, LIST));
  add({ what: `newest of ${thousands(LIST)} on the screen, from the tap on 记录`, budget: "50 ms", own, raw, pouch, met: own <= 50 });
});
await full.close();
await baseline.close();

await part("12 photos at once", async () => {
  const small = newServer(), phones = [];
  try {
    const nothing = await Person.start(await small());
    phones.push({ person: nothing, with: "no records" });
    await new Field(nothing).enrol((await small()).invites.volunteer);
    phones.push({ person: await pulled(), with: `${thousands(RECORDS)} records` });
    for (const { person } of phones) {
      await new Field(person).precached();
      await person.setOffline(true);
    }
    for (const rate of [1, 6]) {
      for (const [of, phone] of phones.entries()) {
        const files = (round) => Array.from({ length: 12 }, (_, i) => photoFile(`twelve-${of}-${rate}-${round}-${i}`, { width: 1600, height: 1200, grain: 12 }).path);
        const own = await medianOf(TIMES, (round) => app.choosePhotos(phone.person, files(round), rate));
        add({ what: `12 photos chosen at once, to all of them on the screen, ${phone.with}, CPU ×${rate}`, own });
      }
    }
  } finally {
    for (const { person } of phones) await person.close().catch((error) => say(error.message));
    await small.close();
  }
});
await city.close();

/** A desk with so many reports in its list. */
async function office(like, args = []) {
  const server = await Server.start({ webDir: DIST });
  await pushAll(await strangerWithReports(server, "volunteer", 1));
  const officer = await Person.start(server, { screen: "desk", args });
  await officer.context.addInitScript(app.watcher);
  const desk = new Desk(officer);
  await desk.enrol(server.invites.desk);
  await desk.line().first().waitFor();
  await app.seedInbox(officer.page, INBOX, like);
  return { officer, leave: async () => { await officer.close().catch((error) => say(error.message)); await server.remove(); } };
}

await part(`inbox of ${thousands(INBOX)}`, async () => {
  const { officer, leave } = await office();
  try {
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
  } finally { await leave(); }
});

await part(`map of ${thousands(INBOX)}`, async () => {
  const { officer, leave } = await office(app.WAITING, GL);
  try {
    const opened = [];
    for (let i = 0; i < TIMES; i++) opened.push(await openMap(officer, INBOX));
    add({ what: `map of ${thousands(INBOX)} at the desk, drawn without a graphics card: from the tap on 地图 to the marks`, own: median(opened.map(({ took }) => took)) });
    add({ what: `map of ${thousands(INBOX)} at the desk: longest block of the main thread meanwhile`, own: Math.max(...opened.map(({ longest }) => longest)) });
  } finally { await leave(); }
});

const text = `# Measurements

Written by \`cargo xtask bench\`; do not edit by hand. Machine: ${cpus().length} cores. Median of ${TIMES} runs.
CPU ×6 is Chromium's own throttling of the page; its workers, which make small photos and the key of a PIN, are not slowed. Times of the app run from the tap to the words on the screen and include drawing,
hashing, signing and reading back; those of raw IndexedDB and PouchDB are the bare calls. Raw IndexedDB writes with
\`durability: "strict"\` where the app does; PouchDB flushes nothing. Rows of the list of ${thousands(LIST)} and of the inbox were written
into the app's own table, the latter sealed; all other records came through the real server.

${table(results)}
`;
process.stdout.write(text);
if (!quick && only === undefined) await writeFile(new URL("../../docs/bench.md", import.meta.url), text);

// How long people wait in the app. Times are taken inside the page, from the tap to the words on the screen.
import { categoryName, Field, FIRE, photoFile, stateName } from "./field.mjs";
import { putRows, rows } from "./phone-store.mjs";

/** Installed in every page: notes when the app is usable, and times a tap to a heading. */
export const watcher = `
  (() => {
    const usable = () => document.querySelector("nav a[href]") !== null && document.querySelector("#boot") === null;
    const look = () => { if (window.gsUsableAt === undefined && document.body && usable()) { window.gsUsableAt = performance.now(); return; } requestAnimationFrame(look); };
    requestAnimationFrame(look);
    window.gsTapTo = (text, selector) => new Promise((resolve) => {
      let tapped = 0;
      document.addEventListener("click", (event) => { tapped ||= event.timeStamp; }, { capture: true, once: true });
      const watch = () => {
        const found = tapped && [...document.querySelectorAll(selector)].some((element) => element.textContent.includes(text));
        if (found) resolve(performance.now() - tapped); else requestAnimationFrame(watch);
      };
      requestAnimationFrame(watch);
    });
    window.gsLongest = 0;
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.gsLongest = Math.max(window.gsLongest, entry.duration); }).observe({ type: "longtask" });
  })();
`;

/** Closes the browser, opens it again without a network and at a slower processor, and waits until the app is usable. */
export async function coldStart(person, rate) {
  await person.context.close();
  await person.reopen(null);
  await person.context.setOffline(true);
  await person.context.addInitScript(watcher);
  await person.slowDown(rate);
  await person.goto("/");
  await person.page.waitForFunction(() => window.gsUsableAt !== undefined);
  return person.page.evaluate(() => window.gsUsableAt);
}

/** From the tap on 保存 to the words 已存本机, with so many photos in the form. */
export async function saveFromTap(person, { photos, rate, round }) {
  const phone = new Field(person);
  await person.goto("/");
  await phone.openReport();
  for (let i = 0; i < photos; i++) await phone.takePhoto(photoFile(`bench-${rate}-${round}-${i}`, { width: 1600, height: 1200, grain: 12 }).path, i + 1);
  if (photos === 0) await phone.button("report.no_photo").click();
  await phone.chooseCategory(FIRE);
  const session = await person.slowDown(rate);
  await person.page.evaluate(() => { window.gsLongest = 0; });
  const waiting = person.page.evaluate(([text]) => window.gsTapTo(text, "h1"), [phone.t("saved.title")]);
  await phone.saveButton().click();
  const took = await waiting;
  const longest = await person.page.evaluate(() => window.gsLongest);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  return { took, longest };
}

/** From the tap on 记录 to the first lines of the list. */
export async function openList(person) {
  const phone = new Field(person);
  await person.goto("/");
  await phone.tab("tab.records").waitFor();
  const waiting = person.page.evaluate(() => {
    let tapped = 0;
    document.addEventListener("click", (event) => { tapped ||= event.timeStamp; }, { capture: true, once: true });
    return new Promise((resolve) => {
      const watch = () => { if (tapped && document.querySelectorAll("main a.item").length >= 5) resolve(performance.now() - tapped); else requestAnimationFrame(watch); };
      requestAnimationFrame(watch);
    });
  });
  await phone.tab("tab.records").click();
  return waiting;
}

/** Fills the list of this phone with rows in the app's own format, newest one minute ago. */
export async function seedList(page, count) {
  const sample = (await rows(page, "record_list", { withText: true }))[0];
  await page.evaluate(([text, count]) => new Promise((resolve, reject) => {
    const row = JSON.parse(text), encoder = new TextEncoder();
    const opening = indexedDB.open("gs-main");
    opening.onsuccess = async () => {
      const database = opening.result;
      for (let at = 0; at < count; at += 5000) {
        await new Promise((done) => {
          const transaction = database.transaction("record_list", "readwrite"), store = transaction.objectStore("record_list");
          for (let n = at; n < Math.min(count, at + 5000); n++) {
            const found = Date.now() - 60_000 * (n + 1), key = new Uint8Array(24), view = new DataView(key.buffer);
            view.setBigUint64(0, ~(BigInt.asUintN(64, BigInt(found)) ^ (1n << 63n)) & 0xffffffffffffffffn);
            view.setUint32(8, n); view.setUint32(12, 0x70008000);
            const record = Array.from(key.slice(8), (byte) => byte.toString(16).padStart(2, "0")).join("");
            store.put(encoder.encode(JSON.stringify({ ...row, record, sort_millis: found })), key);
          }
          transaction.oncomplete = done;
          transaction.onabort = () => reject(transaction.error);
        });
      }
      database.close();
      resolve();
    };
  }), [sample.text, count]);
}

const INBOX = [["forest-grassland-fire", null], ["garbage-dumping", "signed"], ["poaching", "handling"], ["garbage-dumping", "closed"], ["poaching", "closed"]];
/** Reports that all wait, so that one part of the inbox has all of them. */
export const WAITING = [["garbage-dumping", null], ["poaching", null], ["overgrazing", null]];
/** Somewhere in the city, evenly, another place for each number. */
const placeOf = (n) => ({ at: { lat_e7: Math.round(382e6 + ((n * 0.618034) % 1) * 12e6), lon_e7: Math.round(985e6 + ((n * 0.754878) % 1) * 30e6) } });

/** Fills the inbox of a desk with sealed rows in the app's own format: a fifth waits, two go on, two are closed, unless it is said otherwise. */
export async function seedInbox(page, count, like = INBOX) {
  const sample = JSON.parse((await rows(page, "record_list", { withText: true })).find((row) => JSON.parse(row.text).kind === 10).text);
  const entries = Array.from({ length: count }, (_, n) => {
    const found = Date.now() - 60_000 * (n + 1), key = Buffer.alloc(24);
    key.writeBigUInt64BE(~(BigInt.asUintN(64, BigInt(found)) ^ (1n << 63n)) & 0xffffffffffffffffn);
    key.writeUInt32BE(n, 8);
    key.writeUInt32BE(0x70008000, 12);
    const [category, state] = like[n % like.length];
    const row = { ...sample, place: placeOf(n), record: key.subarray(8).toString("hex"), sort_millis: found, arrived_millis: found, updated_millis: found, category, state, note: `北坡第 ${n} 号沟，有烟，离路不远`, place_name: `${n % 97} 组` };
    return [key, Buffer.from(JSON.stringify(row))];
  });
  await putRows(page, "record_list", entries);
}

/** Waits in the page until the inbox is as `of` says, and gives the ms since the last click or letter. `of`: what the first line says and
 *  how many lines there are at most, or how many reports are counted in all. */
const inboxShows = (page, of) => page.evaluate(({ text = "", most = Infinity, total }) => {
  let began = 0;
  const begin = (event) => { began = event.timeStamp; };
  for (const kind of ["click", "input"]) document.addEventListener(kind, begin, { capture: true });
  const counted = () => [...document.querySelectorAll(".desk-parts .option-count")].reduce((sum, one) => sum + Number(one.textContent), 0);
  const isSo = () => {
    if (total !== undefined) return counted() >= total;
    const lines = document.querySelectorAll(".desk-list a.item");
    return lines.length >= 1 && lines.length <= most && lines[0].textContent.includes(text);
  };
  return new Promise((resolve) => {
    const watch = () => {
      if (!began || !isSo()) return requestAnimationFrame(watch);
      for (const kind of ["click", "input"]) document.removeEventListener(kind, begin, { capture: true });
      resolve(performance.now() - began);
    };
    requestAnimationFrame(watch);
  });
}, of);

/** From the tap on 值班台 in a page that was just opened: to the first lines, and to all of them in their order. */
export async function openInbox(officer, total) {
  const desk = new Field(officer);
  await officer.goto("/me");
  await desk.tab("tab.desk").waitFor();
  const waiting = Promise.all([inboxShows(officer.page, {}), inboxShows(officer.page, { total })]);
  await desk.tab("tab.desk").click();
  const [first, whole] = await waiting;
  return { first, whole };
}

/** From a tap on another part, and from the last letter of words, to the lines that were asked for. */
export async function filterInbox(officer, total) {
  const desk = new Field(officer), page = officer.page;
  const part = async (key, text) => {
    const waiting = inboxShows(page, { text });
    await page.locator(".desk-parts button").filter({ hasText: desk.t(key) }).click();
    return waiting;
  };
  const closed = await part("desk.filter_closed", stateName("closed"));
  await part("desk.filter_new", categoryName(FIRE));
  const one = inboxShows(page, { most: 1 });
  await page.getByRole("searchbox").fill(`${Math.floor(total / 10) * 5} 号沟`);
  const words = await one;
  const all = inboxShows(page, { text: categoryName(FIRE) });
  await page.getByRole("searchbox").fill("");
  await all;
  return { closed, words };
}

/** A new phone fetches everything: ms from its first request for ops to the last row on the disk. */
export async function firstPull(person, url, count) {
  const phone = new Field(person);
  // A phone that knows nothing takes a snapshot, and then what came since.
  const isPull = (request) => ["/v1/ops", "/v1/snapshot"].includes(new URL(request.url()).pathname) && request.method() === "GET";
  const first = person.page.waitForRequest(isPull).then(() => performance.now());
  const enrolled = phone.enrol(url);
  const from = await first;
  await enrolled;
  await person.page.evaluate((count) => new Promise((resolve) => {
    const look = () => {
      const opening = indexedDB.open("gs-main");
      opening.onsuccess = () => {
        const asked = opening.result.transaction("record_list").objectStore("record_list").count();
        asked.onsuccess = () => { opening.result.close(); if (asked.result >= count) resolve(); else setTimeout(look, 200); };
      };
    };
    look();
  }), count);
  return performance.now() - from;
}

/** Reports with twelve photos each, until there are so many. */
export async function takePhotos(person, count) {
  const phone = new Field(person);
  for (let taken = 0; taken < count; taken += 12) {
    await phone.openReport();
    const files = Array.from({ length: Math.min(12, count - taken) }, (_, i) => photoFile(`memory-${taken + i}`, { width: 640, height: 480 }).path);
    await person.page.getByLabel(phone.t("report.album"), { exact: true }).first().setInputFiles(files);
    await phone.button("report.photo_remove", { n: files.length }).waitFor({ timeout: 60_000 });
    await phone.chooseCategory(FIRE);
    await phone.save();
    await person.page.getByRole("link", { name: phone.t("action.home"), exact: true }).click();
  }
}

/** From the choice of photos in the album to all of them on the screen. The report is saved afterwards. */
export async function choosePhotos(person, files, rate) {
  const phone = new Field(person), { page } = person;
  await person.goto("/");
  await phone.openReport();
  const session = await person.slowDown(rate);
  const waiting = page.evaluate((count) => new Promise((resolve) => {
    let chosen = 0;
    document.addEventListener("change", (event) => { chosen ||= event.timeStamp; }, { capture: true, once: true });
    const watch = () => {
      const shown = [...document.querySelectorAll(".photo-strip .photo img")].filter((image) => image.complete && image.naturalWidth > 0);
      if (chosen && shown.length >= count) resolve(performance.now() - chosen); else requestAnimationFrame(watch);
    };
    requestAnimationFrame(watch);
  }), files.length);
  await page.getByLabel(phone.t("report.album"), { exact: true }).first().setInputFiles(files);
  const took = await waiting;
  await session.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  await phone.button("report.photo_remove", { n: files.length }).waitFor();
  await phone.chooseCategory(FIRE);
  await phone.save();
  return took;
}

/** MB of JavaScript and wasm that the page holds. */
export async function pageMemory(person) {
  const session = await person.context.newCDPSession(person.page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize = 0, embedderHeapUsedSize = 0 } = await session.send("Runtime.getHeapUsage");
  // Starting the module a second time gives the exports of the running one.
  const wasm = await person.page.evaluate(async () => {
    const module = await import(document.querySelector("script[data-js]").dataset.js);
    return (await module.default()).memory.buffer.byteLength;
  });
  return (usedSize + backingStorageSize + embedderHeapUsedSize + wasm) / 1e6;
}

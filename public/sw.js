// Service worker: owns the app shell on the phone, so that the app opens without signal and is never half old, half new.
// One cache per build, filled all-or-nothing; a navigation is answered from this worker's own build and never from the network.
// Refuses: data (no IndexedDB, nothing below /v1/), other origins (nothing leaves this one), taking over pages without being asked.
// Classic on purpose: module workers are too young for the phones we serve.
"use strict";

// Filled by the build. FILES: absolute paths of everything in the app, with /index.html, without /sw.js.
const BUILD = /*BUILD*/"dev";
const FILES = /*FILES*/[];
// DESK: the part of the app that only desks need, named after its content.
const DESK = /*DESK*/[];
// MAP: the files of the map, in a folder named after their content.
const MAP = /*MAP*/[];

const PREFIX = "gs-";
const CACHE = PREFIX + BUILD;
const MAP_CACHE = PREFIX + (MAP[0]?.split("/")[1] ?? "map"); // a map that did not change is not fetched again
const AT_DESK = "desk"; // there is a cache of this name, and nothing in it, once somebody works at a desk on this phone
const INDEX = "/index.html";
const WORKER = "/sw.js";
const VERIFIER = "/verify.html"; // a page that stands alone; it is no part of the shell

// --- install: all files of one build, or none ---------------------------------------------------------------------------

// A file whose name says what is in it is the same wherever it comes from: what the first page fetched is not fetched again.
const NAMED_BY_CONTENT = /-[0-9a-f]{16}(_bg)?\.(css|js|wasm)$/;
const ONE_PIECE = "/greenshield-app-"; // how the app was called before the desk was a part of it

// Fetches every path, the others past the HTTP cache. Throws on the first file that is missing, redirected or cut off.
async function fetchAll(paths) {
  return Promise.all(paths.map(async (path) => {
    const cache = NAMED_BY_CONTENT.test(path) ? "default" : "reload";
    const response = await fetch(path, { cache, redirect: "error", credentials: "same-origin" });
    if (!response.ok || response.redirected || response.type !== "basic") throw new Error(`${path}: ${response.status}`);
    await response.clone().arrayBuffer(); // to the end: a cut connection throws here and not on the mountain
    return [path, response];
  }));
}

// Files with fixed names (index.html, icons) could come from the next build if the server was renewed meanwhile: ask it.
async function serverHasThisBuild() {
  const response = await fetch(WORKER, { cache: "no-store" });
  return response.ok && (await response.text()).includes(`"${BUILD}"`);
}

async function fill(paths) {
  const files = await fetchAll(paths);
  if (!(await serverHasThisBuild())) throw new Error("the server has another build");
  const cache = await caches.open(CACHE);
  for (const [path, response] of files) await cache.put(path, response);
}

// A build from before the desk was a part had it in it: what opened without a network goes on to.
async function hadDesk() {
  const before = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE && name !== MAP_CACHE);
  for (const name of before) {
    const paths = (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname);
    if (paths.some((path) => path.startsWith(ONE_PIECE))) return true;
  }
  return false;
}

// What this phone keeps of a build.
async function kept() {
  return (await caches.has(AT_DESK)) || (await hadDesk()) ? [...FILES, ...DESK] : FILES;
}

async function install() {
  const inUse = await caches.has(CACHE); // same files, other worker code: the running worker lives on this cache
  try {
    await fill(await kept());
  } catch (error) {
    if (!inUse) await caches.delete(CACHE); // half a build is worse than none; the old worker and its cache stay
    throw error;
  }
}

self.addEventListener("install", (event) => event.waitUntil(install())); // no skipWaiting: a form may be open

// The map comes after the shell and file by file: it is large, and on a thin line the app must not wait for it.
async function fillMap() {
  const cache = await caches.open(MAP_CACHE);
  for (const path of await missing(cache, MAP)) {
    for (const [name, response] of await fetchAll([path])) await cache.put(name, response);
  }
}

// --- activate: remove older builds -----------------------------------------------------------------------------------------

async function activate() {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE && name !== MAP_CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
  // The very first worker may take the open page: it came from the network a moment ago. One that was on its way just now asks for it
  // (CLAIM). An update never claims; the pages
  // of the old build move over by SKIP_WAITING, which they asked for themselves, and reload once.
  if (others.length === 0) await self.clients.claim();
  fillMap().catch(() => {}); // not awaited: no page is answered while this runs; CHECK goes on with what is missing
}

self.addEventListener("activate", (event) => event.waitUntil(activate()));

// --- fetch -------------------------------------------------------------------------------------------------------------------

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) {
    event.respondWith(Response.error()); // nothing leaves the origin
    return;
  }
  if (url.pathname === "/v1" || url.pathname.startsWith("/v1/")) return; // data: the page speaks to the server itself
  if (url.pathname === VERIFIER) return;
  if (event.request.method !== "GET" || FILES.length === 0) return; // no files: a development server without a build
  if (event.request.mode === "navigate") event.respondWith(page());
  else event.respondWith(asset(event.request, url.pathname));
});

async function page() {
  const cache = await caches.open(CACHE);
  return (await cache.match(INDEX)) ?? (await pageWithoutShell(cache));
}

async function asset(request, path) {
  const cache = await caches.open(MAP.includes(path) ? MAP_CACHE : CACHE);
  return (await cache.match(path)) ?? fetch(request); // a file that is not part of the shell
}

// --- check and repair --------------------------------------------------------------------------------------------------------

async function missing(cache, paths) {
  const held = await Promise.all(paths.map((path) => cache.match(path)));
  return paths.filter((_, at) => held[at] === undefined);
}

// Puts lost files back, all of them or none. Same build only.
async function check() {
  const cache = await caches.open(CACHE);
  const files = await kept();
  const lost = await missing(cache, files);
  if (lost.length > 0) await fill(lost).catch(() => {}); // no signal or another build: reported as still missing
  const still = lost.length > 0 ? await missing(cache, files) : [];
  const map = await missing(await caches.open(MAP_CACHE), MAP);
  return { type: "CHECK", build: BUILD, files: files.length, missing: still, repaired: lost.length - still.length, mapMissing: map.length };
}

// The browser threw our files away (not the records: those live in IndexedDB). Repair; or let the new build in, because no
// page of the old one can be opened to ask for it; or say so.
async function pageWithoutShell(cache) {
  await check();
  const repaired = await cache.match(INDEX);
  if (repaired) return repaired;
  await self.registration.update().catch(() => {});
  self.registration.waiting?.postMessage({ type: "SKIP_WAITING" });
  const words = "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><meta http-equiv=refresh content=5>"
    + "<title>绿盾 Greenshield</title><h1>绿盾的程序被手机清理了</h1><p>你的记录还在这台手机上，没有动。有信号时会自己装回来，请稍等。</p>"
    + "<h1 lang=en>The phone removed the app's files</h1><p lang=en>Your records are still on this phone. With a signal the app puts itself back. Please wait.</p>";
  return new Response(words, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'" } });
}

self.addEventListener("message", (event) => {
  const type = event.data?.type;
  if (type === "SKIP_WAITING") self.skipWaiting();
  if (type === "CLAIM") event.waitUntil(self.clients.claim());
  if (type === "DESK") event.waitUntil(caches.open(AT_DESK).then(check));
  if (type === "CHECK") {
    const reply = event.ports[0] ?? event.source;
    event.waitUntil(check().then((answer) => reply?.postMessage(answer)).then(fillMap).catch(() => {}));
  }
});

// --- background sync (Android): wakes the pages, which own the data -------------------------------------------------------------

async function callPages() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const client of pages) client.postMessage({ type: "SYNC" });
}

self.addEventListener("sync", (event) => {
  if (event.tag === "greenshield-sync") event.waitUntil(callPages());
});

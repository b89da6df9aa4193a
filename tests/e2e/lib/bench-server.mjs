// What the server and the wire cost, measured with the stranger's client: nothing of the app takes part.
import { get } from "node:http";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { categoryName } from "./field.mjs";
import { codeOf } from "./server.mjs";
import { KIND_INCIDENT, recordId, reportEntries, Stranger } from "./stranger.mjs";

const NOTE = "山口有烟，风向东，附近没有人。";
const CATEGORIES = ["forest-grassland-fire", "garbage-dumping", "overgrazing", "illegal-fishing", "dead-wildlife"];

/** Enrolled, with `count` signed reports that are not sent yet. Found one minute apart, the newest now. */
export async function strangerWithReports(server, role, count) {
  const stranger = new Stranger(server.origin);
  await stranger.enrol(codeOf(await server.invite(role)));
  const now = Date.now();
  const ops = Array.from({ length: count }, (_, i) => {
    const at = now - (count - i) * 60_000;
    return stranger.log.op(recordId(at), KIND_INCIDENT, reportEntries({ at, note: `${NOTE} ${i}`, category: CATEGORIES[i % CATEGORIES.length] }), { wall: at });
  });
  return { stranger, ops };
}

/** Pushes everything in batches; ms per batch. */
export async function pushAll({ stranger, ops }, batch = 500) {
  for (let at = 0; at < ops.length; at += batch) {
    const reply = await stranger.push(ops.slice(at, at + batch), { signed: true });
    if (reply.status !== 200 || reply.results.length > 0) throw new Error(`push: ${reply.status} ${JSON.stringify(reply.error ?? reply.results[0])}`);
  }
}

/** Signed ops per second over HTTP, several senders at once, every batch durable before its reply. */
export async function ingestRate(server, senders, each) {
  const crowd = [];
  for (let i = 0; i < senders; i++) crowd.push(await strangerWithReports(server, "volunteer", each));
  const from = performance.now();
  await Promise.all(crowd.map((one) => pushAll(one)));
  return (senders * each) / ((performance.now() - from) / 1000);
}

/** The bytes of a reply as they cross the wire. */
function wireBytes(stranger, path) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: stranger.log.authorization("GET", path), "accept-encoding": "br, gzip" };
    get(stranger.origin + path, { headers }, (reply) => {
      let size = 0;
      reply.on("data", (chunk) => { size += chunk.length; });
      reply.on("end", () => resolve({ size, next: reply.headers }));
    }).on("error", reject);
  });
}

/** What 1,000 reports cost on the wire. */
export async function wireCost(server) {
  const { stranger, ops } = await strangerWithReports(server, "volunteer", 1000);
  const before = await stranger.pullAll();
  const bodies = [ops.slice(0, 500), ops.slice(500)].map((half) => Buffer.concat(half.map((op) => op.bytes)));
  await pushAll({ stranger, ops });
  const pulled = await wireBytes(stranger, `/v1/ops?cursor=${before.next}&max=1000`);
  return {
    opBytes: bodies.reduce((sum, body) => sum + body.length, 0) / 1000,
    pushGzip: bodies.reduce((sum, body) => sum + gzipSync(body).length, 0) / 1000,
    pull: pulled.size / 1000,
  };
}

/** Everything that the app needs before the map, compressed with brotli. */
export async function shellSize(dist) {
  const sizes = {};
  const isDesk = (name) => name.startsWith("desk-");
  const isBeside = (name) => name.startsWith("map-") || name === "verify.html";
  const walk = async (folder, prefix = "") => {
    for (const entry of await readdir(join(folder), { withFileTypes: true })) {
      if (isBeside(entry.name)) continue; // fetched when it is wanted
      if (entry.isDirectory()) await walk(join(folder, entry.name), `${prefix}${entry.name}/`);
      else if (/\.(wasm|js|css|html)$/.test(entry.name)) {
        const bytes = await readFile(join(folder, entry.name));
        sizes[prefix + entry.name] = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
      }
    }
  };
  await walk(dist);
  const sum = (isMeant) => Object.entries(sizes).filter(([name]) => isMeant(name)).reduce((all, [, size]) => all + size, 0);
  return { total: sum((name) => !isDesk(name)), desk: sum(isDesk) };
}

export const firstCategory = () => categoryName(CATEGORIES[0]);

// What 1,000 reports cost on the wire, whole: headers, both directions, every request; for us and for PouchDB with its server,
// through the same relay in the same run. Nothing of the app takes part: its batches are made here as its engine makes them.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { strangerWithReports } from "./bench-server.mjs";
import { Line } from "./line.mjs";

const REPORTS = 1000;
/** Ops in the pushes of an engine that begins: 32, then four times as many after each success, at most 500. */
const BATCHES = [32, 128, 500, 340];

/** Bytes for each report and requests of one push of everything. */
export async function ownWire(server) {
  const sender = await strangerWithReports(server, "volunteer", REPORTS);
  const line = await Line.to(server.origin);
  const straight = sender.stranger.origin;
  sender.stranger.origin = line.origin;
  try {
    let at = 0;
    for (const batch of BATCHES) {
      const body = gzipSync(Buffer.concat(sender.ops.slice(at, at + batch).map((op) => op.bytes)));
      const reply = await sender.stranger.push([], { signed: true, body, headers: { "content-encoding": "gzip" } });
      if (reply.status !== 200 || reply.results.length > 0) throw new Error(`push: ${reply.status}`);
      at += batch;
    }
    return { bytes: (line.up.bytes + line.down.bytes) / REPORTS, requests: BATCHES.length };
  } finally {
    sender.stranger.origin = straight;
    await line.close();
  }
}

/** The same for PouchDB: documents with the same words, replicated once. */
export async function pouchWire() {
  const peer = createRequire(new URL("../pouchdb-peer/package.json", import.meta.url));
  const PouchDB = peer("pouchdb").plugin(peer("pouchdb-adapter-memory"));
  const Far = PouchDB.defaults({ adapter: "memory", prefix: "far-" });
  let requests = 0;
  const app = peer("express")();
  app.use((request, reply, next) => { requests += 1; next(); });
  app.use("/", peer("express-pouchdb")(Far, { mode: "minimumForPouchDB", inMemoryConfig: true, logPath: "/dev/null" }));
  const listener = createServer(app);
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const line = await Line.to(`http://127.0.0.1:${listener.address().port}`);
  try {
    const near = new PouchDB("near", { adapter: "memory" }), now = Date.now();
    await near.bulkDocs(Array.from({ length: REPORTS }, (_, i) => ({
      _id: `${now + i}`, kind: "incident", found: now + i, place: [38.9256, 100.4498], accuracy: 8, category: "garbage-dumping",
      note: `山口有烟，风向东，附近没有人。 ${i}`, by: "volunteer",
    })));
    await near.replicate.to(`${line.origin}/reports`);
    return { bytes: (line.up.bytes + line.down.bytes) / REPORTS, requests };
  } finally {
    await line.close();
    listener.closeAllConnections();
    listener.close();
  }
}

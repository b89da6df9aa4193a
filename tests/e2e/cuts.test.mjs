// A line that is cut at random bytes: an unchanged tus client and the pushes of a phone end up whole, once, from where they stood.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Upload } from "tus-js-client";
import { jpeg, random } from "./lib/jpeg.mjs";
import { Line } from "./lib/line.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { KIND_INCIDENT, recordId, reportEntries, sha256, Stranger } from "./lib/stranger.mjs";

const CUTS = Number(process.env.GREENSHIELD_CUTS ?? 50);

describe(`through ${CUTS} cuts at random bytes`, () => {
  let server, line, volunteer, serial = 0;
  const base = jpeg({ seed: 7000, width: 2400, height: 1800, grain: 20 });
  /** A photo of its own; decoders ignore what stands behind the end of the picture. */
  const photo = () => Buffer.concat([base, Buffer.from(`cut ${serial++}`)]);
  const next = random("cuts");

  before(async () => {
    server = await Server.start();
    line = await Line.to(server.origin);
    volunteer = new Stranger(server.origin);
    await volunteer.enrol(codeOf(server.invites.volunteer));
  });
  after(async () => { await line?.close(); await server?.remove(); });

  /** The whole photo with an unchanged tus-js-client over the line; how many bytes of it went up. */
  const upload = (bytes, chunkSize) => new Promise((resolve, reject) => {
    new Upload(bytes, {
      endpoint: `${line.origin}/v1/blobs`, chunkSize,
      metadata: { sha256: sha256(bytes).toString("hex"), mime: "image/jpeg" },
      retryDelays: Array(CUTS + 50).fill(1),
      onBeforeRequest: (request) => {
        const { pathname, search } = new URL(request.getURL());
        request.setHeader("Authorization", volunteer.log.authorization(request.getMethod(), pathname + search));
      },
      onShouldRetry: () => true,
      onError: reject, onSuccess: resolve,
    }).start();
  });

  /** Cuts again and again, each time after so many bytes at random, until told to stop. */
  function cutting(most) {
    let isOver = false;
    const done = (async () => { while (!isOver) await line.cutAfter(1 + Math.floor(next() * most)); })();
    return () => { isOver = true; line.stopCutting(); return done; };
  }

  test("tus-js-client delivers every photo byte for byte, and what arrived is not sent again", async () => {
    const from = line.cuts;
    let sizes = 0;
    const before = line.up.bytes, stop = cutting(90_000), photos = [];
    while (line.cuts - from < CUTS) {
      const bytes = photo();
      await upload(bytes, 256_000);
      sizes += bytes.length;
      photos.push(bytes);
    }
    await stop();
    const op = volunteer.log.op(recordId(), KIND_INCIDENT, reportEntries({ photos: photos.slice(0, 9).map((bytes) => ({ sha256: sha256(bytes), size: bytes.length })) }));
    assert.deepEqual((await volunteer.push([op])).results, []);
    for (const bytes of photos.slice(0, 9)) {
      const reply = await volunteer.request("GET", `/v1/records/${op.record.toString("hex")}/blobs/${sha256(bytes).toString("hex")}`);
      assert.ok(Buffer.from(await reply.arrayBuffer()).equals(bytes));
    }
    // A photo is many times longer than the way to the next cut: beginning anew would never end. What was in flight is lost.
    const overhead = (line.up.bytes - before) / sizes;
    assert.ok(overhead < 2, `${overhead.toFixed(2)} × the size of the photos went up`);
  });

  test("two senders of the same photo both end with it delivered, once and whole", async () => {
    const bytes = photo(), stop = cutting(200_000);
    await Promise.all([upload(bytes, 100_000), upload(bytes, 170_000)]);
    await stop();
    const op = volunteer.log.op(recordId(), KIND_INCIDENT, reportEntries({ photos: [{ sha256: sha256(bytes), size: bytes.length }] }));
    await volunteer.push([op]);
    const reply = await volunteer.request("GET", `/v1/records/${op.record.toString("hex")}/blobs/${sha256(bytes).toString("hex")}`);
    assert.ok(Buffer.from(await reply.arrayBuffer()).equals(bytes));
  });

  test("bytes that are not the announced photo never become it, however often the line is cut", async () => {
    // A phone of its own: what the others may ask in a minute is used up by their retries.
    const liar = new Stranger(line.origin);
    await liar.enrol(codeOf(await server.invite("volunteer")));
    const bytes = photo(), wrong = Buffer.from(bytes);
    wrong[wrong.length >> 1] ^= 1;
    const stop = cutting(200_000);
    const send = (sha) => new Promise((resolve) => {
      new Upload(wrong, {
        endpoint: `${line.origin}/v1/blobs`, chunkSize: 300_000, metadata: { sha256: sha, mime: "image/jpeg" }, retryDelays: Array(200).fill(1),
        onBeforeRequest: (request) => request.setHeader("Authorization", liar.log.authorization(request.getMethod(), new URL(request.getURL()).pathname)),
        // A refusal by the server is an answer; only the line is tried again.
        onShouldRetry: (error) => error.originalResponse === null || error.originalResponse === undefined || error.originalResponse.getStatus() === 409,
        onError: (error) => resolve(error), onSuccess: () => resolve(null),
      }).start();
    });
    const error = await send(sha256(bytes).toString("hex"));
    await stop();
    assert.equal(error?.originalResponse?.getStatus(), 460);
    assert.equal(JSON.parse(error.originalResponse.getBody()).code, "hash_mismatch");
  });

  test("pushes arrive once each, in their order", async () => {
    const phone = new Stranger(line.origin);
    await phone.enrol(codeOf(await server.invite("volunteer")));
    const ops = Array.from({ length: CUTS * 4 }, () => phone.log.op(recordId(), KIND_INCIDENT, reportEntries())), from = line.cuts;
    const stop = cutting(6_000), receipted = new Set();
    for (let at = 0; at < ops.length; at += 8) {
      const batch = ops.slice(at, at + 8);
      for (;;) {
        const reply = await phone.push(batch).catch(() => null);
        if (reply?.status !== 200) continue;
        const upto = reply.receipts.at(-1)?.get(5);
        if (upto !== batch.at(-1).seq) continue;
        for (const op of batch) receipted.add(op.id.toString("hex"));
        break;
      }
    }
    await stop();
    assert.ok(line.cuts > from);
    assert.equal(receipted.size, ops.length);
    const reader = new Stranger(server.origin);
    await reader.enrol(codeOf(await server.invite("desk")));
    const mine = (await reader.pullAll()).ops.filter((op) => op.log.equals(phone.log.id) && op.kind === KIND_INCIDENT);
    assert.deepEqual(mine.map((op) => op.id.toString("hex")), ops.map((op) => op.id.toString("hex")));
  });
});

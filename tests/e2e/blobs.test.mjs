// Resumable upload of photos by tus 1.0: with a client of our own, with tus-js-client and with tuspy, cut, repeated and damaged.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Upload } from "tus-js-client";
import { jpeg } from "./lib/jpeg.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { signingRelay } from "./lib/signing-relay.mjs";
import { KIND_INCIDENT, recordId, reportEntries, sha256, Stranger } from "./lib/stranger.mjs";
import * as tus from "./lib/tus.mjs";

/** A Python with the packages of clients/requirements.txt. */
const PYTHON = process.env.GREENSHIELD_PYTHON ?? "python3";

describe("a photo goes up by tus", () => {
  let server, volunteer;
  let seed = 100;
  const photo = (more = {}) => jpeg({ seed: seed++, width: 1600, height: 1200, ...more });
  const pathOf = (created) => new URL(created.headers.get("location"), server.origin).pathname;

  before(async () => {
    server = await Server.start();
    volunteer = new Stranger(server.origin);
    await volunteer.enrol(codeOf(server.invites.volunteer));
  });
  after(() => server?.remove());

  test("and the server tells which extensions it knows", async () => {
    const reply = await fetch(`${server.origin}/v1/blobs`, { method: "OPTIONS" });
    assert.equal(reply.headers.get("tus-version"), "1.0.0");
    const extensions = reply.headers.get("tus-extension").split(",").map((word) => word.trim());
    for (const wanted of ["creation", "creation-with-upload", "checksum", "expiration", "termination"]) assert.ok(extensions.includes(wanted), wanted);
    assert.match(reply.headers.get("tus-checksum-algorithm"), /sha256/);
  });

  test("in one request", async () => {
    const bytes = photo();
    const reply = await tus.create(volunteer, bytes, { body: bytes });
    assert.equal(reply.status, 201);
    assert.equal(Number(reply.headers.get("upload-offset")), bytes.length);
    assert.deepEqual(tus.readBlobReceipt(volunteer, reply).get(3), sha256(bytes));
  });

  test("with tus-js-client, without a change to it", async () => {
    const bytes = photo();
    const op = volunteer.log.op(recordId(), KIND_INCIDENT, reportEntries({ photos: [{ sha256: sha256(bytes), size: bytes.length }] }));
    await volunteer.push([op]);
    await new Promise((resolve, reject) => {
      new Upload(bytes, {
        endpoint: `${server.origin}/v1/blobs`,
        metadata: { sha256: sha256(bytes).toString("hex"), mime: "image/jpeg" },
        chunkSize: 150_000,
        onBeforeRequest: (request) => {
          const { pathname, search } = new URL(request.getURL());
          request.setHeader("Authorization", volunteer.log.authorization(request.getMethod(), pathname + search));
        },
        onError: reject, onSuccess: resolve,
      }).start();
    });
    const reply = await volunteer.request("GET", `/v1/records/${op.record.toString("hex")}/blobs/${sha256(bytes).toString("hex")}`);
    assert.equal(createHash("sha256").update(Buffer.from(await reply.arrayBuffer())).digest("hex"), sha256(bytes).toString("hex"));
  });

  test("with tuspy, without a change to it, stopped half-way and gone on by another process's client", async () => {
    const bytes = photo(), hex = sha256(bytes).toString("hex");
    const op = volunteer.log.op(recordId(), KIND_INCIDENT, reportEntries({ photos: [{ sha256: sha256(bytes), size: bytes.length }] }));
    await volunteer.push([op]);
    const relay = await signingRelay(volunteer);
    const folder = await mkdtemp(join(tmpdir(), "greenshield-tuspy-"));
    try {
      await writeFile(join(folder, "photo.jpg"), bytes);
      const script = fileURLToPath(new URL("clients/tuspy_upload.py", import.meta.url));
      const { stdout } = await promisify(execFile)(PYTHON, [script, `${relay.origin}/v1/blobs`, join(folder, "photo.jpg"), hex, "image/jpeg"]);
      const [url, offset] = stdout.trim().split(" ");
      assert.equal(Number(offset), bytes.length);
      const receipt = tus.readBlobReceipt(volunteer, await tus.head(volunteer, new URL(url).pathname));
      assert.deepEqual(receipt.get(3), sha256(bytes));
    } finally {
      relay.close();
      await rm(folder, { recursive: true });
    }
    const reply = await volunteer.request("GET", `/v1/records/${op.record.toString("hex")}/blobs/${hex}`);
    assert.equal(sha256(Buffer.from(await reply.arrayBuffer())).toString("hex"), hex);
  });

  test("and one that the server holds already is complete at once, with its receipt", async () => {
    const bytes = photo();
    await tus.upload(volunteer, bytes);
    const again = await tus.create(volunteer, bytes);
    assert.equal(again.status, 201);
    assert.equal(Number(again.headers.get("upload-offset")), bytes.length);
    assert.equal(tus.readBlobReceipt(volunteer, again).get(4), bytes.length);
  });

  test("and HEAD on a complete upload gives the receipt that got lost", async () => {
    const bytes = photo();
    const { path } = await tus.upload(volunteer, bytes);
    const reply = await tus.head(volunteer, path);
    assert.equal(Number(reply.headers.get("upload-offset")), bytes.length);
    assert.deepEqual(tus.readBlobReceipt(volunteer, reply).get(3), sha256(bytes));
  });

  test("through twelve server crashes, each in another place, from where it stood", async () => {
    const bytes = photo({ grain: 24 });
    const path = pathOf(await tus.create(volunteer, bytes));
    let offset = 0, receipt = null;
    const step = Math.ceil(bytes.length / 12);
    while (offset < bytes.length) {
      const reply = await tus.patch(volunteer, path, offset, bytes.subarray(offset, offset + step));
      assert.equal(reply.status, 204);
      receipt = tus.readBlobReceipt(volunteer, reply);
      const acknowledged = Number(reply.headers.get("upload-offset"));
      await server.kill();
      await server.up();
      const head = await tus.head(volunteer, path);
      offset = Number(head.headers.get("upload-offset"));
      assert.ok(offset >= acknowledged, `acknowledged ${acknowledged}, after the crash ${offset}`);
    }
    assert.deepEqual(receipt.get(3), sha256(bytes));
  });

  test("and a piece at a wrong place is refused with the right one", async () => {
    const bytes = photo();
    const path = pathOf(await tus.create(volunteer, bytes));
    await tus.patch(volunteer, path, 0, bytes.subarray(0, 1000));
    const reply = await tus.patch(volunteer, path, 500, bytes.subarray(500, 1500));
    assert.equal(reply.status, 409);
    assert.equal((await reply.json()).detail.offset, 1000);
  });

  test("and a damaged piece is refused by its checksum and can be sent again", async () => {
    const bytes = photo();
    const path = pathOf(await tus.create(volunteer, bytes));
    const checksum = { "upload-checksum": `sha256 ${sha256(bytes).toString("base64")}` };
    const damaged = Buffer.from(bytes);
    damaged[777] ^= 1;
    const refused = await tus.patch(volunteer, path, 0, damaged, checksum);
    assert.deepEqual([refused.status, (await refused.json()).code], [460, "checksum"]);
    const accepted = await tus.patch(volunteer, path, 0, bytes, checksum);
    assert.equal(accepted.status, 204);
    assert.ok(tus.readBlobReceipt(volunteer, accepted));
  });

  test("and bytes that are not the announced photo never get a receipt", async () => {
    const bytes = photo();
    const reply = await tus.create(volunteer, bytes, { metadata: tus.metadataOf(photo()), body: bytes });
    assert.ok(reply.status >= 400);
    assert.equal((await reply.json()).code, "hash_mismatch");
    assert.equal(reply.headers.get("greenshield-receipt"), null);
  });

  test("unless it is larger than a photo may be", async () => {
    const reply = await tus.create(volunteer, Buffer.alloc(0), { length: 26 * 1024 * 1024, metadata: tus.metadataOf(Buffer.from("x")) });
    assert.equal(reply.status, 413);
    assert.equal((await reply.json()).detail.limit, 25 * 1024 * 1024);
  });

  test("and can be given up", async () => {
    const bytes = photo();
    const path = pathOf(await tus.create(volunteer, bytes));
    assert.equal((await tus.terminate(volunteer, path)).status, 204);
    assert.ok([404, 410].includes((await tus.head(volunteer, path)).status));
  });

  test("by two senders at once, and the photo is there once and whole", async () => {
    const bytes = photo();
    const both = await Promise.all([tus.upload(volunteer, bytes, 64_000), tus.upload(volunteer, bytes, 90_000)]);
    for (const { receipt } of both) assert.deepEqual(receipt.get(3), sha256(bytes));
  });
});

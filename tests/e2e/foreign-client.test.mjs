// A stranger's client, written from docs/op-format.md and the OpenAPI alone, against the real server.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { jpeg } from "./lib/jpeg.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { FIELD, KIND_INCIDENT, Log, recordId, reportEntries, sha256, Stranger, treeRoot, verifyPoint } from "./lib/stranger.mjs";
import * as tus from "./lib/tus.mjs";

const CODE = { stored: 0, duplicate: 1, held: 2, gap: 3, fork: 4, malformed: 5, overLimit: 6, unknownLog: 7 };
const codesOf = (reply) => reply.results.map((result) => result.code);

describe("a stranger's client", () => {
  let server, volunteer, desk;

  before(async () => {
    server = await Server.start();
    volunteer = new Stranger(server.origin);
    await volunteer.enrol(codeOf(server.invites.volunteer));
    desk = new Stranger(server.origin);
    await desk.enrol(codeOf(server.invites.desk));
  });
  after(() => server?.remove());

  const report = (photos = [], more = {}) => volunteer.log.op(recordId(), KIND_INCIDENT, reportEntries({ photos }), more);
  const newcomer = async (role = "volunteer") => {
    const stranger = new Stranger(server.origin);
    await stranger.enrol(codeOf(await server.invite(role)));
    return stranger;
  };

  async function errorOf(response) {
    assert.match(response.headers.get("content-type") ?? "", /application\/json/);
    const body = await response.json();
    assert.equal(typeof body.code, "string");
    assert.ok(body.message.length > 0);
    return { status: response.status, code: body.code, detail: body.detail };
  }

  describe("enrols", () => {
    test("and gets a certificate and a receipt that the server signed", () => {
      const certificate = volunteer.openJson("certificate", volunteer.enrolled.certificate);
      assert.deepEqual(certificate.get(2), volunteer.log.id);
      assert.deepEqual(certificate.get(3), volunteer.account);
      assert.equal(certificate.get(4), "volunteer");
      const receipt = volunteer.openJson("receipt", volunteer.enrolled.receipt);
      assert.deepEqual(receipt.get(6), volunteer.genesis.id);
      assert.equal(volunteer.about.role, "volunteer");
      assert.ok(volunteer.about.name.length > 0);
    });

    test("once more with the same code and the same genesis and gets the same answer", async () => {
      const again = await volunteer.json("/v1/enrol", { code: codeOf(server.invites.volunteer), op: volunteer.genesis.bytes.toString("base64url") });
      assert.equal(again.status, 200);
      assert.equal((await again.json()).certificate.payload, volunteer.enrolled.certificate.payload);
    });

    test("not with a code that was used by another device", async () => {
      const other = new Log().genesis(Buffer.from(volunteer.about.nonce, "hex"), volunteer.account);
      const reply = await volunteer.json("/v1/enrol", { code: codeOf(server.invites.volunteer), op: other.bytes.toString("base64url") });
      assert.deepEqual(await errorOf(reply).then(({ status, code }) => ({ status, code })), { status: 409, code: "used_code" });
    });

    test("not with a code that nobody gave out", async () => {
      const error = await errorOf(await volunteer.json("/v1/enrol/begin", { code: "NOSUCHCODE" }));
      assert.deepEqual([error.status, error.code], [404, "unknown_code"]);
    });

    test("not with a code that is past its time", async () => {
      const link = await server.invite("volunteer", "--hours", "0");
      const error = await errorOf(await volunteer.json("/v1/enrol/begin", { code: codeOf(link) }));
      assert.deepEqual([error.status, error.code], [410, "expired_code"]);
    });
  });

  describe("pushes", () => {
    test("a report with two photos and another person sees it byte for byte", async () => {
      const files = [jpeg({ seed: 11 }), jpeg({ seed: 12, width: 1600, height: 1200 })];
      const op = report(files.map((bytes) => ({ sha256: sha256(bytes), size: bytes.length })));
      const reply = await volunteer.push([op], { signed: true });
      assert.deepEqual(reply.results, []);
      const [receipt] = reply.receipts;
      assert.deepEqual([receipt.get(3), receipt.get(5), receipt.get(6)], [volunteer.log.id, op.seq, op.id]);
      assert.deepEqual(reply.heads, [{ log: volunteer.log.id, seq: op.seq, id: op.id }]);

      for (const bytes of files) {
        const { receipt } = await tus.upload(volunteer, bytes, 100_000);
        assert.deepEqual([receipt.get(3), receipt.get(4)], [sha256(bytes), bytes.length]);
      }

      const { ops } = await desk.pullAll();
      const found = ops.find((pulled) => pulled.id.equals(op.id));
      assert.deepEqual(found.bytes, op.bytes);
      assert.deepEqual(found.account, volunteer.account);
      assert.ok(verifyPoint(volunteer.log.point, Buffer.concat([Buffer.from("gs/sig/1\0"), found.id]), found.signature));

      for (const bytes of files) {
        const path = `/v1/records/${op.record.toString("hex")}/blobs/${sha256(bytes).toString("hex")}`;
        const whole = await desk.request("GET", path);
        assert.equal(whole.status, 200);
        assert.deepEqual(Buffer.from(await whole.arrayBuffer()), bytes);
        const part = await desk.request("GET", path, { headers: { range: "bytes=1000-1999" } });
        assert.equal(part.status, 206);
        assert.equal(part.headers.get("content-range"), `bytes 1000-1999/${bytes.length}`);
        assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(1000, 2000));
        const outside = await desk.request("GET", path, { headers: { range: `bytes=${bytes.length}-` } });
        assert.equal((await errorOf(outside)).code, "range");
      }
    });

    test("and the checkpoint is the Merkle root over all op ids in their order", async () => {
      // The notes of the audit are leaves as well; no pull gives them out, so an auditor says their ids.
      const auditor = await newcomer("auditor");
      const { rows } = await (await auditor.request("GET", "/v1/audit")).json();
      const { ops, checkpoint } = await desk.pullAll();
      const leaves = [...ops, ...rows.map(({ pos, op }) => ({ pos, id: Buffer.from(op, "hex") }))].sort((a, b) => a.pos - b.pos);
      assert.equal(checkpoint.get(3), leaves.length);
      assert.deepEqual(leaves.map((leaf) => leaf.pos), leaves.map((_, i) => i + 1));
      assert.deepEqual(checkpoint.get(4), treeRoot(leaves.map((leaf) => sha256([0], leaf.id))));
    });

    test("the same op twice, which changes nothing and gives its receipt again", async () => {
      const op = report();
      await volunteer.push([op]);
      const again = await volunteer.push([op]);
      assert.deepEqual(codesOf(again), [CODE.duplicate]);
      assert.equal(again.receipts.length, 1);
      const { ops } = await desk.pullAll();
      assert.equal(ops.filter((pulled) => pulled.id.equals(op.id)).length, 1);
    });

    test("the third op before the second, which waits and is applied when the gap is filled", async () => {
      const late = await newcomer();
      const make = () => late.log.op(recordId(), KIND_INCIDENT, reportEntries());
      const [first, second, third] = [make(), make(), make()];
      assert.deepEqual(codesOf(await volunteer.push([first, third])), [CODE.gap]);
      assert.ok((await desk.pullAll()).ops.every((op) => !op.id.equals(third.id)));
      const filled = await volunteer.push([second]);
      assert.equal(filled.heads[0].seq, third.seq);
      assert.ok((await desk.pullAll()).ops.some((op) => op.id.equals(third.id)));
    });

    test("two ops for one place of its log and both branches are kept", async () => {
      const cloned = await newcomer();
      const [one, two] = [0, 1].map(() => cloned.log.op(recordId(), KIND_INCIDENT, reportEntries(), { move: false }));
      assert.deepEqual(codesOf(await volunteer.push([one])), []);
      const reply = await volunteer.push([two]);
      assert.deepEqual(codesOf(reply), [CODE.fork]);
      // Said again after a lost reply, or the phone would never learn that it has to start a new log.
      assert.deepEqual(codesOf(await volunteer.push([two])), [CODE.fork]);
      assert.deepEqual(codesOf(await volunteer.push([one])), [CODE.duplicate]);
      assert.ok(reply.receipts.some((receipt) => receipt.get(6).equals(two.id)), "a kept branch has its receipt");
    });

    test("a broken signature, a high s and a cut header, each refused by itself while its neighbours are stored", async () => {
      const good = await newcomer();
      const make = (more) => good.log.op(recordId(), KIND_INCIDENT, reportEntries(), more);
      const bad = make({ move: false, breakSignature: true }), high = make({ move: false, raiseS: true });
      const reply = await volunteer.push([make(), bad, high, make(), { bytes: Buffer.from([0x83, 0x41, 0x00, 0x41, 0x00, 0x80]) }]);
      assert.deepEqual(reply.results.map(({ index, code }) => [index, code]), [[1, CODE.malformed], [2, CODE.malformed], [4, CODE.malformed]]);
      assert.equal(reply.results[0].reason, "bad_signature");
      assert.equal(reply.heads[0].seq, 2);
    });

    test("ops of a log that nobody enrolled and is told so", async () => {
      const nobody = new Log();
      nobody.seq = 1; nobody.prev = randomBytes(32);
      const reply = await volunteer.push([nobody.op(recordId(), KIND_INCIDENT, reportEntries())]);
      assert.deepEqual(codesOf(reply), [CODE.unknownLog]);
      assert.deepEqual(reply.receipts, []);
    });

    test("a body over 16 KiB and only that op is refused", async () => {
      const writer = await newcomer();
      const big = writer.log.op(recordId(), KIND_INCIDENT, reportEntries({ note: "水".repeat(6000) }), { move: false });
      const fine = writer.log.op(recordId(), KIND_INCIDENT, reportEntries());
      const reply = await volunteer.push([big, fine]);
      assert.deepEqual(reply.results.map(({ index, code }) => [index, code]), [[0, CODE.overLimit]]);
    });

    test("more than 500 ops or more than 4 MiB at once and the whole push is refused with the limit", async () => {
      const many = await volunteer.push([], { body: Buffer.concat(Array(501).fill(volunteer.genesis.bytes)) });
      assert.equal(many.status, 413);
      assert.equal(many.error.detail.limit, 500);
      const long = await volunteer.push([], { body: Buffer.alloc(4 * 1024 * 1024 + 1, 0x60) });
      assert.equal(long.status, 413);
      assert.match(long.error.code, /^\w+$/);
    });

    test("a gzip body", async () => {
      const op = report();
      const reply = await volunteer.push([op], { body: gzipSync(op.bytes), headers: { "content-encoding": "gzip" } });
      assert.deepEqual(reply.results, []);
      assert.deepEqual(reply.heads[0].id, op.id);
    });

    test("a gzip body that unpacks to more than the limit and is refused before it fills the memory", async () => {
      const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
      const reply = await volunteer.push([], { body: bomb, headers: { "content-encoding": "gzip" } });
      assert.equal(reply.status, 413);
    });

    test("a sequence that is cut in the middle: the whole ops are stored and listed, the rest is named", async () => {
      const [one, two] = [report(), report()];
      const reply = await volunteer.push([], { body: Buffer.concat([one.bytes, two.bytes.subarray(0, 50)]) });
      assert.deepEqual([reply.status, reply.error.code, reply.error.detail.whole], [400, "broken_frame", 1]);
      assert.deepEqual(codesOf(await volunteer.push([one, two])), [CODE.duplicate]);
    });

    test("a body whose connection breaks off and nothing of it counts or is lost later", async () => {
      const op = report();
      const { hostname, port } = new URL(server.origin);
      const socket = connect(Number(port), hostname);
      await once(socket, "connect");
      socket.on("error", () => {});
      socket.write(`POST /v1/ops HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/cbor-seq\r\nContent-Length: ${op.bytes.length}\r\n\r\n`);
      socket.write(op.bytes.subarray(0, op.bytes.length - 7));
      socket.end();
      socket.resume();
      await once(socket, "close");
      assert.deepEqual(codesOf(await volunteer.push([op])), []);
    });
  });

  describe("is told", () => {
    test("the server's time when its clock is an hour off, and gets in with the corrected time", async () => {
      const path = "/v1/ops";
      const error = await errorOf(await desk.request("GET", path, { at: Date.now() - 3_600_000 }));
      assert.deepEqual([error.status, error.code], [401, "clock"]);
      assert.ok(Math.abs(error.detail.now - Date.now()) < 60_000);
      assert.equal((await desk.request("GET", path, { at: error.detail.now })).status, 200);
    });

    test("to sign what it reads, and a signature for another path does not fit", async () => {
      const bare = await errorOf(await desk.request("GET", "/v1/ops", { signed: false }));
      assert.equal(bare.status, 401);
      const borrowed = desk.log.authorization("GET", "/v1/heads");
      const error = await errorOf(await desk.request("GET", "/v1/ops", { signed: false, headers: { authorization: borrowed } }));
      assert.equal(error.status, 401);
      assert.match(error.code, /^\w+$/);
    });

    test("how far the server has each log", async () => {
      const unknown = "00".repeat(32);
      const reply = await desk.request("GET", `/v1/heads?logs=${volunteer.log.id.toString("hex")},${unknown}`);
      assert.equal(reply.status, 200);
      const { decode } = await import("./lib/cbor.mjs");
      const heads = decode(Buffer.from(await reply.arrayBuffer())).get(1);
      assert.equal(heads.length, 1);
      assert.deepEqual(heads[0], [volunteer.log.id, volunteer.log.seq - 1, volunteer.log.prev]);
    });

    test("that a path or a blob is not there, in JSON with a code", async () => {
      const missing = await errorOf(await desk.request("GET", `/v1/records/${"00".repeat(16)}/blobs/${"00".repeat(32)}`));
      assert.deepEqual([missing.status, missing.code], [404, "not_found"]);
      assert.equal((await errorOf(await desk.request("GET", "/v1/nothing"))).status, 404);
    });

    test("everything in small pages without a hole, and new ops as they come", async () => {
      const whole = await desk.pullAll();
      const paged = await desk.pullAll(3);
      assert.deepEqual(paged.ops.map((op) => op.pos), whole.ops.map((op) => op.pos));
      const waiting = desk.pull(whole.next, { wait: 20 });
      const op = report();
      await volunteer.push([op]);
      assert.deepEqual((await waiting).ops.map((pulled) => pulled.id), [op.id]);
    });

    test("to start again when its cursor is none", async () => {
      assert.equal((await desk.pull("nonsense")).status, 400);
    });

    test("that the server is well, by its version, and by an OpenAPI that knows every path used here", async () => {
      const health = await (await fetch(`${server.origin}/v1/health`)).json();
      assert.equal(health.status, "ok");
      assert.match(health.version, /^\d+\.\d+\.\d+/);
      const { paths } = await (await fetch(`${server.origin}/v1/openapi.json`)).json();
      for (const path of ["/v1/enrol/begin", "/v1/enrol", "/v1/ops", "/v1/heads", "/v1/blobs", "/v1/health"]) assert.ok(paths[path], path);
    });
  });

  test("a value and its proof survive a server that is killed right after the receipt", async () => {
    const op = report();
    const reply = await volunteer.push([op]);
    await server.kill();
    await server.up();
    assert.equal(reply.receipts.length, 1);
    const { ops } = await desk.pullAll();
    const found = ops.find((pulled) => pulled.id.equals(op.id));
    assert.equal(found.value(FIELD.note), "测试");
    assert.equal(createHash("sha256").update(found.bytes).digest("hex"), sha256(op.bytes).toString("hex"));
  });
});

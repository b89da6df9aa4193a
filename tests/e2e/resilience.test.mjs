// Delivered means delivered: what has a receipt survives any crash of the server, and no broken request harms another.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { random } from "./lib/jpeg.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { KIND_INCIDENT, recordId, reportEntries, sha256, Stranger, treeRoot } from "./lib/stranger.mjs";

const SENDERS = 6, CRASHES = 5;

describe("a server", () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(() => server?.remove());

  const newcomer = async (role = "volunteer") => {
    const stranger = new Stranger(server.origin);
    await stranger.enrol(codeOf(await server.invite(role)));
    return stranger;
  };
  const report = (stranger) => stranger.log.op(recordId(), KIND_INCIDENT, reportEntries());

  test(`that is killed ${CRASHES} times while ${SENDERS} phones push loses nothing that has a receipt, and nothing arrives twice`, async () => {
    const senders = await Promise.all(Array.from({ length: SENDERS }, () => newcomer()));
    const receipted = new Map(), made = new Set();
    let isOver = false;

    // A phone: makes reports, pushes what has no receipt, keeps what was not answered.
    async function phone(stranger) {
      let waiting = [];
      while (!isOver || waiting.length > 0) {
        if (!isOver) for (let i = 0; i < 5; i++) { const op = report(stranger); made.add(op.id.toString("hex")); waiting.push(op); }
        const sent = waiting;
        const reply = await stranger.push(sent).catch(() => null);
        if (reply?.status !== 200) { await new Promise((resolve) => setImmediate(resolve)); continue; }
        for (const receipt of reply.receipts) {
          const upto = receipt.get(5);
          assert.ok(sent.some((op) => op.seq === upto && op.id.equals(receipt.get(6))));
          for (const op of sent.filter((op) => op.seq >= receipt.get(4) && op.seq <= upto)) receipted.set(op.id.toString("hex"), op.bytes);
        }
        waiting = sent.filter((op) => !receipted.has(op.id.toString("hex")));
      }
    }

    const phones = senders.map(phone);
    for (let crash = 0; crash < CRASHES; crash++) {
      const goal = receipted.size + 60;
      while (receipted.size < goal) await Promise.race([...phones, new Promise((resolve) => setImmediate(resolve))]);
      await server.kill();
      await server.up();
    }
    isOver = true;
    await Promise.all(phones);
    assert.equal(receipted.size, made.size);

    const reader = await newcomer("desk");
    const { ops, checkpoint } = await reader.pullAll();
    const held = new Map(ops.map((op) => [op.id.toString("hex"), op.bytes]));
    assert.equal(held.size, ops.length, "an op arrived twice");
    for (const [id, bytes] of receipted) assert.ok(held.get(id)?.equals(bytes), `a receipted op is gone: ${id}`);
    assert.deepEqual(checkpoint.get(4), treeRoot(ops.map((op) => sha256([0], op.id))));
  });

  test("answers a push that was cut at any byte with a code, and the whole push is accepted afterwards", async () => {
    const stranger = await newcomer(), next = random("cuts");
    const ops = [report(stranger), report(stranger), report(stranger)], whole = Buffer.concat(ops.map((op) => op.bytes));
    const ends = [ops[0].bytes.length, ops[0].bytes.length + ops[1].bytes.length];
    for (let i = 0; i < 60; i++) {
      const cut = 1 + Math.floor(next() * (whole.length - 1));
      const reply = await stranger.push([], { body: whole.subarray(0, cut) });
      if (ends.includes(cut)) continue;
      assert.deepEqual([reply.status, reply.error.code, reply.error.detail.whole], [400, "broken_frame", ends.filter((end) => end < cut).length]);
    }
    const reply = await stranger.push(ops);
    assert.equal(reply.heads[0].seq, ops[2].seq);
    assert.equal(reply.receipts.at(-1).get(5), ops[2].seq);
  });

  test("takes the same push from two carriers at once and stores it once", async () => {
    const stranger = await newcomer(), carrier = await newcomer();
    const ops = Array.from({ length: 20 }, () => report(stranger));
    const [one, two] = await Promise.all([stranger.push(ops, { signed: true }), carrier.push(ops)]);
    assert.equal(one.results.length + two.results.length, 20);
    for (const reply of [one, two]) assert.equal(reply.receipts.at(-1).get(5), ops.at(-1).seq);
  });

  test("notices a copied phone by its lease, still takes the copy's reports, and lets it start a new log", async () => {
    const stranger = await newcomer();
    const old = stranger.lease;
    for (let i = 0; i < 3; i++) assert.equal((await stranger.push([report(stranger)], { signed: true })).status, 200);
    const op = report(stranger);
    const refused = await stranger.push([op], { signed: true, headers: { "greenshield-lease": old } });
    assert.deepEqual([refused.status, refused.error.code], [409, "stale_copy"]);
    assert.deepEqual((await stranger.push([op])).results, []);
    const before = await stranger.rotate();
    assert.notDeepEqual(before.id, stranger.log.id);
    const after = await stranger.push([report(stranger)], { signed: true });
    assert.deepEqual([after.status, after.results], [200, []]);
    const { ops } = await stranger.pullAll();
    assert.equal(ops.filter((pulled) => pulled.account.equals(stranger.account) && pulled.kind === KIND_INCIDENT).length, 5);
  });

  test("is not held up by a client that sends one byte and then nothing", async () => {
    const { hostname, port } = new URL(server.origin);
    const slow = Array.from({ length: 20 }, () => connect(Number(port), hostname));
    await Promise.all(slow.map((socket) => once(socket, "connect")));
    for (const socket of slow) { socket.on("error", () => {}); socket.write("P"); }
    const from = performance.now();
    assert.equal((await fetch(`${server.origin}/v1/health`)).status, 200);
    assert.ok(performance.now() - from < 1000);
    for (const socket of slow) socket.destroy();
  });

  test("sends the headers that keep a browser safe, and its worker and page are never cached", async () => {
    for (const path of ["/", "/sw.js"]) {
      const reply = await fetch(server.origin + path);
      assert.equal(reply.status, 200, path);
      assert.equal(reply.headers.get("cache-control"), "no-cache", path);
      assert.equal(reply.headers.get("x-content-type-options"), "nosniff", path);
      const policy = reply.headers.get("content-security-policy");
      for (const rule of ["default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'"]) assert.ok(policy.includes(rule), `${path}: ${rule}`);
      assert.ok(!/unsafe-inline|unsafe-eval'|https?:/.test(policy.replace("'wasm-unsafe-eval'", "")), policy);
    }
  });

  test("ends cleanly when it is asked to", async () => {
    assert.deepEqual(await server.down(), { code: 0, signal: null });
    await server.up();
  });
});

// bundle.json, opened and made again by a second program: written from docs/op-format.md §6 and §15 alone, with Node's own crypto.
import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv, createECDH, createHash, hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode, decodePrefix, encode } from "./lib/cbor.mjs";
import { openSigned, readOp } from "./lib/stranger.mjs";

const read = (name) => JSON.parse(readFileSync(new URL(`../../crates/domain/tests/golden/${name}`, import.meta.url), "utf8"));
const golden = read("bundle.json");
const bytes = Object.fromEntries(Object.entries(golden).filter(([key]) => key !== "about").map(([key, text]) => [key, Buffer.from(text, "hex")]));
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const tag = (text) => Buffer.from(`${text}\0`, "latin1");

/** AES-256-GCM with the tag behind the ciphertext. */
function seal(key, nonce, plain, aad = Buffer.alloc(0)) {
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(key, nonce, sealed, aad = Buffer.alloc(0)) {
  const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
}

const pair = (scalar) => { const ecdh = createECDH("prime256v1"); ecdh.setPrivateKey(scalar); return ecdh; };
const header = decode(bytes.header);

test("the sealing key is published under the signature of the server", () => {
  const serverKey = Buffer.from(read("statements.json").server_key, "hex");
  const [payload, signature] = decode(bytes.sealing_key_signed);
  assert.deepEqual(payload, bytes.sealing_key_payload);
  const statement = openSigned(serverKey, "sealing", [payload, signature]);
  assert.deepEqual(statement.get(2), bytes.sealing_key);
  assert.deepEqual(sha256(tag("gs/sealing-key-id/1"), bytes.sealing_key), bytes.sealing_key_id);
});

test("both ends come to the same wrapping key", () => {
  const [ephemeral, server] = [pair(bytes.ephemeral_private), pair(bytes.sealing_key_private)];
  assert.deepEqual(ephemeral.getPublicKey(), bytes.ephemeral_key);
  assert.deepEqual(server.getPublicKey(), bytes.sealing_key);
  assert.deepEqual(ephemeral.computeSecret(bytes.sealing_key), bytes.shared_x);
  assert.deepEqual(server.computeSecret(bytes.ephemeral_key), bytes.shared_x);
  const salt = Buffer.concat([bytes.ephemeral_key, bytes.sealing_key]);
  assert.deepEqual(Buffer.from(hkdfSync("sha256", bytes.shared_x, salt, tag("gs/seal/1"), 32)), bytes.wrapping_key);
});

test("the envelope key is wrapped, and the header names the server's key", () => {
  assert.deepEqual(seal(bytes.wrapping_key, Buffer.alloc(12), bytes.envelope_key), bytes.wrapped_key);
  assert.equal(header.get(1), 1);
  assert.deepEqual(header.get(2), [bytes.sealing_key_id, bytes.ephemeral_key, bytes.wrapped_key]);
  assert.deepEqual(encode(header), bytes.header);
});

test("one frame, opened and sealed again to the same bytes", () => {
  assert.deepEqual(sha256(bytes.header), bytes.aad);
  assert.deepEqual(Buffer.concat([Buffer.alloc(7), Buffer.from([0, 0, 0, 0, 1])]), bytes.nonce);
  const sealed = bytes.file.subarray(bytes.header.length);
  assert.deepEqual(bytes.file.subarray(0, bytes.header.length), bytes.header);
  assert.deepEqual(open(bytes.envelope_key, bytes.nonce, sealed, bytes.aad), bytes.plain);
  assert.deepEqual(seal(bytes.envelope_key, bytes.nonce, bytes.plain, bytes.aad), sealed);
  for (const at of [0, sealed.length - 1]) {
    const damaged = Buffer.from(sealed);
    damaged[at] ^= 1;
    assert.throws(() => open(bytes.envelope_key, bytes.nonce, damaged, bytes.aad));
  }
  assert.throws(() => open(bytes.envelope_key, bytes.nonce, sealed, sha256(encode(header), "another header")));
});

test("the items are what the header announces, and end with their count", () => {
  const items = [];
  for (let at = 0; at < bytes.plain.length;) {
    const [item, next] = decodePrefix(bytes.plain, at);
    items.push(item);
    at = next;
  }
  const ops = items.filter(([kind]) => kind === 1).map(([, op]) => op), blobs = items.filter(([kind]) => kind === 2);
  assert.deepEqual(items.at(-1), [0, ops.length, blobs.length]);
  assert.equal(header.get(4), blobs.length);
  const logs = header.get(3);
  assert.equal(logs.reduce((sum, [, from, upto]) => sum + upto - from + 1, 0), ops.length);
  assert.equal(logs.reduce((sum, [, , , size]) => sum + size, 0), ops.reduce((sum, op) => sum + op.length, 0));
  const places = ops.map((op) => readOp(op)).map((op) => [op.log, op.seq]);
  assert.deepEqual(places, logs.flatMap(([log, from, upto]) => Array.from({ length: upto - from + 1 }, (_, i) => [log, from + i])));
  for (const [, hash, size] of blobs) {
    const pieces = Buffer.concat(items.filter(([kind]) => kind === 3).map(([, piece]) => piece));
    assert.equal(pieces.length, size);
    assert.deepEqual(sha256(pieces), hash);
  }
});

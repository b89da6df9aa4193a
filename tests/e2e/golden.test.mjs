// The golden vectors, checked by a second program: written from docs/op-format.md alone, with nothing but Node's own crypto.
// If this fails and the Rust tests pass, the page does not tell the whole format.

import assert from "node:assert/strict";
import { createHash, createHmac, createPublicKey, verify } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../../crates/domain/tests/golden/", import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
const hex = (text) => Buffer.from(text, "hex");
const toHex = (bytes) => Buffer.from(bytes).toString("hex");
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const tag = (text) => Buffer.from(`${text}\0`, "latin1");

// ---- §1 CBOR: integers are BigInt, byte strings Buffer, text string, arrays Array, maps CborMap, null null

class CborMap {
  constructor(pairs) {
    this.pairs = pairs;
  }
  get(key) {
    return this.pairs.find(([k]) => k === BigInt(key))?.[1];
  }
}

const head = (major, n) => {
  const short = [[24n, 0], [0x100n, 1], [0x10000n, 2], [0x100000000n, 4]].find(([end]) => n < end);
  const width = short ? short[1] : 8;
  const bytes = Buffer.alloc(1 + width);
  bytes[0] = (major << 5) | (width === 0 ? Number(n) : 24 + Math.log2(width));
  for (let i = 0; i < width; i += 1) bytes[width - i] = Number((n >> BigInt(8 * i)) & 0xffn);
  return bytes;
};

const encode = (value) => {
  if (value === null) return Buffer.from([0xf6]);
  if (typeof value === "number") return encode(BigInt(value));
  if (typeof value === "bigint") return value >= 0n ? head(0, value) : head(1, -1n - value);
  if (typeof value === "string") {
    const utf8 = Buffer.from(value);
    return Buffer.concat([head(3, BigInt(utf8.length)), utf8]);
  }
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, BigInt(value.length)), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, BigInt(value.length)), ...value.map(encode)]);
  const pairs = value.pairs.map(([key, item]) => [encode(key), encode(item)]);
  pairs.sort(([a], [b]) => Buffer.compare(a, b));
  return Buffer.concat([head(5, BigInt(pairs.length)), ...pairs.flat()]);
};

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  take(n) {
    if (n > BigInt(this.bytes.length - this.at)) throw new Error("truncated");
    this.at += Number(n);
    return this.bytes.subarray(this.at - Number(n), this.at);
  }
  item(depth = 1) {
    if (depth > 16) throw new Error("too deep");
    const first = this.take(1n)[0];
    if (first === 0xf6) return null;
    const [major, info] = [first >> 5, first & 31];
    if (major > 5 || info > 27) throw new Error("a form that is never used");
    let n = BigInt(info);
    if (info > 23) {
      n = BigInt(`0x${toHex(this.take(BigInt(1 << (info - 24))))}`);
      if (n < [24n, 0x100n, 0x10000n, 0x100000000n][info - 24]) throw new Error("not the shortest form");
    }
    if (major < 2 && n > 0x7fffffffffffffffn) throw new Error("over 64 signed bits");
    if (major === 0) return n;
    if (major === 1) return -1n - n;
    if (major === 2) return Buffer.from(this.take(n));
    if (major === 3) return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.take(n));
    if (major === 4) {
      const items = [];
      for (let i = 0n; i < n; i += 1n) items.push(this.item(depth + 1));
      return items;
    }
    const pairs = [];
    let last = null;
    for (let i = 0n; i < n; i += 1n) {
      const from = this.at;
      const key = this.item(depth + 1);
      const bytes = this.bytes.subarray(from, this.at);
      if (last !== null && Buffer.compare(last, bytes) >= 0) throw new Error("keys out of order");
      last = bytes;
      pairs.push([key, this.item(depth + 1)]);
    }
    return new CborMap(pairs);
  }
}

const decode = (bytes) => {
  const reader = new Reader(bytes);
  const value = reader.item();
  if (reader.at !== bytes.length) throw new Error("bytes after the item");
  return value;
};

const sequence = (bytes) => {
  const reader = new Reader(bytes);
  const items = [];
  let broken = false;
  while (!broken && reader.at < bytes.length) {
    const from = reader.at;
    try {
      reader.item();
      items.push(bytes.subarray(from, reader.at));
    } catch {
      broken = true;
    }
  }
  return { items, broken };
};

// ---- §2 keys and signatures

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const sOf = (signature) => BigInt(`0x${toHex(signature.subarray(32))}`);
const isLowS = (signature) => sOf(signature) <= N / 2n;
const lowS = (signature) => {
  if (isLowS(signature)) return signature;
  const s = (N - sOf(signature)).toString(16).padStart(64, "0");
  return Buffer.concat([signature.subarray(0, 32), hex(s)]);
};
const logOf = (publicKey) => sha256(tag("gs/log/1"), Buffer.from([1]), publicKey);
const verifies = (publicKey, message, signature) => {
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: publicKey.subarray(1, 33).toString("base64url"),
    y: publicKey.subarray(33).toString("base64url"),
  };
  const key = createPublicKey({ key: jwk, format: "jwk" });
  return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
};

// ---- §3 the op

const treeRoot = (leaves) => {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0];
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Buffer.from([1]), treeRoot(leaves.slice(0, k)), treeRoot(leaves.slice(k)));
};
const saltOf = (seed, i) => {
  const index = Buffer.alloc(4);
  index.writeUInt32BE(i);
  return createHmac("sha256", seed).update(index).digest().subarray(0, 16);
};
const leafOf = (salt, entry) => sha256(Buffer.from([0]), salt, encode(entry));
const opId = (header) => sha256(tag("gs/op/1"), header);

class Refused extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}
const need = (condition, reason) => {
  if (!condition) throw new Refused(reason);
};
const isBytes = (value, length) => Buffer.isBuffer(value) && value.length === length;
const isUint = (value, end) => typeof value === "bigint" && value >= 0n && value < end;
const depthOf = (value) => {
  if (Array.isArray(value)) return 1 + Math.max(0, ...value.map(depthOf));
  if (value instanceof CborMap) return 1 + Math.max(0, ...value.pairs.flat().map(depthOf));
  return 1;
};

const checkEntry = (entry) => {
  need(Array.isArray(entry) && entry.length === 3, "shape");
  need(isUint(entry[0], 1n << 32n) && isUint(entry[1], 4n), "shape");
  need(depthOf(entry[2]) <= 8, "too_large");
};

const readHeader = (bytes) => {
  const map = decode(bytes);
  need(map instanceof CborMap && map.pairs.length === 12 && map.get(1) === 1n, "shape");
  const [log, seq, prev, wall, clock, seen] = [2, 3, 4, 5, 6, 7].map((key) => map.get(key));
  const [record, kind, deps, root, count] = [8, 9, 10, 11, 12].map((key) => map.get(key));
  need(isBytes(log, 32) && isUint(seq, 1n << 63n), "shape");
  need(prev === null ? seq === 0n : isBytes(prev, 32) && seq > 0n, "shape");
  need(typeof wall === "bigint" && clock?.length === 2 && isBytes(clock[0], 8), "shape");
  need(typeof clock[1] === "bigint" && isBytes(seen, 16) && isBytes(record, 16), "shape");
  need(isUint(kind, 1n << 32n) && isBytes(root, 32) && typeof count === "bigint", "shape");
  need(Array.isArray(deps) && deps.every((dep) => isBytes(dep, 16)), "shape");
  need(deps.length <= 8 && count >= 1n && count <= 64n, "too_large");
  return { log, seq, prev, wall, boot: clock[0], mono: clock[1], seen, record, kind, deps, root, count };
};

const readOp = (bytes) => {
  let op;
  try {
    op = decode(bytes);
  } catch {
    throw new Refused("not_canonical");
  }
  need(Array.isArray(op) && op.length === 3 && Buffer.isBuffer(op[0]), "shape");
  need(op[0].length <= 1024, "too_large");
  need(isBytes(op[1], 64), "shape");
  const header = readHeader(op[0]);
  const [seed, items] = op[2];
  const redacted = seed === null;
  need((redacted || isBytes(seed, 16)) && Array.isArray(items), "shape");
  const bodyBytes = encode(op[2]);
  const entries = [];
  const leaves = items.map((item, i) => {
    if (redacted && isBytes(item, 32)) return item;
    const [salt, entry] = redacted ? item : [saltOf(seed, i), item];
    checkEntry(entry);
    entries.push(entry);
    return leafOf(salt, entry);
  });
  need(bodyBytes.length <= (redacted ? 18432 : 16384), "too_large");
  need(leaves.length === Number(header.count) && treeRoot(leaves).equals(header.root), "root_mismatch");
  return { headerBytes: op[0], header, signature: op[1], bodyBytes, redacted, entries, leaves, id: opId(op[0]) };
};

const verifyOp = (bytes, publicKey) => {
  const op = readOp(bytes);
  need(logOf(publicKey).equals(op.header.log), "wrong_key");
  need(isLowS(op.signature), "bad_signature");
  need(verifies(publicKey, Buffer.concat([tag("gs/sig/1"), op.id]), op.signature), "bad_signature");
  return op;
};

// ---- §9 the merge

const merge = (ops, ruleOf) => {
  const direct = (b, a) => a !== b && (b.deps.includes(a.op) || (b.log === a.log && b.seq > a.seq));
  const knows = new Map(ops.map((op) => [op, new Set(ops.filter((other) => direct(op, other)))]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const set of knows.values()) {
      for (const known of [...set]) {
        for (const further of knows.get(known)) {
          if (!set.has(further)) changed = true;
          set.add(further);
        }
      }
    }
  }
  const opFollows = (b, a) => knows.get(b).has(a) && !knows.get(a).has(b);
  const rank = (a, b) => a.op.eff_millis - b.op.eff_millis || a.op.op - b.op.op || a.place - b.place;
  const all = ops.filter((op) => op.verdict === "ok").flatMap((op) =>
    op.entries.map(([field, act, value], place) => ({ op, place, field, act, value })));
  const follows = (b, a) => (b.op === a.op ? b.place > a.place : opFollows(b.op, a.op));
  const say = (setting) => ({ op: setting.op.op, value: setting.value });
  const fields = [];
  for (const field of [...new Set(all.map((s) => s.field))].sort((a, b) => a - b)) {
    const rule = ruleOf(field);
    const settings = all.filter((s) => s.field === field && (rule === "set" || s.act !== 2));
    let shown = [];
    let conflicts = [];
    if (rule === "set") {
      const values = [...new Set(settings.map((s) => s.value))].sort((a, b) => Buffer.compare(encode(a), encode(b)));
      shown = values.flatMap((value) => {
        const [adds, removes] = [settings.filter((s) => s.value === value && s.act !== 2),
          settings.filter((s) => s.value === value && s.act === 2)];
        return adds.filter((add) => !removes.some((remove) => follows(remove, add))).sort(rank).slice(0, 1);
      });
    } else {
      const open = rule === "once"
        ? settings.filter((s) => !settings.some((other) => follows(s, other)))
        : settings.filter((s) => !settings.some((other) => follows(other, s)));
      open.sort(rank);
      shown = rule === "lww" ? open.slice(-1) : open.slice(0, 1);
      const rest = rule === "once" ? settings : open;
      conflicts = rest.filter((s) => s !== shown[0] && s.value !== shown[0].value).sort((a, b) => rank(b, a));
    }
    if (shown.length + conflicts.length > 0) {
      fields.push({ field, shown: shown.map(say), conflicts: conflicts.map(say) });
    }
  }
  const heads = ops.filter((op) => !ops.some((other) => opFollows(other, op)))
    .sort((a, b) => b.eff_millis - a.eff_millis || b.op - a.op).slice(0, 8).map((op) => op.op);
  return { fields, heads, held: ops.filter((op) => !["ok", "void"].includes(op.verdict)).length };
};

// ---- the files

const OPS = ["genesis.json", "incident.json", "desk_genesis.json", "follow_up.json", "server_genesis.json",
  "decision.json", "erasure.json", "erasure_files.json", "hold.json"];

test("every golden file is known to this program", () => {
  const known = [...OPS, "key.json", "redacted.json", "request.json", "statements.json", "enrol.json", "sync.json",
    "refusals.json", "cbor.json", "merge.json", "proofs.json", "track.json", "values.json", "bundle.json"]; // the last: golden-bundle.test.mjs
  assert.deepEqual(readdirSync(FOLDER).filter((name) => name.endsWith(".json")).sort(), known.sort());
});

test("cbor: every value has one form, and every other form is refused", () => {
  const file = read("cbor.json");
  for (const { cbor } of file.canonical) assert.equal(toHex(encode(decode(hex(cbor)))), cbor);
  for (const { cbor, why } of file.refused) assert.throws(() => decode(hex(cbor)), Error, why);
});

test("key: the log is the hash of algorithm and point; signatures become low-S", () => {
  const file = read("key.json");
  assert.equal(toHex(logOf(hex(file.public_key))), file.log);
  assert.ok(file.low_s.length > 0);
  for (const twins of file.low_s) {
    assert.ok(!isLowS(hex(twins.high_s)));
    assert.equal(toHex(lowS(hex(twins.high_s))), twins.low_s);
  }
});

for (const name of OPS) {
  test(`${name}: every step from the inputs to the bytes of the op`, () => {
    const file = read(name);
    const entries = file.entries.map((entry, i) => {
      const value = [BigInt(entry.field), BigInt(entry.act), decode(hex(entry.value.cbor))];
      const salt = saltOf(hex(file.seed), i);
      assert.equal(toHex(encode(value)), entry.entry_cbor);
      assert.equal(toHex(salt), entry.salt);
      assert.equal(toHex(leafOf(salt, value)), entry.leaf);
      return value;
    });
    assert.equal(toHex(treeRoot(file.entries.map((entry) => hex(entry.leaf)))), file.root);
    const prev = file.prev === null ? null : hex(file.prev);
    const header = encode(new CborMap([
      [1, 1], [2, hex(file.log)], [3, file.seq], [4, prev], [5, file.wall_millis],
      [6, [hex(file.boot), file.mono_millis]], [7, hex(file.seen)], [8, hex(file.record)], [9, file.kind],
      [10, file.deps.map(hex)], [11, hex(file.root)], [12, entries.length],
    ]));
    assert.equal(toHex(header), file.header);
    assert.equal(toHex(opId(header)), file.id);
    assert.equal(file.id.slice(0, 32), file.ref);
    const body = [hex(file.seed), entries];
    assert.equal(toHex(encode(body)), file.body);
    assert.equal(toHex(encode([header, hex(file.signature), body])), file.op);
    const op = verifyOp(hex(file.op), hex(file.public_key));
    assert.equal(toHex(op.id), file.id);
    if (name.endsWith("genesis.json")) {
      const fields = new Map(op.entries.map(([field, , value]) => [Number(field), value]));
      assert.equal(op.header.kind, 0n);
      assert.ok(op.header.record.equals(op.header.log.subarray(0, 16)));
      assert.equal(fields.get(1), 1n);
      assert.equal(toHex(fields.get(2)), file.public_key);
      assert.ok(isBytes(fields.get(3), 16) && isBytes(fields.get(4), 16) && typeof fields.get(5) === "string");
    }
  });
}

test("incident: its values say place, photos and answers as the table of fields has them", () => {
  const op = readOp(hex(read("incident.json").op));
  const values = (field) => op.entries.filter((entry) => entry[0] === BigInt(field)).map((entry) => entry[2]);
  const [lat, lon, accuracy, , source] = values(2)[0].map(Number);
  assert.deepEqual([lat / 1e7, lon / 1e7, accuracy / 100, source], [38.971234, 100.450321, 8, 0]);
  const photos = values(9);
  assert.ok(photos[0].get(1).equals(sha256("the photo at 2048 px")) && photos[0].get(2) === 20n);
  assert.ok(photos[0].get(5).equals(sha256("the original of the photo")));
  assert.deepEqual([photos[1].get(3), photos[1].get(4), photos[1].get(5)], ["image/jpeg", "河边.jpg", undefined]);
  const answer = readOp(hex(read("follow_up.json").op));
  assert.deepEqual(answer.header.deps.map(toHex), [read("incident.json").ref]);
});

test("redacted: the same id, root and signature; only the asked fields are hidden", () => {
  const [file, whole] = [read("redacted.json"), read("incident.json")];
  const op = verifyOp(hex(file.op), hex(whole.public_key));
  assert.equal(file.whole_op, whole.op);
  assert.deepEqual([toHex(op.id), toHex(op.header.root), toHex(op.signature)], [whole.id, whole.root, whole.signature]);
  assert.deepEqual(op.leaves.map(toHex), file.leaves);
  const kept = whole.entries.map((entry) => entry.field).filter((field) => !file.hidden_fields.includes(field));
  assert.deepEqual(op.entries.map((entry) => Number(entry[0])), kept);
});

test("refusals: each for its reason", () => {
  const file = read("refusals.json");
  const key = hex(file.public_key);
  assert.equal(verifyOp(hex(file.good_op), key).redacted, false);
  for (const { op, reason, why } of file.refused) {
    const refuse = () => need(!verifyOp(hex(op), key).redacted, "redacted");
    assert.throws(refuse, (error) => error.reason === reason, `${why}: expected ${reason}`);
  }
});

test("requests: the message and the header that carries its signature", () => {
  const file = read("request.json");
  for (const request of file.requests) {
    const lines = `${request.method}\n${request.path_and_query}\n${request.at_millis}`;
    const message = Buffer.concat([tag("gs/auth/1"), Buffer.from(lines)]);
    assert.equal(toHex(message), request.message);
    const header = /^Greenshield log="([0-9a-f]{64})", at="(-?\d+)", sig="([\w-]{86})"$/.exec(request.authorization);
    assert.deepEqual([header[1], header[2]], [file.log, String(request.at_millis)]);
    assert.equal(Buffer.from(header[3], "base64url").toString("hex"), request.signature);
    assert.ok(verifies(hex(file.public_key), message, hex(request.signature)));
  }
});

const open = (key, name, [payload, signature]) => {
  assert.ok(verifies(key, Buffer.concat([tag(name), payload]), signature), name);
  return decode(payload);
};
const checkpointId = (payload) => sha256(tag("gs/checkpoint-id/1"), payload).subarray(0, 16);

test("statements: receipts, checkpoint and certificate open with the key of the server", () => {
  const file = read("statements.json");
  const key = hex(file.server_key);
  const tags = {
    receipt: "gs/receipt/1", blob_receipt: "gs/blob-receipt/1", checkpoint: "gs/checkpoint/1",
    empty_checkpoint: "gs/checkpoint/1", certificate: "gs/certificate/1",
  };
  const said = {};
  for (const [name, text] of Object.entries(tags)) {
    const part = file[name];
    assert.equal(Buffer.from(part.signed_base64url, "base64url").toString("hex"), part.signed_cbor);
    said[name] = open(key, text, decode(hex(part.signed_cbor)));
    assert.equal(toHex(encode(said[name])), part.payload);
    assert.equal(said[name].get(1), 1n);
  }
  const incident = read("incident.json");
  assert.equal(toHex(said.receipt.get(6)), incident.id);
  assert.deepEqual([said.receipt.get(4), said.receipt.get(5)], [0n, 1n]);
  assert.equal(toHex(said.receipt.get(8)), file.checkpoint.id);
  assert.equal(toHex(checkpointId(hex(file.checkpoint.payload))), file.checkpoint.id);
  assert.equal(toHex(checkpointId(hex(file.empty_checkpoint.payload))), incident.seen);
  const leaves = file.checkpoint.op_ids.map((id) => sha256(Buffer.from([0]), hex(id)));
  assert.deepEqual(leaves.map(toHex), file.checkpoint.leaves);
  assert.equal(toHex(said.checkpoint.get(4)), toHex(treeRoot(leaves)));
  assert.equal(toHex(said.empty_checkpoint.get(4)), toHex(treeRoot([])));
  assert.equal(toHex(said.certificate.get(2)), incident.log);
});

// §6, by the recursive definitions of RFC 6962 §2.1.1 and §2.1.2.
const largestBelow = (n) => {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
};
const inclusionPath = (at, leaves) => {
  if (leaves.length <= 1) return [];
  const k = largestBelow(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return at < k ? [...inclusionPath(at, left), treeRoot(right)] : [...inclusionPath(at - k, right), treeRoot(left)];
};
const consistencyPath = (from, leaves, whole = true) => {
  if (from === leaves.length) return whole ? [] : [treeRoot(leaves)];
  const k = largestBelow(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return from <= k
    ? [...consistencyPath(from, left, whole), treeRoot(right)]
    : [...consistencyPath(from - k, right, false), treeRoot(left)];
};

test("proofs: each path is the one of the definition, under a checkpoint of the server", () => {
  const file = read("proofs.json");
  const leaves = file.op_ids.map((id) => sha256(Buffer.from([0]), hex(id)));
  const signed = new Map(file.checkpoints.map((checkpoint) => [checkpoint.size, checkpoint]));
  for (const { size, root, signed_cbor: pair } of file.checkpoints) {
    const said = open(hex(file.server_key), "gs/checkpoint/1", decode(hex(pair)));
    assert.deepEqual([said.get(3), toHex(said.get(4))], [BigInt(size), root]);
    assert.equal(root, toHex(treeRoot(leaves.slice(0, size))));
  }
  const same = (first, size, proof, path) => {
    assert.deepEqual(proof.path, path.map(toHex));
    const pair = decode(hex(signed.get(size).signed_cbor));
    assert.equal(toHex(encode(new CborMap([[1, first], [2, size], [3, path], [4, pair]]))), proof.cbor);
  };
  for (const proof of file.inclusion) {
    same(proof.pos, proof.size, proof, inclusionPath(proof.pos - 1, leaves.slice(0, proof.size)));
  }
  for (const proof of file.consistency) {
    const path = proof.from === 0 ? [] : consistencyPath(proof.from, leaves.slice(0, proof.to));
    same(proof.from, proof.to, proof, path);
  }
});

test("enrolment: the genesis quotes what the server said, the reply vouches for it", () => {
  const file = read("enrol.json");
  const { begin_response: begin, enrol_response: reply } = file;
  const key = hex(begin.server_key);
  const signed = (json) => [json.payload, json.signature].map((part) => Buffer.from(part, "base64url"));
  const genesis = read("genesis.json");
  const op = verifyOp(Buffer.from(file.enrol_request.op, "base64url"), hex(genesis.public_key));
  const fields = new Map(op.entries.map(([field, , value]) => [Number(field), value]));
  assert.deepEqual([toHex(fields.get(3)), toHex(fields.get(4))], [begin.nonce, begin.account]);
  open(key, "gs/checkpoint/1", signed(begin.checkpoint));
  assert.ok(op.header.seen.equals(checkpointId(signed(begin.checkpoint)[0])));
  const certificate = open(key, "gs/certificate/1", signed(reply.certificate));
  assert.deepEqual([toHex(certificate.get(2)), toHex(certificate.get(3))], [reply.log, reply.account]);
  const receipt = open(key, "gs/receipt/1", signed(reply.receipt));
  assert.deepEqual([toHex(receipt.get(6)), receipt.get(4), receipt.get(5)], [genesis.id, 0n, 0n]);
  assert.match(reply.lease, /^[0-9a-f]{32}$/);
});

test("sync: push, reply, page, heads and cursor", () => {
  const [file, statements] = [read("sync.json"), read("statements.json")];
  const key = hex(statements.server_key);
  const [genesis, incident] = [read("genesis.json"), read("incident.json")];
  assert.deepEqual(sequence(hex(file.push_body)).items.map(toHex), [genesis.op, incident.op]);
  const cut = sequence(hex(file.push_body_cut));
  assert.deepEqual([cut.items.map(toHex), cut.broken], [[incident.op], true]);

  const reply = decode(hex(file.push_reply.cbor));
  assert.deepEqual(reply.get(1).map((result) => [result[0], result[2], result[3]]),
    [[0n, 1n, "duplicate"], [2n, 5n, "shape"]]);
  assert.equal(toHex(reply.get(2)[0][2]), incident.id);
  assert.equal(toHex(open(key, "gs/receipt/1", reply.get(3)[0]).get(6)), incident.id);
  assert.equal(reply.get(4).length, 16);
  open(key, "gs/checkpoint/1", reply.get(7));

  const page = decode(hex(file.pull_page.cbor));
  assert.deepEqual(page.get(1).map((row) => [row[0], row[3], toHex(row[5])]),
    [[2n, 0n, incident.op], [4n, "revoked", read("follow_up.json").op]]);
  assert.equal(page.get(2), file.cursor.text);
  open(key, "gs/checkpoint/1", page.get(3));
  assert.deepEqual(page.get(6).map((row) => row[2]), ["volunteer", "desk"]);

  const heads = decode(hex(file.heads_reply.cbor));
  assert.deepEqual(encode(heads.get(1)), encode(reply.get(2)));
  const cursor = Buffer.from(file.cursor.text, "base64url");
  assert.deepEqual([toHex(cursor.subarray(0, 8)), toHex(cursor.subarray(8, 16)), cursor.readBigUInt64BE(16)],
    [file.cursor.epoch, file.cursor.scope, BigInt(file.cursor.pos)]);
});

test("merge: every scenario shows what the file says, in any order of the ops", () => {
  const file = read("merge.json");
  const rules = new Map(file.rules.map(({ field, rule }) => [field, rule]));
  for (const { about, ops, merged } of file.scenarios) {
    for (const order of [ops, [...ops].reverse()]) {
      assert.deepEqual(merge(order, (field) => rules.get(field) ?? "lww"), merged, about);
    }
  }
});

test("track: a segment is what section 16 says, item by item", () => {
  const file = read("track.json");
  const [version, mode, items] = decode(hex(file.segment));
  assert.deepEqual([version, ["foot", "horse", "motorbike", "car", "boat", "drone"][mode]], [1n, file.mode]);
  let [time, lat, lon] = [0n, 0n, 0n];
  const words = items.map((item) => {
    if (item.length === 3) {
      const [cause, from, length] = item;
      const begin = time + from;
      time = begin + length;
      return `gap ${["hidden", "no-fix", "restart", "paused"][cause]} ${begin} ${time}`;
    }
    [time, lat, lon] = [time + item[0], lat + item[1], lon + item[2]];
    return `fix ${time} ${lat} ${lon} ${item[3]} ${item[4] ?? "none"}`;
  });
  assert.deepEqual(words, file.items);
});

test("values: patrols, tasks and notices say what section 17 says, entry by entry", () => {
  const file = read("values.json");
  const entries = (name) => file[name].map(({ cbor }) => decode(hex(cbor)));
  const numbers = (name) => entries(name).map(([field, act]) => [Number(field), Number(act)]);
  assert.deepEqual(entries("phone_notes").map(([field, act, [, battery, offset]]) => [field, act, battery, offset]),
    [[28n, 1n, 82n, -1500n], [28n, 1n, null, null]]);
  assert.deepEqual(entries("progress").map(([field, act, [, text, percent]]) => [field, act, text, percent]),
    [[25n, 1n, "half of it", 50n], [25n, 1n, "rain", null]]);
  assert.deepEqual(numbers("task"), [[1, 0], [7, 0], [20, 0], [6, 0], [22, 0], [23, 0], [27, 0], [21, 1], [24, 1]]);
  assert.deepEqual(numbers("notice"), [[1, 0], [20, 0], [6, 0], [21, 0], [22, 0], [23, 1]]);
});

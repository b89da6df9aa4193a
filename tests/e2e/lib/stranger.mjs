// An independent client in plain Node: it knows docs/op-format.md and the OpenAPI, and shares no code with the product.
import { createHash, createHmac, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { decode, encode } from "./cbor.mjs";

export const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest();
const tag = (name) => Buffer.from(`${name}\0`);
const ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

/** ECDSA P-256 over SHA-256, r ‖ s, with the low one of the two possible s. */
function lowSign(key, message) {
  const raw = sign("sha256", message, { key, dsaEncoding: "ieee-p1363" });
  const s = BigInt(`0x${raw.subarray(32).toString("hex")}`);
  const low = s > ORDER / 2n ? ORDER - s : s;
  return Buffer.concat([raw.subarray(0, 32), Buffer.from(low.toString(16).padStart(64, "0"), "hex")]);
}

/** The other signature that verifies; servers must refuse it. */
export function highS(signature) {
  const s = ORDER - BigInt(`0x${signature.subarray(32).toString("hex")}`);
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, "0"), "hex")]);
}

export function verifyPoint(point, message, signature) {
  const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
  return verify("sha256", message, { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" }, signature);
}

/** RFC 6962 root over leaf hashes. */
export function treeRoot(leaves) {
  if (leaves.length === 0) return sha256("");
  if (leaves.length === 1) return leaves[0];
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return sha256([1], treeRoot(leaves.slice(0, split)), treeRoot(leaves.slice(split)));
}

/** UUIDv7 for a moment. */
export function recordId(at = Date.now()) {
  const id = randomBytes(16);
  id.writeUIntBE(at, 0, 6);
  id[6] = (id[6] & 15) | 0x70;
  id[8] = (id[8] & 63) | 0x80;
  return id;
}

export const KIND_GENESIS = 0;
export const KIND_INCIDENT = 10;
export const FIELD = { foundAt: 1, place: 2, capture: 3, category: 4, placeName: 5, note: 6, state: 7, answer: 8, photos: 9 };
export const STATEMENT = { receipt: "gs/receipt/1", blob: "gs/blob-receipt/1", checkpoint: "gs/checkpoint/1", certificate: "gs/certificate/1", sealing: "gs/sealing-key/1" };

/** A log: a key and the ops that it signed. Makes bytes, sends nothing. */
export class Log {
  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x, y } = publicKey.export({ format: "jwk" });
    this.key = privateKey;
    this.point = Buffer.concat([Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
    this.id = sha256(tag("gs/log/1"), [1], this.point);
    this.boot = randomBytes(8);
    this.seq = 0;
    this.prev = null;
    this.seen = Buffer.alloc(16);
  }

  /** One op on a record; `move: false` makes it without taking its place in the log. */
  op(record, kind, entries, { wall = Date.now(), deps = [], move = true, seq = this.seq, prev = this.prev, breakSignature, raiseS } = {}) {
    const seed = randomBytes(16);
    const leaves = entries.map((entry, i) => {
      const index = Buffer.alloc(4);
      index.writeUInt32BE(i);
      const salt = createHmac("sha256", seed).update(index).digest().subarray(0, 16);
      return sha256([0], salt, encode(entry));
    });
    const header = encode(new Map([
      [1, 1], [2, this.id], [3, seq], [4, prev], [5, wall], [6, [this.boot, Math.round(performance.now())]], [7, this.seen],
      [8, record], [9, kind], [10, deps], [11, treeRoot(leaves)], [12, leaves.length],
    ]));
    const id = sha256(tag("gs/op/1"), header);
    let signature = lowSign(this.key, Buffer.concat([tag("gs/sig/1"), id]));
    if (breakSignature) signature[5] ^= 1;
    if (raiseS) signature = highS(signature);
    if (move) { this.seq = seq + 1; this.prev = id; }
    return { id, seq, record, header, bytes: encode([header, signature, [seed, entries]]) };
  }

  /** Seq 0; `old` is the log that this one carries on. */
  genesis(nonce, account, old) {
    const carriesOn = old ? [[6, 0, [old.id, old.seq - 1, old.prev]]] : [];
    const facts = [[1, 0, 1], [2, 0, this.point], [3, 0, nonce], [4, 0, account], [5, 0, "stranger 1.0"], ...carriesOn];
    return this.op(this.id.subarray(0, 16), KIND_GENESIS, facts);
  }

  /** The header that proves who asks. */
  authorization(method, path, at = Date.now()) {
    const signature = lowSign(this.key, Buffer.from(`gs/auth/1\0${method}\n${path}\n${at}`));
    return `Greenshield log="${this.id.toString("hex")}", at="${at}", sig="${signature.toString("base64url")}"`;
  }
}

/** The entries of a plain report. */
export function reportEntries({ category = "waste-dump", note = "测试", at = Date.now(), place = [389256000, 1004498000, 800, at, 0], photos = [] } = {}) {
  const links = photos.map((photo) => [FIELD.photos, 3, new Map([[1, photo.sha256], [2, photo.size], [3, "image/jpeg"]])]);
  return [[FIELD.foundAt, 0, at], [FIELD.place, 0, place], [FIELD.category, 0, category], [FIELD.note, 0, note], ...links];
}

/** Opens a signed statement `[payload, signature]`; throws unless the server's key signed it. */
export function openSigned(serverKey, kind, [payload, signature]) {
  if (!verifyPoint(serverKey, Buffer.concat([tag(STATEMENT[kind]), payload]), signature)) throw new Error(`a ${kind} that the server did not sign`);
  return decode(payload);
}

/** A person's device that talks to a server. */
export class Stranger {
  constructor(origin) { this.origin = origin; }

  async request(method, path, { headers = {}, body, signed = true, at, duplex } = {}) {
    const all = { ...headers };
    if (signed) all.authorization = this.log.authorization(method, path, at);
    return fetch(this.origin + path, { method, headers: all, body, duplex });
  }

  json(path, body) {
    return this.request("POST", path, { signed: false, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  }

  async enrol(code) {
    const begun = await (await this.json("/v1/enrol/begin", { code })).json();
    this.about = begun;
    this.account = Buffer.from(begun.account, "hex");
    this.serverKey = Buffer.from(begun.server_key, "hex");
    this.log = new Log();
    this.genesis = this.log.genesis(Buffer.from(begun.nonce, "hex"), this.account);
    const reply = await this.json("/v1/enrol", { code, op: this.genesis.bytes.toString("base64url") });
    if (reply.status !== 200) throw new Error(`enrolment: ${reply.status} ${await reply.text()}`);
    const enrolled = await reply.json();
    this.enrolled = enrolled;
    this.lease = enrolled.lease;
    return enrolled;
  }

  /** A new key that carries on the old log (docs/op-format.md §5). */
  async rotate() {
    const old = this.log, fresh = new Log(), body = JSON.stringify({ code: "", op: fresh.genesis(randomBytes(16), this.account, old).bytes.toString("base64url") });
    const reply = await this.request("POST", "/v1/enrol", { headers: { "content-type": "application/json" }, body });
    if (reply.status !== 200) throw new Error(`rotation: ${reply.status} ${await reply.text()}`);
    this.log = fresh;
    this.lease = (await reply.json()).lease;
    return old;
  }

  /** Opens a statement that came in JSON. */
  openJson(kind, { payload, signature }) {
    return openSigned(this.serverKey, kind, [Buffer.from(payload, "base64url"), Buffer.from(signature, "base64url")]);
  }

  async push(ops, { signed = false, headers = {}, body = Buffer.concat(ops.map((op) => op.bytes)) } = {}) {
    if (signed && this.lease) headers = { "greenshield-lease": this.lease, ...headers };
    const reply = await this.request("POST", "/v1/ops", { signed, body, headers: { "content-type": "application/cbor-seq", ...headers } });
    if (reply.status !== 200) return { status: reply.status, error: await reply.json() };
    const map = decode(Buffer.from(await reply.arrayBuffer()));
    if (map.get(4)) this.lease = map.get(4).toString("hex");
    return {
      status: 200,
      results: map.get(1).map(([index, id, code, reason]) => ({ index, id, code, reason })),
      heads: map.get(2).map(([log, seq, id]) => ({ log, seq, id })),
      receipts: map.get(3).map((signed) => openSigned(this.serverKey, "receipt", signed)),
      checkpoint: openSigned(this.serverKey, "checkpoint", map.get(7)),
      time: map.get(5), epoch: map.get(6),
    };
  }

  async pull(cursor, { max, wait } = {}) {
    const query = new URLSearchParams(Object.entries({ cursor, max, wait }).filter(([, value]) => value !== undefined)).toString();
    const reply = await this.request("GET", `/v1/ops${query ? `?${query}` : ""}`);
    if (reply.status !== 200) return { status: reply.status, error: await reply.json() };
    const map = decode(Buffer.from(await reply.arrayBuffer()));
    const ops = map.get(1).map(([pos, eff, received, verdict, account, bytes]) => ({ pos, eff, received, verdict, account, bytes, ...readOp(bytes) }));
    return {
      status: 200, ops, next: map.get(2), more: map.get(4) === 1, people: map.get(6).map(([account, name, role]) => ({ account, name, role })),
      checkpoint: openSigned(this.serverKey, "checkpoint", map.get(3)),
    };
  }

  /** Everything from the beginning. */
  async pullAll(max) {
    const all = [];
    let cursor, page;
    do {
      page = await this.pull(cursor, { max });
      all.push(...page.ops);
      cursor = page.next;
    } while (page.more);
    return { ops: all, checkpoint: page.checkpoint, next: cursor };
  }
}

/** Reads an op and checks everything in it that can be checked without its log's key. */
export function readOp(bytes) {
  const [header, signature, [seed, entries]] = decode(bytes);
  const map = decode(header);
  return {
    id: sha256(tag("gs/op/1"), header), signature, log: map.get(2), seq: map.get(3), record: map.get(8), kind: map.get(9), root: map.get(11), seed, entries,
    value: (field) => entries.find(([found]) => found === field)?.[2],
  };
}

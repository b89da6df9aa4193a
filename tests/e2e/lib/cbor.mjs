// Deterministic CBOR as docs/op-format.md describes it, written for these tests alone so that it can contradict the product.
// Numbers are JS numbers below 2^53; bytes are Buffers; maps are Maps with integer keys; null is null.

const head = (major, n) => {
  if (n < 24) return Buffer.from([(major << 5) | n]);
  if (n < 0x100) return Buffer.from([(major << 5) | 24, n]);
  if (n < 0x10000) return Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
  if (n < 0x100000000) {
    const out = Buffer.alloc(5);
    out[0] = (major << 5) | 26;
    out.writeUInt32BE(n, 1);
    return out;
  }
  const out = Buffer.alloc(9);
  out[0] = (major << 5) | 27;
  out.writeBigUInt64BE(BigInt(n), 1);
  return out;
};

export function encode(value) {
  if (value === null) return Buffer.from([0xf6]);
  if (typeof value === "number") return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(encode)]);
  if (value instanceof Map) {
    const pairs = [...value].map(([key, item]) => [encode(key), encode(item)]).sort((a, b) => Buffer.compare(a[0], b[0]));
    return Buffer.concat([head(5, pairs.length), ...pairs.flat()]);
  }
  throw new Error(`no CBOR for ${typeof value}`);
}

/** The first item of the bytes and how many bytes it took. */
export function decodePrefix(bytes, at = 0) {
  const byte = bytes[at++];
  if (byte === 0xf6) return [null, at];
  const major = byte >> 5, info = byte & 31;
  let n = info;
  if (info === 24) n = bytes[at++];
  else if (info === 25) { n = bytes.readUInt16BE(at); at += 2; }
  else if (info === 26) { n = bytes.readUInt32BE(at); at += 4; }
  else if (info === 27) { n = Number(bytes.readBigUInt64BE(at)); at += 8; }
  else if (info > 27 || major > 5) throw new Error(`byte ${byte} at ${at - 1} is no item of ours`);
  if (major === 0) return [n, at];
  if (major === 1) return [-1 - n, at];
  if (major === 2) return [bytes.subarray(at, at + n), at + n];
  if (major === 3) return [bytes.subarray(at, at + n).toString("utf8"), at + n];
  const items = [];
  for (let i = 0; i < (major === 5 ? 2 * n : n); i++) {
    const [item, next] = decodePrefix(bytes, at);
    items.push(item);
    at = next;
  }
  if (major === 4) return [items, at];
  return [new Map(Array.from({ length: n }, (_, i) => [items[2 * i], items[2 * i + 1]])), at];
}

export function decode(bytes) {
  const [value, used] = decodePrefix(Buffer.from(bytes));
  if (used !== bytes.length) throw new Error(`${bytes.length - used} bytes after the item`);
  return value;
}

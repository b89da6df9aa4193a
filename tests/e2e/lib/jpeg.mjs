// A real baseline JPEG with EXIF, made from nothing: a procedural picture written straight as DCT coefficients.
// Small on purpose, and the same bytes for the same arguments, so that tests can compare bytes.
import { crc32 } from "node:zlib";

const DC_COUNTS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const DC_VALUES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
// AC table of our own: run 0 with 1–8 bits, and end of block, all with 4-bit codes.
const AC_VALUES = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08];
const AC_COUNTS = [0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

function codes(counts, values) {
  const table = new Map();
  let code = 0, at = 0;
  counts.forEach((count, length) => {
    for (let i = 0; i < count; i++) table.set(values[at++], [code++, length + 1]);
    code <<= 1;
  });
  return table;
}

class Bits {
  bytes = [];
  #held = 0;
  #count = 0;
  put(value, length) {
    for (let i = length - 1; i >= 0; i--) {
      this.#held = (this.#held << 1) | ((value >> i) & 1);
      if (++this.#count === 8) {
        this.bytes.push(this.#held);
        if (this.#held === 0xff) this.bytes.push(0);
        this.#held = this.#count = 0;
      }
    }
  }
  end() { while (this.#count !== 0) this.put(1, 1); return Buffer.from(this.bytes); }
}

const sizeOf = (n) => (n === 0 ? 0 : 32 - Math.clz32(Math.abs(n)));
const bitsOf = (n, size) => (n < 0 ? n + (1 << size) - 1 : n);
const segment = (marker, ...parts) => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255]), body]);
};
const u16 = (n) => [n >> 8, n & 255];

/** Random numbers that are the same for the same seed. */
export function random(seed) {
  let state = crc32(Buffer.from(String(seed))) || 1;
  return () => {
    state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Sky, mountains and some grain. `grain` = AC coefficients per block: more makes the file larger. */
function scan(width, height, grain, seed) {
  const dc = codes(DC_COUNTS, DC_VALUES), ac = codes(AC_COUNTS, AC_VALUES), bits = new Bits(), next = random(seed);
  const last = [0, 0, 0];
  const number = (table, n) => { const size = sizeOf(n); bits.put(...table.get(size)); bits.put(bitsOf(n, size), size); };
  for (let y = 0; y < height / 8; y++) {
    for (let x = 0; x < width / 8; x++) {
      const ridge = (height / 8) * (0.45 + 0.2 * Math.sin(x / 9 + 1) + 0.08 * Math.sin(x / 3));
      const colour = y < ridge ? [40 - y, 12, -6] : [-20 + (x % 5), -14, -8];
      colour.forEach((value, channel) => {
        const level = Math.round(value);
        number(dc, level - last[channel]);
        last[channel] = level;
        if (channel === 0) for (let i = 0; i < grain; i++) number(ac, Math.floor(next() * 5) + 1);
        bits.put(...ac.get(0));
      });
    }
  }
  return bits.end();
}

function tiff({ lat, lon, date, orientation }) {
  const entry = (tag, type, count, value) => {
    const out = Buffer.alloc(12);
    out.writeUInt16LE(tag, 0); out.writeUInt16LE(type, 2); out.writeUInt32LE(count, 4);
    if (Buffer.isBuffer(value)) value.copy(out, 8); else out.writeUInt32LE(value, 8);
    return out;
  };
  const rationals = (degrees) => {
    const all = Math.abs(degrees), d = Math.floor(all), m = Math.floor((all - d) * 60), s = Math.round(((all - d) * 60 - m) * 6000);
    const out = Buffer.alloc(24);
    [d, 1, m, 1, s, 100].forEach((n, i) => out.writeUInt32LE(n, i * 4));
    return out;
  };
  const directory = (entries) => Buffer.concat([Buffer.from([entries.length, 0]), ...entries, Buffer.alloc(4)]);
  const text = Buffer.from(`${date}\0`), at = { ifd: 8, exif: 8 + 2 + 4 * 12 + 4 };
  at.gps = at.exif + 2 + 12 + 4;
  at.date = at.gps + 2 + 4 * 12 + 4;
  at.lat = at.date + text.length + (text.length % 2);
  at.lon = at.lat + 24;
  const ascii = (letter) => Buffer.from([letter.charCodeAt(0), 0, 0, 0]);
  const pad = Buffer.alloc(text.length % 2);
  return Buffer.concat([
    Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0]),
    directory([entry(0x0112, 3, 1, orientation), entry(0x0132, 2, text.length, at.date), entry(0x8769, 4, 1, at.exif), entry(0x8825, 4, 1, at.gps)]),
    directory([entry(0x9003, 2, text.length, at.date)]),
    directory([entry(1, 2, 2, ascii(lat >= 0 ? "N" : "S")), entry(2, 5, 3, at.lat), entry(3, 2, 2, ascii(lon >= 0 ? "E" : "W")), entry(4, 5, 3, at.lon)]),
    text, pad, rationals(lat), rationals(lon),
  ]);
}

/** A JPEG file. Defaults: about 100 KB, taken near Zhangye by a phone held upright. */
export function jpeg({ width = 1024, height = 768, grain = 10, seed = 1, exif = {} } = {}) {
  const facts = { lat: 38.9256, lon: 100.4498, date: "2026:11:20 14:05:09", orientation: 6, ...exif };
  const components = [1, 2, 3].flatMap((id) => [id, 0x11, 0]);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe1, "Exif\0\0", tiff(facts)),
    segment(0xdb, [0], Buffer.alloc(64, 8)),
    segment(0xc0, [8], u16(height), u16(width), [3], components),
    segment(0xc4, [0x00], DC_COUNTS, DC_VALUES),
    segment(0xc4, [0x10], AC_COUNTS, AC_VALUES),
    segment(0xda, [3, 1, 0, 2, 0, 3, 0], [0, 63, 0]),
    scan(width, height, grain, seed),
    Buffer.from([0xff, 0xd9]),
  ]);
}

// Looks into the phone's IndexedDB past the app: the truth about what is on the disk of a device. Rows are sealed there; the
// helper opens them as the app does, with the key that the browser lets this page use and nobody take away.
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";

const NAME = "gs-main";

/** Runs in the page. `{key, slot, rows: [[key, value]]}`, bytes as base64; null = no such database or table. */
const scan = ({ name, table, from, to }) => new Promise((resolve, reject) => {
  const base64 = (bytes) => { let text = ""; for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192)); return btoa(text); };
  const bytes = (value) => (value instanceof Uint8Array ? value : value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array());
  const opening = indexedDB.open(name);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result, has = (store) => database.objectStoreNames.contains(store);
    if (!has(table)) { database.close(); return resolve({ slot: null, rows: [] }); }
    const transaction = database.transaction([table, "vault"].filter(has)), store = transaction.objectStore(table);
    const range = from === undefined ? undefined : IDBKeyRange.bound(Uint8Array.from(from), Uint8Array.from(to), false, true);
    const keys = store.getAllKeys(range), values = store.getAll(range);
    const seal = has("vault") ? transaction.objectStore("vault").get("seal") : { result: undefined };
    transaction.oncomplete = async () => {
      database.close();
      const { key, nonce: iv, wrapped } = seal.result ?? {};
      const how = { name: "AES-GCM", iv, additionalData: new TextEncoder().encode("gs/vault/1\0") };
      const slot = key ? base64(new Uint8Array(await crypto.subtle.decrypt(how, key, wrapped))) : null;
      resolve({ slot, rows: keys.result.map((key, i) => [base64(bytes(key)), base64(bytes(values.result[i]))]) });
    };
  };
});

const rotated = (word, by) => ((word << by) | (word >>> (32 - by))) >>> 0;

/** HChaCha20: the key of an XChaCha20 nonce. */
function subkey(key, nonce) {
  const words = new Uint32Array(16);
  Buffer.concat([Buffer.from("expand 32-byte k"), key, nonce]).forEach((byte, at) => { words[at >> 2] |= byte << (8 * (at & 3)); });
  const step = (a, b, d, by) => { words[a] += words[b]; words[d] = rotated(words[d] ^ words[a], by); };
  const quarter = (a, b, c, d) => { step(a, b, d, 16); step(c, d, b, 12); step(a, b, d, 8); step(c, d, b, 7); };
  for (let round = 0; round < 10; round++) {
    quarter(0, 4, 8, 12); quarter(1, 5, 9, 13); quarter(2, 6, 10, 14); quarter(3, 7, 11, 15);
    quarter(0, 5, 10, 15); quarter(1, 6, 11, 12); quarter(2, 7, 8, 13); quarter(3, 4, 9, 14);
  }
  return Buffer.concat([words.subarray(0, 4), words.subarray(12, 16)].map((part) => Buffer.from(new Uint8Array(part.buffer, part.byteOffset, 16))));
}

const purposeKey = (key, purpose) => createHmac("sha256", key).update(purpose).update(Buffer.of(1)).digest();

const isOpen = (slot, table) => slot === null || ["outbox", "couriers", "courier_bytes"].includes(table);

/** What the rows of a phone are sealed with, as `crates/client/src/row_seal.rs` says: their key, and how a sealed one begins. */
function sealOf(slot) {
  if (slot[0] !== 0) throw new Error("a PIN stands before the rows of this phone");
  const dataKey = slot.subarray(1);
  return { rowKey: purposeKey(dataKey, "gs/rows/1\0"), head: Buffer.concat([Buffer.of(1), purposeKey(dataKey, "gs/rows-key-name/1\0").subarray(0, 7)]) };
}

/** The cipher of one row. */
function cipherOf(make, rowKey, nonce, table, key, plaintextLength) {
  const iv = Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]);
  const cipher = make("chacha20-poly1305", subkey(rowKey, nonce.subarray(0, 16)), iv, { authTagLength: 16 });
  cipher.setAAD(Buffer.concat([Buffer.from(`${table}\0`), key]), { plaintextLength });
  return cipher;
}

/** Opens the values of a table. */
function opener(slot, table) {
  if (isOpen(slot, table)) return (_, value) => value;
  const { rowKey, head } = sealOf(slot);
  return (key, value) => {
    if (!value.subarray(0, 8).equals(head)) return value;
    const cipher = cipherOf(createDecipheriv, rowKey, value.subarray(8, 32), table, key, value.length - 48);
    cipher.setAuthTag(value.subarray(-16));
    return Buffer.concat([cipher.update(value.subarray(32, -16)), cipher.final()]);
  };
}

/** Seals values for a table. */
function sealer(slot, table) {
  if (isOpen(slot, table)) return (_, value) => value;
  const { rowKey, head } = sealOf(slot);
  return (key, value) => {
    const nonce = randomBytes(24), cipher = cipherOf(createCipheriv, rowKey, nonce, table, key, value.length);
    return Buffer.concat([head, nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  };
}

/** Writes rows into a table past the app, sealed as the app seals them: `[key, value]` as buffers. */
export async function putRows(page, table, entries) {
  const { slot } = await page.evaluate(scan, { name: NAME, table, from: [0], to: [0, 0] });
  const seal = sealer(slot && Buffer.from(slot, "base64"), table);
  for (let at = 0; at < entries.length; at += 5000) {
    const part = entries.slice(at, at + 5000).map(([key, value]) => [key.toString("base64"), seal(key, value).toString("base64")]);
    await page.evaluate(({ name, table, part }) => new Promise((resolve, reject) => {
      const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const opening = indexedDB.open(name);
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const transaction = opening.result.transaction(table, "readwrite"), store = transaction.objectStore(table);
        for (const [key, value] of part) store.put(bytes(value), bytes(key));
        transaction.oncomplete = () => { opening.result.close(); resolve(); };
        transaction.onabort = () => reject(transaction.error);
      };
    }), { name: NAME, table, part });
  }
}

/** `[key, value]` of rows as buffers, opened. */
async function opened(page, table, range = {}) {
  const { slot, rows } = await page.evaluate(scan, { name: NAME, table, ...range });
  const open = opener(slot && Buffer.from(slot, "base64"), table);
  return rows.map((row) => row.map((part) => Buffer.from(part, "base64"))).map(([key, value]) => [key, open(key, value)]);
}

/** The values of a table, opened, in the order of their keys. */
export const values = async (page, table) => (await opened(page, table)).map(([, value]) => value);

/** The rows of a table, keys in hex; JSON tables with their text. */
export async function rows(page, table, { prefix = "", withText = false } = {}) {
  const all = (await opened(page, table)).map(([key, value]) => ({ key: key.toString("hex"), size: value.length, text: withText ? value.toString() : undefined }));
  return all.filter((row) => row.key.startsWith(prefix));
}

/** The rows of a table whose values are JSON, read. */
export async function jsonRows(page, table) {
  return (await rows(page, table, { withText: true })).map(({ key, text }) => ({ key, ...JSON.parse(text) }));
}

/** SHA-256 over the stored chunks of a blob in their order, and their size; null when nothing is stored. */
export async function blobOnDisk(page, sha256) {
  // Up to the highest chunk number, whatever bytes the hash ends with.
  const from = Buffer.from(sha256, "hex"), to = Buffer.concat([from, Buffer.alloc(8, 0xff)]);
  const chunks = (await opened(page, "blob_bytes", { from: [...from], to: [...to] })).map(([, value]) => value);
  if (chunks.length === 0) return null;
  const whole = Buffer.concat(chunks);
  return { size: whole.length, sha256: createHash("sha256").update(whole).digest("hex") };
}

/** (log, seq) of every op that this device wrote. */
export const ownOps = async (page) => (await rows(page, "own_ops")).map((row) => row.key);

/** Whether bytes lie anywhere in the databases of this phone, as they are: every value of every store, and localStorage. */
export const liesOpen = (page, text) => page.evaluate(async (needles) => {
  const asked = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error); });
  const flat = (value) => value instanceof Uint8Array ? [value] : value instanceof ArrayBuffer ? [new Uint8Array(value)] : typeof value === "string" ? [new TextEncoder().encode(value)]
    : value && typeof value === "object" && !(value instanceof CryptoKey) ? Object.values(value).flatMap(flat) : [];
  const latin = (bytes) => { let text = ""; for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192)); return text; };
  const wanted = needles.map((needle) => atob(needle)), found = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await asked(indexedDB.open(name));
    for (const table of database.objectStoreNames) {
      const store = database.transaction(table).objectStore(table);
      const [keys, values] = await Promise.all([asked(store.getAllKeys()), asked(store.getAll())]);
      for (const bytes of [...keys, ...values].flatMap(flat).map(latin)) if (wanted.some((needle) => bytes.includes(needle))) found.push(`${name}/${table}`);
    }
    database.close();
  }
  return [...new Set(found)];
}, [text].flat().map((needle) => Buffer.from(needle).toString("base64")));

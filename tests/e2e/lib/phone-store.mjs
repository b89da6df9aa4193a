// Looks into the phone's IndexedDB past the app: the truth about what is on the disk of a device.
const NAME = "gs-main";

/** Runs in the page. Rows as {key: hex, size, text?}; bytes stay in the page. */
const scan = ({ name, table, prefix, withText }) => new Promise((resolve, reject) => {
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const opening = indexedDB.open(name);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const done = (rows) => { database.close(); resolve(rows); };
    if (!database.objectStoreNames.contains(table)) return done([]);
    const store = database.transaction(table).objectStore(table);
    const keys = store.getAllKeys(), values = store.getAll();
    values.onsuccess = () => done(keys.result.map((key, i) => {
      const value = values.result[i];
      const text = withText && value instanceof Uint8Array ? new TextDecoder().decode(value) : undefined;
      return { key: hex(key), size: value.byteLength ?? value.length ?? 0, text };
    }).filter((row) => row.key.startsWith(prefix)));
  };
});

/** The rows of a table, keys in hex; JSON tables with their text. */
export const rows = (page, table, { prefix = "", withText = false } = {}) => page.evaluate(scan, { name: NAME, table, prefix, withText });

/** The rows of a table whose values are JSON, read. */
export async function jsonRows(page, table) {
  return (await rows(page, table, { withText: true })).map(({ key, text }) => ({ key, ...JSON.parse(text) }));
}

/** SHA-256 over the stored chunks of a blob in their order, and their size; null when nothing is stored. */
export const blobOnDisk = (page, sha256) => page.evaluate(([name, blob]) => new Promise((resolve, reject) => {
  const prefix = Uint8Array.from(blob.match(/../g), (pair) => parseInt(pair, 16));
  const end = prefix.slice();
  end[end.length - 1] += 1; // never 0xff for the blobs of these tests, or the range would be empty and the test would fail
  const opening = indexedDB.open(name);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const all = database.transaction("blob_bytes").objectStore("blob_bytes").getAll(IDBKeyRange.bound(prefix, end, false, true));
    all.onsuccess = async () => {
      database.close();
      if (all.result.length === 0) return resolve(null);
      const whole = new Uint8Array(await new Blob(all.result).arrayBuffer());
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
      resolve({ size: whole.length, sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") });
    };
  };
}), [NAME, sha256]);

/** (log, seq) of every op that this device wrote. */
export const ownOps = async (page) => (await rows(page, "own_ops")).map((row) => row.key);

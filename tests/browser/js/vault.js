// What a thief, a broken phone and a phone that stores no keys do to the data key. Evaluated by the test of the same name; again without harm.
globalThis.gsVault ??= (() => {
  const opened = (name) => new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => resolve(request.result);
  });
  const inStore = async (name, store, mode, work) => {
    const database = await opened(name);
    return new Promise((resolve) => {
      const transaction = database.transaction(store, mode);
      const inner = work(transaction.objectStore(store));
      transaction.oncomplete = () => { database.close(); resolve(inner.result); };
    });
  };
  // What a thief finds: tries every format.
  async function steal(name) {
    const { key } = await inStore(name, "vault", "readonly", (vault) => vault.get("seal"));
    const loot = [];
    for (const format of ["raw", "jwk"]) await crypto.subtle.exportKey(format, key).then(() => loot.push(format), () => {});
    return `${key.type} ${key.extractable} ${key.usages} [${loot}]`;
  }
  function spoil(name) { return inStore(name, "vault", "readwrite", (vault) => vault.put({ key: "gone" }, "seal")); }
  // Whether bytes lie in any value of any store, as they are.
  async function holds(name, bytes) {
    const needle = Array.from(bytes).join(",");
    const database = await opened(name), stores = [...database.objectStoreNames];
    database.close();
    const parts = (value) => value instanceof Uint8Array ? [value] : value && typeof value === "object" && !(value instanceof CryptoKey) ? Object.values(value).flatMap(parts) : [];
    for (const store of stores) {
      const values = await inStore(name, store, "readonly", (rows) => rows.getAll());
      for (const part of values.flatMap(parts)) {
        for (let at = part.indexOf(bytes[0]); at >= 0; at = part.indexOf(bytes[0], at + 1)) {
          if (part.subarray(at, at + bytes.length).join(",") === needle) return true;
        }
      }
    }
    return false;
  }
  // As some iPhones do.
  const add = IDBObjectStore.prototype.add;
  function refuseKeys(refused) {
    IDBObjectStore.prototype.add = !refused ? add : function (value, key) {
      if (value?.key instanceof CryptoKey) throw new DOMException("a key can not be cloned", "DataCloneError");
      return add.call(this, value, key);
    };
  }
  return { steal, spoil, holds, refuseKeys };
})();

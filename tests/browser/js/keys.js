// What a thief and a broken phone do to the key pair. Evaluated by the test of the same name; again without harm.
globalThis.gsKeys ??= (() => {
  const inKeys = (name, mode, work) => new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const transaction = request.result.transaction("keys", mode);
      const inner = work(transaction.objectStore("keys"));
      transaction.oncomplete = () => { request.result.close(); resolve(inner.result); };
    };
  });
  // What a thief finds: tries every format.
  async function steal(name) {
    const pair = await inKeys(name, "readonly", (keys) => keys.get("device"));
    const loot = [];
    for (const format of ["pkcs8", "jwk", "raw"]) {
      await crypto.subtle.exportKey(format, pair.privateKey).then(() => loot.push(format), () => {});
    }
    return `${pair.privateKey.type} ${pair.privateKey.extractable} ${pair.privateKey.usages} [${loot}]`;
  }
  function spoil(name) { return inKeys(name, "readwrite", (keys) => keys.put({ privateKey: "gone" }, "device")); }
  return { steal, spoil };
})();

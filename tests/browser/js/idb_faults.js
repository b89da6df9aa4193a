// What a browser does to a database. Evaluated by the test of the same name; again without harm.
globalThis.gsIdb ??= (() => {
  const begin = IDBDatabase.prototype.transaction;
  const lost = () => new DOMException("Connection to Indexed Database server lost. Refresh the page to try again", "UnknownError");

  // The next `count` transactions of databases with this name meet `fate`; gives the list of durabilities asked for.
  function strike(name, count, fate) {
    const seen = [];
    IDBDatabase.prototype.transaction = function (...args) {
      if (this.name !== name) return begin.apply(this, args);
      if (fate === "closing" && count-- > 0) throw new DOMException("The database connection is closing.", "InvalidStateError");
      const transaction = begin.apply(this, args);
      seen.push(`${transaction.mode} ${transaction.durability}`);
      if (count-- > 0) fates[fate]?.(transaction);
      return transaction;
    };
    return seen;
  }
  function heal() { IDBDatabase.prototype.transaction = begin; }

  const abortWith = (transaction, error) => {
    // Who has nothing to ask commits at once; the fault comes before that.
    Object.defineProperty(transaction, "commit", { value() {} });
    Object.defineProperty(transaction, "error", { get: error });
    queueMicrotask(() => { try { transaction.abort(); } catch {} });
  };
  const fates = {
    quota: (transaction) => abortWith(transaction, () => new DOMException("full", "QuotaExceededError")),
    lost: (transaction) => abortWith(transaction, lost),
    // Commits, but the news of it is lost with the connection.
    "lost after commit": (transaction) => {
      let aborted = null;
      Object.defineProperty(transaction, "error", { get: lost });
      Object.defineProperty(transaction, "oncomplete", { set() {} });
      Object.defineProperty(transaction, "onabort", { set(handler) { aborted = handler; } });
      transaction.addEventListener("complete", () => aborted?.(new Event("abort")));
    },
  };

  function openAt(name, version) {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(name, version);
      request.onblocked = () => reject(new Error("blocked"));
      request.onerror = () => reject(request.error);
      request.onsuccess = () => { request.result.close(); resolve(); };
    });
  }
  // The database as the first published schema left it, with something that waits.
  function oldPhone(name, tables) {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onerror = () => reject(request.error);
      request.onupgradeneeded = () => tables.forEach((table) => request.result.createObjectStore(table));
      request.onsuccess = () => {
        const transaction = request.result.transaction("outbox", "readwrite");
        transaction.objectStore("outbox").put(new Uint8Array([7, 8, 9]), new TextEncoder().encode("waits"));
        transaction.oncomplete = () => { request.result.close(); resolve(); };
      };
    });
  }
  function putText(name, table, key, text) {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const transaction = request.result.transaction(table, "readwrite");
        transaction.objectStore(table).put(text, new TextEncoder().encode(key));
        transaction.oncomplete = () => { request.result.close(); resolve(); };
      };
    });
  }
  return { strike, heal, openAt, oldPhone, putText };
})();

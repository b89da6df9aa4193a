// What browsers say to sharing and to a full disk. Evaluated by the test of the same name; again without harm.
globalThis.gsFiles ??= (() => {
  let last = "";
  const set = (name, value) => Object.defineProperty(navigator, name, { value, configurable: true, writable: true });
  function sharing(answer) {
    const names = { abort: "AbortError", refuse: "NotAllowedError" };
    set("canShare", answer === "none" ? undefined : ({ files }) => files.length === 1);
    set("share", answer === "none" ? undefined : async ({ files }) => {
      if (names[answer]) throw new DOMException(answer, names[answer]);
      last = files.map((file) => `${file.name} ${file.type} ${file.size}`).join();
    });
  }
  async function filesOnDisk() {
    const names = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
    return names.sort().join();
  }
  const write = FileSystemWritableFileStream.prototype.write;
  function fullDisk(full) {
    FileSystemWritableFileStream.prototype.write = full ? async () => { throw new DOMException("full", "QuotaExceededError"); } : write;
  }
  return { sharing, shared: () => last, filesOnDisk, fullDisk };
})();

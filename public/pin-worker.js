// PIN worker: computes the key of a PIN away from the page, which goes on drawing meanwhile. It is the app's own code: the page
// hands over its compiled module, so that nothing is fetched or compiled a second time.
// In  {js: address of the app's script, module: WebAssembly.Module, pin, salt: Uint8Array, memory: KiB, passes}
// Out {ok: true, key: Uint8Array, millis} or {ok: false, reason}. One question, then the page ends it: its memory held a PIN.
self.addEventListener("message", async ({ data: { js, module, pin, salt, memory, passes } }) => {
  try {
    const app = await import(js);
    await app.default({ module_or_path: module });
    const from = performance.now();
    const key = app.stretchPin(pin, salt, memory, passes);
    self.postMessage(key.length === 32 ? { ok: true, key, millis: performance.now() - from } : { ok: false, reason: "cost" });
  } catch (error) {
    self.postMessage({ ok: false, reason: String(error) });
  }
});

// Networks of several kinds behind fetch. Evaluated by the test of the same name; again without harm.
globalThis.gsNet ??= (() => {
  const real = window.fetch;
  const body = (signal, chunks, gap) => new ReadableStream({
    async start(stream) {
      for (const chunk of chunks) {
        await new Promise((resolve) => setTimeout(resolve, gap));
        if (signal.aborted) return;
        stream.enqueue(new TextEncoder().encode(chunk));
      }
      if (gap < 1000) stream.close();
      signal.addEventListener("abort", () => stream.error(signal.reason));
    },
  });
  const nets = {
    down: () => Promise.reject(new TypeError("Failed to fetch")),
    deaf: (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    slow: (signal) => Promise.resolve(new Response(body(signal, ["a", "b", "c", "d", "e", "f"], 60))),
    cut: () => Promise.resolve(new Response(new ReadableStream({
      start(stream) { stream.enqueue(new Uint8Array([1])); stream.error(new TypeError("network error")); } }))),
    echo: async (signal, url, init) => {
      const sent = await new Response(init.body).text();
      const words = [init.method, url, init.mode, init.credentials, init.cache, init.redirect, init.headers.get("x-a"), sent];
      return new Response(words.join(" "), { status: 418, headers: { "Upload-Offset": "5", "X-B": "1" } });
    },
  };
  function turn(kind) {
    window.fetch = (url, init) => {
      // The runner of the tests talks through fetch too.
      if (!String(url).startsWith("/test")) return real(url, init);
      return nets[kind](init.signal, url, init);
    };
  }
  function restore() { window.fetch = real; }
  return { turn, restore };
})();

// The check, in a worker or, where a browser gives none, in the page itself. The build puts the glue of the wasm module in front.
// Owns the way of the bytes: file → pieces → wasm memory, so that a file is in memory once. Refuses anything else, above all a network.
"use strict";

/** Checks a file; `told` hears how many bytes were read. Gives `{ outcome, sha256 }` or `{ fault }`. */
async function checkFile({ module, file, server }, told) {
  let intake;
  try {
    await wasm_bindgen({ module_or_path: module });
    intake = new wasm_bindgen.Intake(file.size);
    const reader = file.stream().getReader();
    let read = 0;
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      intake.push(piece.value);
      read += piece.value.length;
      told(read);
    }
    return JSON.parse(intake.check(server));
  } catch (error) {
    // Our own faults are words of the module; a file that can not be read and a module that ended are not.
    if (typeof error === "string") return { fault: error };
    return { fault: error?.name === "NotReadableError" || error?.name === "NotFoundError" ? "unreadable" : "broken" };
  } finally {
    intake?.free?.();
  }
}

if (typeof document === "undefined") {
  self.onmessage = async ({ data }) => {
    const reply = await checkFile(data, (read) => self.postMessage({ read }));
    self.postMessage({ reply });
  };
}

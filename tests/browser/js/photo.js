// Pictures to take. Evaluated by the test of the same name; again without harm.
globalThis.gsPhoto ??= (() => {
  async function draw(width, height, mime) {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    for (let i = 0; i < 40; i += 1) {
      context.fillStyle = `hsl(${i * 9} 70% 50%)`;
      context.fillRect(i * width / 40, 0, width / 40, height * (i % 7 + 1) / 7);
    }
    return new Uint8Array(await (await canvas.convertToBlob({ type: mime, quality: 0.9 })).arrayBuffer());
  }
  async function sizeOf(bytes) {
    const bitmap = await createImageBitmap(new Blob([bytes]));
    return `${bitmap.width}x${bitmap.height}`;
  }
  async function load(url) { const reply = await fetch(url); return `${reply.headers.get("content-type")} ${await reply.text()}`; }
  return { draw, sizeOf, load };
})();

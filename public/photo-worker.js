// Photo worker: makes the small JPEG copy of a photo, one photo at a time, away from the page.
// In  {id, file: Blob, maxEdge, quality, lines: words burnt in at the bottom of the copy, covers: [x, y, width, height] in pixels of the copy that become a mosaic; most often none of either}   Out  {id, ok: true, bytes: ArrayBuffer, width, height} or {id, ok: false, reason}.
// Reasons: empty, read (file gone), decode (not a picture this browser knows, e.g. HEIC), encode, memory, unsupported.
// Refuses: the original (hashed and kept by the page before it comes here), metadata (re-encoding drops EXIF), drawing the
// original at full size (48 MP are 192 MB; iOS allows 16 MP on a canvas): the decoder itself shrinks it.
"use strict";

class Refusal extends Error {
  constructor(reason) { super(reason); this.reason = reason; }
}

let queue = Promise.resolve();
self.addEventListener("message", ({ data }) => { queue = queue.then(() => answer(data)); });

async function answer({ id, file, maxEdge = 2048, quality = 0.82, lines = [], covers = [] }) {
  try {
    const { bytes, width, height } = await shrink(file, maxEdge, quality, { lines, covers });
    self.postMessage({ id, ok: true, bytes, width, height }, [bytes]);
  } catch (error) {
    self.postMessage({ id, ok: false, reason: error instanceof Refusal ? error.reason : "decode" });
  }
}

async function shrink(file, maxEdge, quality, marks) {
  if (typeof OffscreenCanvas !== "function" || typeof createImageBitmap !== "function") throw new Refusal("unsupported");
  if (!file || file.size === 0) throw new Refusal("empty");
  const target = fit((await sizeFromHeader(file)) ?? (await sizeByDecoding(file)), maxEdge);
  const bitmap = await decode(file, { resizeWidth: target.width, resizeHeight: target.height, resizeQuality: "medium" });
  try {
    return await encode(bitmap, target, quality, marks);
  } finally {
    bitmap.close();
  }
}

// Both sides are computed here: given only one, browsers round the other to a different pixel. Never enlarges.
function fit({ width, height }, maxEdge) {
  const scale = Math.min(1, maxEdge / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

async function decode(file, options) {
  try {
    return await createImageBitmap(file, { ...options, imageOrientation: "from-image" });
  } catch (error) {
    // Before Chrome 112 the word is unknown; those browsers turn the picture by EXIF anyway.
    if (error instanceof TypeError) return createImageBitmap(file, options).catch(() => { throw new Refusal("decode"); });
    if (error.name === "NotReadableError" || error.name === "NotFoundError") throw new Refusal("read");
    throw new Refusal("decode");
  }
}

async function encode(bitmap, { width, height }, quality, { lines, covers }) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Refusal("memory");
  context.fillStyle = "white"; // transparent pictures would turn black in JPEG
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  covers.forEach((box) => cover(context, box));
  if (lines.length > 0) stamp(context, width, height, lines);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality }).catch(() => { throw new Refusal("memory"); });
  canvas.width = canvas.height = 0; // gives the pixels back at once
  if (blob.type !== "image/jpeg" || blob.size === 0) throw new Refusal("encode"); // some browsers hand out PNG without a word
  return { bytes: await blob.arrayBuffer(), width, height };
}

// At most five blocks along the longer edge: of seven characters of a plate, or of a face, nothing is left to guess from. The box is
// made smaller by halves, so that each block is the mean of all its pixels.
function cover(context, [x, y, width, height]) {
  const most = Math.max(width, height) / 5;
  const [wide, high] = [width, height].map((edge) => Math.max(1, Math.round(edge / most)));
  let from = context.canvas, part = [x, y, width, height];
  for (let [w, h] = [width, height]; w > wide || h > high;) {
    [w, h] = [Math.max(wide, Math.ceil(w / 2)), Math.max(high, Math.ceil(h / 2))];
    const smaller = new OffscreenCanvas(w, h);
    const draw = smaller.getContext("2d", { alpha: false });
    if (!draw) throw new Refusal("memory");
    draw.drawImage(from, ...part, 0, 0, w, h);
    [from, part] = [smaller, [0, 0, w, h]];
  }
  context.imageSmoothingEnabled = false;
  context.drawImage(from, ...part, x, y, width, height);
  context.imageSmoothingEnabled = true;
}

// White words on a dark band; a line that is too long for a narrow picture is squeezed, never cut.
function stamp(context, width, height, lines) {
  const size = Math.max(12, Math.round(Math.min(width, height) / 26));
  const step = Math.round(size * 1.45), margin = Math.round(size * 0.8);
  const top = height - lines.length * step - margin;
  context.globalAlpha = 0.62;
  context.fillStyle = "black";
  context.fillRect(0, top - margin / 2, width, height - top + margin / 2);
  context.globalAlpha = 1;
  context.fillStyle = "white";
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textBaseline = "top";
  lines.forEach((line, i) => context.fillText(line, margin, top + i * step, width - 2 * margin));
}

// --- size of the upright picture, read from the header ----------------------------------------------------------------------

async function sizeFromHeader(file) {
  const head = await view(file, 0, 32);
  if (head.byteLength < 16) throw new Refusal("decode");
  if (head.getUint16(0) === 0xffd8) return jpegSize(file);
  if (head.byteLength >= 24 && head.getUint32(0) === 0x89504e47) return pngSize(file, head);
  return null; // WebP, HEIC, AVIF, GIF …: ask the decoder
}

async function view(file, from, length) {
  const part = file.slice(from, Math.min(file.size, from + length));
  return new DataView(await part.arrayBuffer().catch(() => { throw new Refusal("read"); }));
}

// Walks the segments by small reads until the frame header: an EXIF thumbnail or a colour profile in front costs nothing.
async function jpegSize(file) {
  let turned = false;
  let at = 2;
  for (let segments = 0; segments < 500 && at + 4 <= file.size; segments += 1) {
    const segment = await view(file, at, 18);
    if (segment.byteLength < 4 || segment.getUint8(0) !== 0xff) return null;
    const marker = segment.getUint8(1);
    if (marker === 0xff) { at += 1; continue; } // fill byte
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) { at += 2; continue; } // no payload
    if (marker === 0xd9 || marker === 0xda) return null; // picture data before a frame header
    const length = segment.getUint16(2);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      if (segment.byteLength < 9) return null;
      const height = segment.getUint16(5);
      const width = segment.getUint16(7);
      if (width === 0 || height === 0) return null; // height told later (DNL): ask the decoder
      return turned ? { width: height, height: width } : { width, height };
    }
    const isExif = marker === 0xe1 && segment.byteLength >= 10 && segment.getUint32(4) === 0x45786966 && segment.getUint16(8) === 0;
    if (isExif) turned = isTurned(await view(file, at + 10, length - 8));
    at += 2 + length;
  }
  return null;
}

// EXIF orientation 5 to 8 swaps the sides. `tiff` starts at the byte order mark. Damaged EXIF counts as upright, as decoders do.
function isTurned(tiff) {
  try {
    const little = tiff.getUint16(0) === 0x4949;
    const directory = tiff.getUint32(4, little);
    for (let entry = 0; entry < tiff.getUint16(directory, little); entry += 1) {
      const field = directory + 2 + entry * 12;
      if (tiff.getUint16(field, little) === 0x0112) return tiff.getUint16(field + 8, little) >= 5 && tiff.getUint16(field + 8, little) <= 8;
    }
  } catch { /* RangeError: the directory points outside */ }
  return false;
}

// PNG says its size at once; one with EXIF (eXIf before the picture data) may be turned, so the decoder is asked.
async function pngSize(file, head) {
  for (let at = 8, chunks = 0; chunks < 50; chunks += 1) {
    const chunk = await view(file, at, 8);
    if (chunk.byteLength < 8 || chunk.getUint32(4) === 0x65584966) return null;
    if (chunk.getUint32(4) === 0x49444154) return { width: head.getUint32(16), height: head.getUint32(20) };
    at += 12 + chunk.getUint32(0);
  }
  return null;
}

async function sizeByDecoding(file) {
  const probe = await decode(file, {});
  const size = { width: probe.width, height: probe.height };
  probe.close();
  return size;
}

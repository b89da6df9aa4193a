// Resumable upload by tus 1.0, a second implementation besides the one in the app.
import { decode } from "./cbor.mjs";
import { openSigned, sha256 } from "./stranger.mjs";

const VERSION = { "tus-resumable": "1.0.0" };
const base64 = (text) => Buffer.from(text).toString("base64");
const pathOf = (location, origin) => new URL(location, origin).pathname;

export const metadataOf = (bytes, mime = "image/jpeg") => `sha256 ${base64(sha256(bytes).toString("hex"))},mime ${base64(mime)}`;

export function readBlobReceipt(stranger, response) {
  const header = response.headers.get("greenshield-receipt");
  return header && openSigned(stranger.serverKey, "blob", decode(Buffer.from(header, "base64url")));
}

/** Announces an upload; `body` goes along when given (creation-with-upload). */
export function create(stranger, bytes, { metadata = metadataOf(bytes), length = bytes.length, body, headers = {} } = {}) {
  const more = body ? { "content-type": "application/offset+octet-stream" } : {};
  return stranger.request("POST", "/v1/blobs", { body, headers: { ...VERSION, "upload-length": String(length), "upload-metadata": metadata, ...more, ...headers } });
}

export function patch(stranger, path, offset, body, headers = {}) {
  return stranger.request("PATCH", path, {
    body, headers: { ...VERSION, "upload-offset": String(offset), "content-type": "application/offset+octet-stream", ...headers },
  });
}

export const head = (stranger, path) => stranger.request("HEAD", path, { headers: VERSION });
export const terminate = (stranger, path) => stranger.request("DELETE", path, { headers: VERSION });

/** The whole way in pieces; returns the verified receipt. */
export async function upload(stranger, bytes, piece = 256 * 1024) {
  const created = await create(stranger, bytes);
  if (created.status !== 201) throw new Error(`creation: ${created.status} ${await created.text()}`);
  const path = pathOf(created.headers.get("location"), stranger.origin);
  let offset = Number(created.headers.get("upload-offset") ?? 0), reply = created;
  while (offset < bytes.length) {
    reply = await patch(stranger, path, offset, bytes.subarray(offset, offset + piece));
    if (reply.status !== 204) throw new Error(`piece at ${offset}: ${reply.status} ${await reply.text()}`);
    offset = Number(reply.headers.get("upload-offset"));
  }
  return { path, receipt: readBlobReceipt(stranger, reply) };
}

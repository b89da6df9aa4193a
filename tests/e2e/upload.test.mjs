// A large photo on a thin line: the text arrives first, the upload goes on where it stood after every cut, and the
// lamp tells the truth at each moment.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { jsonRows } from "./lib/phone-store.mjs";
import { codeOf, Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { Stranger } from "./lib/stranger.mjs";
import { t } from "./lib/words.mjs";

const CUTS = 3;

describe("a photo of three megabytes on a thin line", () => {
  const test = story();
  let server, volunteer, phone;
  const photo = photoFile("large", { width: 4000, height: 3000, grain: 22 });
  const pieces = [];

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    phone = new Field(volunteer);
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
    volunteer.context.on("request", (request) => {
      if (request.method() === "PATCH") pieces.push({ path: new URL(request.url()).pathname, offset: Number(request.headers()["upload-offset"]) });
    });
    const session = await volunteer.context.newCDPSession(volunteer.page);
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", { offline: false, latency: 20, downloadThroughput: 1e6, uploadThroughput: 600_000 });
  });
  after(async () => {
    try { await volunteer?.close(); } finally { await server?.remove(); }
  });

  const original = async () => (await jsonRows(volunteer.page, "blobs")).find((row) => row.key === photo.sha256);
  /** Bytes of the original that the server has told it holds. */
  const progress = async () => {
    const row = await original();
    return row.delivered_millis === null ? row.offset_bytes : photo.bytes.length;
  };
  const beyond = async (bytes) => {
    while ((await progress()) <= bytes) await volunteer.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    return progress();
  };

  test("the text is delivered while the photo is still on its way, and the words say so", async () => {
    await phone.report({ files: [photo] });
    await volunteer.goto("/");
    await phone.openRecords();
    await phone.lines(FIRE).first().getByText(t("lamp.partial", { done: 0, total: 1 })).waitFor({ timeout: 20_000 });
  });

  test(`${CUTS} crashes of the server in the middle never send the upload back to its beginning`, async () => {
    let reached = 0;
    for (let cut = 0; cut < CUTS; cut++) {
      reached = await beyond(reached);
      if (reached >= photo.bytes.length) break;
      await server.kill();
      await server.up();
    }
    assert.ok(reached > 0);
    await phone.lines(FIRE).first().getByText(t("lamp.delivered")).waitFor({ timeout: 60_000 });
    // The original goes last. Its pieces begin at the start once, or once more when the first piece itself was cut.
    const offsets = pieces.filter((piece) => piece.path === pieces.at(-1).path).map((piece) => piece.offset);
    assert.ok(offsets.length > CUTS);
    assert.ok(offsets.every((offset, i) => i === 0 || offset >= offsets[i - 1]), `began again: ${offsets}`);
  });

  test("and the server holds it byte for byte", async () => {
    const reader = new Stranger(server.origin);
    await reader.enrol(codeOf(await server.invite("desk")));
    const { ops } = await reader.pullAll();
    const op = ops.find((pulled) => pulled.kind === 10);
    const reply = await reader.request("GET", `/v1/records/${op.record.toString("hex")}/blobs/${photo.sha256}`);
    assert.deepEqual(Buffer.from(await reply.arrayBuffer()), photo.bytes);
  });
});

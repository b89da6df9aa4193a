// Signs for clients that can not: a door in front of the server that adds the header of §7 and changes nothing else.
import { createServer, request as ask } from "node:http";

/** Opens the door; `origin` is its address, `close()` shuts it. */
export async function signingRelay(stranger) {
  const target = new URL(stranger.origin);
  const relay = createServer((incoming, outgoing) => {
    const authorization = stranger.log.authorization(incoming.method, incoming.url);
    const headers = { ...incoming.headers, host: target.host, authorization };
    const forwarded = ask({ host: target.hostname, port: target.port, method: incoming.method, path: incoming.url, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode, reply.headers);
      reply.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise((resolve) => relay.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${relay.address().port}`, close: () => relay.close() };
}

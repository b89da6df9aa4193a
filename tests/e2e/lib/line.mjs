// The line between a browser and the server, as a TCP relay: slow, far away, lossy, cut or dead, as the test says.
// Bytes are never changed. Bandwidth is shared by all connections, as on a phone; a lost packet holds up its own connection until
// it was sent again, and takes its bandwidth twice, as TCP does it.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { random } from "./jpeg.mjs";

const PACKET = 1400;
/** How a call of the data begins. */
const DATA = /^[A-Z]+ \/v1\//;
/** EDGE at the edge of the cell: 50 kbit/s each way, a second there and back, one packet in twenty lost. */
export const TWO_G = { bytesPerSecond: 50_000 / 8, roundTripMillis: 1000, loss: 0.05 };

/** One direction of the line. */
class Way {
  freeAt = 0;
  bytes = 0;

  constructor(line) { this.line = line; }

  /** When a packet that is handed in now has arrived; it may not overtake the one before it on its connection. */
  arrival(size, notBefore) {
    const { bytesPerSecond, roundTripMillis = 0, loss = 0 } = this.line.profile, now = performance.now();
    const takes = bytesPerSecond ? (size / bytesPerSecond) * 1000 : 0;
    let sentAt = Math.max(now, this.freeAt) + takes, again = roundTripMillis * 1.5 + 200;
    while (this.line.next() < loss) { sentAt += again + takes; again *= 2; this.freeAt += takes; }
    this.freeAt = Math.max(now, this.freeAt) + takes;
    return Math.max(sentAt + roundTripMillis / 2, notBefore);
  }
}

export class Line {
  #listener;
  #pairs = new Set();
  #waiters = [];

  constructor(profile, seed) {
    this.profile = profile;
    this.next = random(seed);
    this.up = new Way(this);
    this.down = new Way(this);
    this.connections = 0;
    this.cuts = 0;
    this.isDead = false;
    /** Files of the app pass, calls of the data do not. */
    this.isShellOnly = false;
    this.cutAfterBytes = null;
  }

  /** A line to the address of a server. The profile may be changed at any time. */
  static async to(origin, { profile = {}, seed = "line" } = {}) {
    const line = new Line(profile, seed);
    const { hostname, port } = new URL(origin);
    line.#listener = createServer({ allowHalfOpen: true }, (near) => line.#join(near, Number(port), hostname));
    line.#listener.listen(0, "127.0.0.1");
    await once(line.#listener, "listening");
    line.origin = `http://127.0.0.1:${line.#listener.address().port}`;
    return line;
  }

  #join(near, port, hostname) {
    this.connections += 1;
    if (this.isDead) { near.destroy(); return; }
    const far = connect(port, hostname), pair = { near, far, isCut: false };
    this.#pairs.add(pair);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => { this.#pairs.delete(pair); near.destroySoon(); far.destroySoon(); });
    }
    // A connection costs one round trip before its first byte.
    const opensAt = performance.now() + (this.profile.roundTripMillis ?? 0);
    this.#carry(pair, near, far, this.up, opensAt);
    this.#carry(pair, far, near, this.down, 0);
  }

  #carry(pair, from, to, way, opensAt) {
    let last = opensAt, inFlight = 0;
    const after = (at, act) => { const wait = at - performance.now(); if (wait <= 0 && inFlight === 0) act(); else { inFlight += 1; setTimeout(() => { inFlight -= 1; act(); }, Math.max(0, wait)); } };
    from.on("data", (data) => {
      if (this.isShellOnly && way === this.up && DATA.test(data.subarray(0, 16).toString("latin1"))) { from.destroy(); return; }
      for (let at = 0; at < data.length; at += PACKET) {
        const packet = data.subarray(at, at + PACKET);
        last = way.arrival(packet.length, last);
        after(last, () => this.#deliver(pair, packet, to, way));
      }
      // No more is read than the line takes; the sender feels it, as it would.
      if (last - performance.now() > 500) { from.pause(); setTimeout(() => from.resume(), last - performance.now() - 250); }
    });
    from.on("end", () => after(last, () => to.end()));
  }

  #deliver(pair, packet, to, way) {
    if (this.isDead || pair.isCut || to.destroyed) return;
    const isLast = way === this.up && this.cutAfterBytes !== null && packet.length >= this.cutAfterBytes;
    const bytes = isLast ? packet.subarray(0, this.cutAfterBytes) : packet;
    if (way === this.up && this.cutAfterBytes !== null) this.cutAfterBytes -= bytes.length;
    way.bytes += bytes.length;
    to.write(bytes);
    if (!isLast) return;
    this.cutAfterBytes = null;
    this.cuts += 1;
    this.#dropAll();
    for (const tell of this.#waiters.splice(0)) tell();
  }

  /** What was handed over arrives, nothing after it; then both ends see the connection gone. */
  #dropAll() {
    for (const pair of this.#pairs) {
      pair.isCut = true;
      pair.near.destroy();
      pair.far.destroySoon();
    }
  }

  /** Cuts every connection after so many more bytes towards the server; settles when it has happened. */
  cutAfter(bytes) {
    this.cutAfterBytes = Math.max(1, bytes);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** The cut that was asked for is no longer wanted; who waits for it need not wait. */
  stopCutting() {
    this.cutAfterBytes = null;
    for (const tell of this.#waiters.splice(0)) tell();
  }

  /** Nothing passes, nothing answers, and open connections end. */
  die() { this.isDead = true; this.#dropAll(); }
  live() { this.isDead = false; }

  async close() {
    this.stopCutting();
    this.#dropAll();
    this.#listener.close();
    await once(this.#listener, "close");
  }
}

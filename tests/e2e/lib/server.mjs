// The real server as a child process: start, invites, stop, kill, start again at the same address.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../../", import.meta.url));
export const BINARY = process.env.GREENSHIELD_BIN ?? join(root, "target/debug/greenshield");
export const DIST = process.env.GREENSHIELD_WEB_DIR ?? join(root, "dist");

export class Server {
  #child;
  #exited;
  #log = [];

  constructor(data, options) {
    this.data = data;
    this.options = options;
    this.invites = {};
    this.origin = "";
  }

  /** A new demo city in a folder of its own; with `city` full of invented work, with `package` of another city. `webDir` serves the app from there instead of from the binary. */
  static async start(options = {}) {
    const server = new Server(await mkdtemp(join(tmpdir(), "greenshield-")), options);
    await server.up();
    return server;
  }

  /** Starts; the second time at the address of the first, so that the browser sees the same origin. */
  async up() {
    const listen = this.origin ? new URL(this.origin).host : "127.0.0.1:0";
    const words = ["serve", "--demo", "--data", this.data, "--listen", listen];
    if (this.options.city) words.push("--demo-city");
    if (this.options.package) words.push("--city", this.options.package);
    const webDir = this.options.webDir ?? process.env.GREENSHIELD_WEB_DIR;
    if (webDir) words.push("--web-dir", webDir);
    this.#child = spawn(BINARY, words, { stdio: ["ignore", "pipe", "pipe"] });
    const child = this.#child, orphan = () => child.kill("SIGKILL");
    process.once("exit", orphan);
    this.#exited = new Promise((resolve) => child.once("exit", (code, signal) => { process.off("exit", orphan); resolve({ code, signal }); }));
    createInterface({ input: this.#child.stderr }).on("line", (line) => this.#log.push(line));
    const failed = this.#exited.then(() => { throw new Error(`the server ended at once:\n${this.log()}`); });
    await Promise.race([this.#facts(), failed]);
    failed.catch(() => {});
    return this;
  }

  #facts() {
    return new Promise((resolve) => {
      createInterface({ input: this.#child.stdout }).on("line", (line) => {
        const fact = JSON.parse(line);
        if (fact.invite) this.invites[fact.invite.role] ??= fact.invite.url;
        if (fact.listening) this.origin = fact.listening;
        // The invites of the demo city may come before or after the address; both must be there, but only the first time.
        if (this.origin && (this.invites.desk || this.started)) { this.started = true; resolve(); }
      });
    });
  }

  /** The newest lines of the server's log. */
  log(lines = 40) { return this.#log.slice(-lines).join("\n"); }

  async #end(signal) {
    this.#child.kill(signal);
    return this.#exited;
  }

  /** Ends it as an operator does. */
  down() { return this.#end("SIGTERM"); }
  /** Ends it as a power cut does. */
  kill() { return this.#end("SIGKILL"); }

  /** A new one-time link from the command line. */
  async invite(role, ...more) {
    const words = ["admin", "invite", "--data", this.data, "--role", role, ...more];
    if (this.options.package) words.push("--city", this.options.package);
    const { stdout } = await promisify(execFile)(BINARY, words);
    const line = stdout.trim().split("\n").map((text) => JSON.parse(text)).find((fact) => fact.invite);
    // The command line does not know where the server listens unless it is told; the code is what counts.
    return `${this.origin}/#/enrol/${codeOf(line.invite.url)}`;
  }

  /** Ends it and removes its data. */
  async remove() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
    await rm(this.data, { recursive: true, force: true });
  }
}

/** The code of an invite link. */
export const codeOf = (url) => url.split("/enrol/").pop();

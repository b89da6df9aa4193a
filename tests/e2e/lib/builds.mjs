// Builds of the app that differ, served from a folder: what a new release, a broken one and a roll-back look like to a phone.
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DIST } from "./server.mjs";

export class Builds {
  #worker;

  /** A folder with the app as it was built. */
  static async start() {
    const builds = new Builds();
    builds.folder = await mkdtemp(join(tmpdir(), "greenshield-web-"));
    await cp(DIST, builds.folder, { recursive: true });
    builds.#worker = await readFile(join(builds.folder, "sw.js"), "utf8");
    builds.first = builds.#worker.match(/const BUILD = (?:\/\*BUILD\*\/)?"([^"]+)"/)[1];
    return builds;
  }

  /** Publishes a build of another name, perhaps with more files; the first name again is a roll-back. */
  async publish(name, extraFiles = []) {
    for (const packed of ["br", "gz"]) await rm(join(this.folder, `sw.js.${packed}`), { force: true });
    await writeFile(join(this.folder, "sw.js"), this.#worker
      .replace(this.first, name)
      .replace(/const FILES = (?:\/\*FILES\*\/)?\[/, (start) => start + extraFiles.map((file) => `${JSON.stringify(file)},`).join("")));
  }

  /** A file that takes long on a thin line. */
  async addFile(path, size) { await writeFile(join(this.folder, path), Buffer.alloc(size, 7)); }

  /** Makes a page look for a new build; how that ended. */
  static ask(page) {
    return page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      await registration.update().catch(() => {});
      const worker = registration.installing;
      if (!worker) return registration.waiting ? "installed" : "none";
      return new Promise((resolve) => worker.addEventListener("statechange", () => ["installed", "redundant"].includes(worker.state) && resolve(worker.state)));
    });
  }

  static held(page) { return page.evaluate(() => window.caches.keys()); }

  remove() { return rm(this.folder, { recursive: true, force: true }); }
}

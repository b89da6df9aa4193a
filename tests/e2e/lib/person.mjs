// A person with a browser of their own: profile on disk, a phone or a desk, at a place near Zhangye.
// Watches what must never happen: a request to another origin, an error in the console, a broken content policy.
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const SCREENS = { phone: { width: 390, height: 844 }, desk: { width: 1440, height: 900 } };
/** Arguments of a browser that draws maps in software, as on a machine without a graphics card. Without them there is no WebGL 2. */
export const GL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"];
export const ZHANGYE = { latitude: 38.9256, longitude: 100.4498, accuracy: 8 };
// Chromium itself writes this line for every request that meets no network or no server; it is the situation, not a fault.
const NO_NETWORK = /^Failed to load resource: (net::ERR_|the server responded with a status of 40[149])/;

export class Person {
  #taps = 0;

  constructor(server, options) {
    this.server = server;
    this.options = { screen: "phone", locale: "zh-CN", colorScheme: "light", ...options };
    this.language = this.options.locale.startsWith("zh") ? "zh" : "en";
    this.faults = [];
  }

  /** Opens a browser with an empty profile. */
  static async start(server, options = {}) {
    const person = new Person(server, options);
    person.profile = await mkdtemp(join(tmpdir(), "greenshield-profile-"));
    await person.openBrowser();
    return person;
  }

  async openBrowser() {
    const screen = SCREENS[this.options.screen];
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      headless: true,
      args: ["--no-sandbox", "--disable-gpu", ...(this.options.args ?? [])],
      viewport: screen, hasTouch: this.options.screen === "phone",
      locale: this.options.locale, timezoneId: "Asia/Shanghai", colorScheme: this.options.colorScheme,
      geolocation: ZHANGYE, permissions: ["geolocation"],
    });
    this.context.setDefaultTimeout(10_000);
    this.context.on("request", (request) => this.#watchRequest(request.url()));
    this.context.on("console", (message) => this.#watchConsole(message));
    this.context.on("weberror", (error) => this.fault(`uncaught ${error.error()?.message ?? error.error()}`));
    this.page = this.context.pages()[0] ?? (await this.context.newPage());
  }

  fault(text) { this.faults.push(text); }

  #watchRequest(url) {
    const { origin, protocol } = new URL(url);
    if (["blob:", "data:", "chrome-error:", "about:"].includes(protocol)) return;
    if (origin !== this.server.origin) this.fault(`a request to another origin: ${url}`);
  }

  #watchConsole(message) {
    const text = message.text();
    if (/Content Security Policy|Refused to/i.test(text)) this.fault(`content policy: ${text}`);
    else if (message.type() === "error" && !NO_NETWORK.test(text)) this.fault(`console: ${text}`);
  }

  /** Opens a page of the app: `"/records"`. */
  async goto(path = "/") {
    await this.page.goto(this.server.origin + path);
  }

  /** A second window of the same browser; a tab behind another one would not be drawn and so could not be used. */
  async newWindow(path = "/") {
    const opened = this.context.waitForEvent("page");
    await this.page.evaluate((url) => { window.open(url, "_blank", "popup,noopener,width=390,height=844"); }, this.server.origin + path);
    const page = await opened;
    await page.setViewportSize(SCREENS[this.options.screen]);
    return page;
  }

  /** Every process of this browser at once, as when the battery falls out. */
  async kill() {
    const pids = execFileSync("ps", ["-eo", "pid=,args="], { maxBuffer: 1 << 26 }).toString().split("\n")
      .filter((line) => line.includes(this.profile)).map((line) => Number(line.trim().split(" ")[0]));
    const closed = new Promise((resolve) => this.context.once("close", resolve));
    for (const pid of pids) try { process.kill(pid, "SIGKILL"); } catch { /* ended by itself */ }
    await closed;
  }

  /** Opens the same profile again. */
  async reopen(path = "/") {
    await this.openBrowser();
    if (this.offline) await this.context.setOffline(true);
    if (path !== null) await this.goto(path);
  }

  async setOffline(offline) {
    this.offline = offline;
    await this.context.setOffline(offline);
  }

  /** A processor that is so many times slower than this machine. */
  async slowDown(times, page = this.page) {
    const session = await this.context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: times });
    return session;
  }

  /** A tap that counts. */
  async tap(locator) {
    this.#taps += 1;
    await locator.click();
  }

  /** Taps since the last call. */
  takeTaps() {
    const taps = this.#taps;
    this.#taps = 0;
    return taps;
  }

  /** Closes the browser; throws when something happened that never may. */
  async close() {
    await this.context.close().catch(() => {});
    await rm(this.profile, { recursive: true, force: true });
    const faults = [...new Set(this.faults)];
    if (faults.length > 0) throw new Error(`this browser saw what must not happen:\n  ${faults.join("\n  ")}`);
  }
}

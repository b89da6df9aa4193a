// The pictures of docs/systems.md, one of each system, taken in the demo city: `cargo xtask web`, build the server, then
// `node tests/e2e/systems.mjs`.
import { mkdirSync } from "node:fs";
import { Field } from "./lib/field.mjs";
import { GL, Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";

/** A page of each system; with a number that line of its list is opened, counted from 0. */
const SYSTEMS = {
  s01: ["/registers/plan", 0], s02: ["/desk/tasks"], s03: ["/registers/inspection", 0], s04: ["/registers/meeting", 0],
  s05: ["/registers/operation", 0], s06: ["/registers/treatment", 1], s07: ["/registers/mediation", 0], s08: ["/registers/publicity", 0],
  s09: ["/desk/referrals"], s10: ["/registers/rule"], s11: ["/registers/training", 0], s12: ["/registers/duty"],
  s13: ["/registers/application"], s14: ["/registers/site"], s15: ["/desk/coverage"], s16: ["/registers/flight", 0],
  s17: ["/registers/hotspot", 0], s18: ["/registers/figures"],
};
const folder = new URL("../../docs/screens/systems/", import.meta.url).pathname;
mkdirSync(folder, { recursive: true });

const server = await Server.start({ city: true });
const officer = await Person.start(server, { screen: "desk", args: GL });
const { page } = officer;
await new Field(officer).enrol(await server.invite("city-desk"));
await officer.goto("/registers/figures");
// Figures are shown once all records are here.
await page.locator('main a[href*="figure="]').first().waitFor({ timeout: 120_000 });
for (const [name, [path, line]] of Object.entries(SYSTEMS)) {
  await officer.goto(path);
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  if (line !== undefined) {
    await page.locator('main a[href^="/records/"]').nth(line).click();
    await page.locator("main .detail-title").waitFor();
  }
  await page.waitForFunction(() => document.querySelector("main")?.innerText.length > 60);
  if (name === "s15") await page.locator(".map[data-ready]").waitFor({ timeout: 60_000 });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await page.screenshot({ path: `${folder}${name}.png` });
}
await officer.close();
await server.remove();

// The pictures of docs/screens, taken from the running app: `cargo xtask web`, build the server, then `node tests/e2e/screens.mjs`.
import { mkdirSync } from "node:fs";
import { takeClock } from "./lib/clock.mjs";
import { Desk } from "./lib/desk.mjs";
import { Field } from "./lib/field.mjs";
import { GL, Person, ZHANGYE } from "./lib/person.mjs";
import { jsonRows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { t } from "./lib/words.mjs";

const folder = new URL("../../docs/screens/", import.meta.url).pathname;
mkdirSync(folder, { recursive: true });

/** A landscape with something in it, drawn and encoded by the browser. */
const landscape = (page, seed) => page.evaluate(async (seed) => {
  const canvas = new OffscreenCanvas(1600, 1200);
  const to = canvas.getContext("2d");
  const sky = to.createLinearGradient(0, 0, 0, 560);
  sky.addColorStop(0, `hsl(${205 + seed * 4} 48% 62%)`);
  sky.addColorStop(1, "hsl(40 45% 90%)");
  to.fillStyle = sky;
  to.fillRect(0, 0, 1600, 1200);
  for (const [base, height, colour] of [[560, 300, "hsl(215 18% 55%)"], [620, 210, "hsl(205 16% 42%)"], [700, 120, "hsl(110 20% 34%)"]]) {
    to.fillStyle = colour;
    to.beginPath();
    to.moveTo(0, 1200);
    for (let x = 0; x <= 1600; x += 40) {
      to.lineTo(x, base - height * Math.abs(Math.sin((x + seed * 311) / 260) * Math.cos((x + seed * 97) / 610)));
    }
    to.lineTo(1600, 1200);
    to.fill();
  }
  to.fillStyle = "hsl(78 24% 40%)";
  to.fillRect(0, 760, 1600, 440);
  for (let i = 0; i < 260; i += 1) {
    const [x, y] = [800 + Math.sin(i * 7.3 + seed) * 330 * Math.cos(i), 930 + Math.cos(i * 3.1) * 110];
    to.fillStyle = `hsl(${(i * 47 + seed * 60) % 360} ${20 + (i % 4) * 9}% ${45 + (i % 5) * 8}%)`;
    to.fillRect(x, y, 18 + (i % 5) * 9, 12 + (i % 3) * 10);
  }
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
  return Array.from(new Uint8Array(await blob.arrayBuffer()));
}, seed);

const settled = (page) => page.evaluate(async () => {
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
});
const shoot = async (page, name) => {
  await settled(page);
  await page.screenshot({ path: `${folder}${name}.png` });
};

const server = await Server.start();
const [volunteer, officer] = [await Person.start(server, { args: GL }), await Person.start(server, { screen: "desk" })];
const [phone, desk] = [new Field(volunteer), new Desk(officer)];
const { page } = volunteer;
const photo = async (seed) => ({ name: `IMG_${seed}.jpg`, mimeType: "image/jpeg", buffer: Buffer.from(await landscape(page, seed)) });

await page.goto(server.invites.volunteer);
await phone.button("enrol.yes").waitFor();
await shoot(page, "phone-enrol");
await phone.enrol(server.invites.volunteer);
await phone.precached();
await desk.enrol(server.invites.desk);

await phone.openReport();
await shoot(page, "phone-shutter");
await phone.takePhoto(await photo(1), 1);
await phone.takePhoto(await photo(2), 2);
await shoot(page, "phone-report");
await phone.chooseCategory("garbage-dumping");
await shoot(page, "phone-questions");
await phone.save();
await phone.hasSent();
await page.goto(`${server.origin}/`);

await desk.open("garbage-dumping");
await desk.photoShows();
await desk.sign();
await desk.button("desk.answer_send").waitFor();
await desk.answer("谢谢，水务局明天上午去清。");
await desk.main().getByText("谢谢，水务局明天上午去清。").first().waitFor();

for (const [seed, category] of [[3, "overgrazing"], [4, "river-encroachment"], [5, "smoke-or-hotspot"]]) {
  await phone.openReport();
  await phone.takePhoto(await photo(seed), 1);
  await phone.chooseCategory(category);
  await phone.save();
  await phone.hasSent();
  await page.goto(`${server.origin}/`);
}
await volunteer.context.setOffline(true);
await phone.openReport();
await phone.takePhoto(await photo(6), 1);
await phone.chooseCategory("illegal-logging");
await phone.save();
await shoot(page, "phone-saved");
await page.getByRole("link", { name: t("action.home") }).click();
await phone.tab("tab.records").waitFor();
await shoot(page, "phone-today");
await phone.openRecords();
await shoot(page, "phone-records");
await phone.lines("garbage-dumping").first().click();
await page.getByRole("heading", { level: 1 }).waitFor();
await shoot(page, "phone-record");
await page.getByRole("button", { name: new RegExp(t("record.photo_open")) }).first().click();
await phone.button("share.cover").click();
await page.locator("svg.cover").press("Enter");
await shoot(page, "phone-cover");
await page.keyboard.press("Escape");
await page.goto(`${server.origin}/me`);
await phone.heading("me.title").waitFor();
await shoot(page, "phone-me");
const mapDrawn = () => page.locator(".map[data-ready]").waitFor({ timeout: 60_000 });
await page.goto(`${server.origin}/map`);
await mapDrawn();
await shoot(page, "phone-map");
await phone.button("nearby.as_list").click();
await page.getByRole("main").getByRole("link").first().waitFor();
await shoot(page, "phone-nearby");
for (const [path, name] of [["/map/packs", "phone-packs"], ["/me/install", "phone-install"], ["/me/data", "phone-data"], ["/me/lock", "phone-lock"], ["/me/people", "phone-people"]]) {
  await page.goto(`${server.origin}${path}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await shoot(page, name);
}
await page.goto(`${server.origin}/sos`);
await page.getByRole("heading", { level: 1 }).waitFor();
await shoot(page, "phone-sos");
await page.goto(`${server.origin}/patrol`);
await phone.button("consent.start_with").waitFor();
await shoot(page, "phone-patrol-ready");
await phone.setOut();
await phone.heading("patrol.under_way").waitFor();
// Winding steps along a valley; the clock is moved on so that each counts.
const moveOn = await takeClock(page);
for (let i = 0; i < 60; i += 1) {
  await moveOn(i === 30 ? 400_000 : 8_000);
  const at = { latitude: ZHANGYE.latitude + i * 0.00022 + Math.sin(i / 4) * 0.0005, longitude: ZHANGYE.longitude + Math.sin(i / 7) * 0.003 };
  await volunteer.context.setGeolocation({ ...ZHANGYE, ...at });
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 6_000); }));
}
await shoot(page, "phone-patrol");
await phone.button("patrol.check_in_well").click();
await page.getByText(t("patrol.checked_in_toast")).waitFor();
await page.getByRole("button", { name: new RegExp(`^${t("patrol.end")}`) }).hover();
await page.mouse.down();
await phone.heading("patrol.end_title").waitFor();
await page.mouse.up();
await phone.button("patrol.end_now").click();
await page.locator(".track").waitFor();
await shoot(page, "phone-track");
await page.getByRole("link", { name: t("map.show"), exact: true }).first().click();
await mapDrawn();
await shoot(page, "phone-map-patrol");
for (const theme of ["dark", "outdoor"]) {
  await page.goto(`${server.origin}/records`);
  await phone.heading("records.title").waitFor();
  await page.locator("main img").nth(3).waitFor();
  await page.evaluate((theme) => document.documentElement.setAttribute("data-theme", theme), theme);
  await shoot(page, `phone-records-${theme}`);
}
await desk.inbox();
await desk.open("smoke-or-hotspot");
await desk.photoShows();
await shoot(officer.page, "desk-inbox");
const ofDesk = ["people", "areas", "devices", "referrals", "requests"].map((part) => [`/desk/${part}`, `desk-${part}`]);
for (const [path, name] of [...ofDesk, ["/desk/people/new", "desk-person-new"], ["/desk/tasks/new", "desk-task-new"]]) {
  await officer.goto(path);
  await officer.page.getByRole("heading", { level: 1 }).waitFor();
  await shoot(officer.page, name);
}
await volunteer.context.setOffline(false);
// What a colleague sees of a rare animal and of a walk.
const colleague = await Person.start(server);
await new Field(colleague).enrol(await server.invite("volunteer", "--name", "李草"));
await page.goto(`${server.origin}/`);
await phone.openReport();
await phone.takePhoto(await photo(8), 1);
await phone.chooseCategory("wildlife-sighting");
await phone.save();
await phone.allSent();
for (const [is, sign, name] of [[({ category }) => category === "wildlife-sighting", ".coords", "phone-rough"], [({ kind }) => kind === 11, ".track-cell", "phone-cells"]]) {
  const { record } = (await jsonRows(page, "record_list")).find(is);
  await colleague.goto(`/records/${record}`);
  await colleague.page.locator(sign).first().waitFor({ timeout: 30_000 });
  await colleague.page.locator(sign).first().scrollIntoViewIfNeeded();
  await shoot(colleague.page, name);
}
await Promise.allSettled([volunteer.close(), officer.close(), colleague.close()]);
await server.remove();

// The registers need a city that has worked for a year.
const city = await Server.start({ city: true });
const [commander, reader] = [await Person.start(city, { screen: "desk", args: GL }), await Person.start(city)];
await new Desk(commander).enrol(await city.invite("city-desk", "--name", "指挥台"));
await new Field(reader).enrol(city.invites.auxiliary);
for (const [person, path, name, ready] of [
  [commander, "/registers", "desk-registers", ".register-shelves .card"], [commander, "/registers/figures", "desk-figures", ".figure-part"],
  [commander, "/registers/meeting", "desk-register", ".register-table"], [commander, "/registers/treatment/new", "desk-register-new", ".register-form"],
  [commander, "/desk/interfaces", "desk-interfaces", ".card"], [commander, "/desk/retention", "desk-retention", ".card-head"],
  [commander, "/desk/coverage", "desk-coverage", ".map[data-ready=true]"], [reader, "/training/1", "phone-quiz", ".quiz-answer"],
  [reader, "/registers", "phone-registers", ".register-shelves .card"], [reader, "/registers/rule", "phone-rules", ".card-list"],
]) {
  await person.goto(path);
  await person.page.locator(ready).first().waitFor({ timeout: 30_000 });
  await shoot(person.page, name);
}
await commander.goto("/desk?part=open&map=1");
await commander.page.locator(".desk-map .map[data-ready=true]").waitFor({ timeout: 60_000 });
await commander.page.locator(".desk-list a.item").nth(1).click();
await commander.page.locator(".desk-detail .detail-title").waitFor();
await commander.page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 3_000); }));
await shoot(commander.page, "desk-map");
// Yesterday two patrols of the invented city were on their way at the same time.
const yesterday = new Date(Date.now() - 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 10);
await commander.goto(`/desk/replay?day=${yesterday}`);
await commander.page.getByRole("button", { name: t("patrol.missing_do") }).click();
await commander.page.getByRole("button", { name: t("patrol.missing_do") }).waitFor({ state: "detached" });
await commander.page.locator(".replay .map[data-ready=true]").waitFor({ timeout: 60_000 });
await commander.page.getByRole("slider", { name: t("replay.time") }).focus();
for (let i = 0; i < 90; i += 1) await commander.page.keyboard.press("ArrowRight");
await commander.page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 3_000); }));
await shoot(commander.page, "desk-replay");
const administrator = await Person.start(city, { screen: "desk", args: GL });
await new Field(administrator).enrol(await city.invite("admin", "--name", "管理员"));
await administrator.goto("/desk/city");
await administrator.page.getByRole("button", { name: t("package.begin"), exact: true }).click();
await administrator.page.getByLabel(t("package.search"), { exact: true }).fill("火");
await administrator.page.getByText(t("package.good"), { exact: true }).waitFor({ timeout: 30_000 });
await shoot(administrator.page, "desk-city");
await administrator.close();
await commander.page.goto(`${city.origin}/registers/meeting`);
await commander.page.locator(".register-table tbody a").first().click();
await commander.page.locator(".detail-title").waitFor();
await shoot(commander.page, "desk-meeting");
await Promise.allSettled([commander.close(), reader.close()]);
await city.remove();

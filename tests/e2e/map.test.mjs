// What is near: records by distance and direction, without a map and without a network, and a position to read out.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { categoryName, Field, FIRE } from "./lib/field.mjs";
import { Person, ZHANGYE } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";

describe("records nearby", () => {
  const test = story();
  let server, volunteer, phone;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    phone = new Field(volunteer);
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
  });
  after(async () => {
    const [end] = await Promise.allSettled([volunteer?.close()]);
    await server?.remove();
    if (end.status === "rejected") throw end.reason;
  });

  /** The line as it should read: distance and wind of the way from here to the report. */
  const way = (distance, wind) => phone.t("place.way", { distance, wind: phone.t(`place.wind_${wind}`) });

  test("offline, two reports that were saved at two places stand in order of their distance", async () => {
    await volunteer.setOffline(true);
    await phone.report({ note: "a" });
    // 0.01° to the north are 1,110 m here.
    await volunteer.context.setGeolocation({ ...ZHANGYE, latitude: ZHANGYE.latitude + 0.01 });
    await volunteer.goto("/");
    await phone.report({ note: "b" });
    await volunteer.context.setGeolocation({ ...ZHANGYE, latitude: ZHANGYE.latitude - 0.005 });
    await volunteer.goto("/");
    await phone.tab("tab.nearby").click();
    await phone.heading("nearby.title").waitFor();
    await phone.lines(FIRE).filter({ hasText: way(phone.t("place.metres", { n: 555 }), "n") }).waitFor();
    const lines = await phone.lines(FIRE).allInnerTexts();
    assert.equal(lines.length, 2);
    assert.ok(lines[0].includes(way(phone.t("place.metres", { n: 555 }), "n")), lines[0]);
    assert.ok(lines[1].includes(way(phone.t("place.kilometres", { n: "1.7" }), "n")), lines[1]);
    if (process.env.SHOTS) await volunteer.page.screenshot({ path: `${process.env.SHOTS}/nearby.png` });
  });

  test("a line leads to its record, which tells the position in three ways and which maps it can be handed to", async () => {
    await phone.lines(FIRE).first().click();
    await volunteer.page.getByRole("heading", { name: categoryName(FIRE) }).first().waitFor();
    await volunteer.page.getByText("38.925600, 100.449800", { exact: true }).waitFor();
    await volunteer.page.getByText("38°55′32.2″N 100°26′59.3″E", { exact: true }).waitFor();
    await volunteer.page.getByText(phone.t("place.grid", { zone: 33 }), { exact: true }).waitFor();
    await volunteer.page.getByText(phone.t("place.offline"), { exact: true }).waitFor();
    for (const key of ["place.amap", "place.baidu", "place.tencent"]) {
      const link = volunteer.page.getByRole("link", { name: phone.t("place.new_window", { map: phone.t(key) }), exact: true });
      assert.match(await link.getAttribute("rel"), /noreferrer/);
    }
    if (process.env.SHOTS) {
      await volunteer.page.getByRole("heading", { name: phone.t("place.title") }).scrollIntoViewIfNeeded();
      await volunteer.page.screenshot({ path: `${process.env.SHOTS}/place.png` });
    }
  });

  test("a phone that may not tell its position shows the newest first and says why", async () => {
    await volunteer.context.clearPermissions();
    await volunteer.goto("/map");
    await volunteer.page.getByText(phone.t("nearby.denied"), { exact: true }).waitFor();
    const lines = await phone.lines(FIRE).allInnerTexts();
    assert.equal(lines.length, 2);
    assert.ok(lines.every((line) => !line.includes(phone.t("place.kilometres", { n: "" }).trim())), lines.join("\n"));
  });
});

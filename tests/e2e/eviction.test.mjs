// The browser cleared the app's storage away: the app never pretends that this phone is empty because all was sent.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Field, FIRE, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { rows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t } from "./lib/words.mjs";

/** What Chromium drops when it needs room; localStorage is not part of it. */
const EVICTED = "indexeddb,cache_storage,service_workers,file_systems";

describe("a phone whose storage the browser cleared", () => {
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
    try { await volunteer?.close(); } finally { await server?.remove(); }
  });

  const evict = async (storageTypes) => {
    const session = await volunteer.context.newCDPSession(volunteer.page);
    await session.send("Storage.clearDataForOrigin", { origin: server.origin, storageTypes });
  };
  const says = (text) => volunteer.page.getByText(text).first().waitFor();

  test("while everything was at the server: it says whose phone it was, and that all comes back", async () => {
    await phone.report({ files: [photoFile("evicted-sent")], note: "已经送达的" });
    await phone.allSent();
    await evict(EVICTED);
    await volunteer.goto("/");
    await says(t("evicted.title"));
    await says(t("evicted.sent"));
    assert.equal(await volunteer.page.getByText(/找不回来/).count(), 0);
  });

  test("it can be enrolled again, and gets every delivered report back", async () => {
    await phone.enrol(await server.invite("volunteer"));
    assert.equal(await volunteer.page.getByText(t("evicted.title")).count(), 0);
    await phone.openRecords();
    await phone.lines(FIRE).first().waitFor();
    assert.equal((await rows(volunteer.page, "record_list")).length, 1);
  });

  test("while the app runs and something was not sent: it never says that all was sent, and cannot save", async () => {
    await phone.precached();
    await volunteer.setOffline(true);
    await volunteer.goto("/");
    await phone.report({ files: [], note: "还没有送达的" });
    await volunteer.goto("/");
    await says(t("tab.records"));
    await phone.openReport();
    await phone.skipPhoto();
    await phone.chooseCategory(FIRE);
    await phone.draftKept();
    await evict("indexeddb");
    await phone.saveButton().click();
    await volunteer.page.getByRole("main").getByText(t("error.store_evicted")).first().waitFor();
    assert.equal(await phone.savedHeading().count(), 0);
    await volunteer.page.getByRole("link", { name: t("action.back") }).click();
    await says(t("error.store_evicted"));
    assert.equal(await volunteer.page.getByText(t("today.all_sent")).count(), 0);
  });

  test("opened again it says how much had not been sent", async () => {
    const loaded = volunteer.page.waitForEvent("load");
    await phone.button("notice.reload").first().click();
    await loaded;
    await says(t("evicted.unsent", { n: 1 }));
    await says(t("evicted.do"));
  });

  test("without a trace of the past it is simply nobody's phone, and can be enrolled", async () => {
    await volunteer.setOffline(false);
    await evict("all");
    await volunteer.goto("/");
    await says(t("enrol.none"));
    await phone.enrol(await server.invite("volunteer"));
    await phone.report({ note: "从头再来" });
    await phone.allSent();
  });
});

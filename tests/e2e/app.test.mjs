// The app about itself: how it gets to the home screen, what is new after an update, what it promises and whose work is in it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Field } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { codeOf, Server } from "./lib/server.mjs";

const AGENTS = {
  "install.name_huawei": "Mozilla/5.0 (Linux; Android 10; JEF-AN00) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0 Mobile Safari/537.36 HuaweiBrowser/14.0.5",
  "install.name_xiaomi": "Mozilla/5.0 (Linux; Android 13; 2201122C) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/114.0 Mobile Safari/537.36 XiaoMi/MiuiBrowser/17.5",
  "install.name_wechat": "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.49",
};

describe("the app about itself", () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(async () => { await server?.remove(); });

  /** Runs with a phone of its own. */
  async function withPhone(options, work) {
    const person = await Person.start(server, options);
    try {
      const phone = new Field(person);
      await phone.enrol(`${server.origin}/#/enrol/${codeOf(await server.invite("volunteer"))}`);
      await work(person, phone);
    } finally { await person.close(); }
  }

  for (const [name, agent] of Object.entries(AGENTS)) {
    test(`shows ${name} its own way to the home screen first, and those of others below`, async () => {
      await withPhone({ args: [`--user-agent=${agent}`] }, async (person, phone) => {
        await phone.tab("tab.me").click();
        await person.page.getByRole("link", { name: phone.t("enrol.install_title") }).click();
        await phone.heading("enrol.install_title").waitFor();
        assert.equal(await person.page.getByRole("heading", { level: 2 }).first().innerText(), phone.t(name));
        assert.equal(await person.page.locator("details").count(), 6);
        await person.page.getByText(phone.t("install.name_ios"), { exact: true }).click();
        await person.page.getByText(phone.t("install.ios_2")).waitFor();
      });
    });
  }

  test("asks by the browser's own button where the browser offers it, in both languages", async () => {
    await withPhone({}, async (person, phone) => {
      for (const language of ["zh", "en"]) {
        await phone.setLanguage(language);
        await person.page.evaluate(() => {
          window.asked = 0;
          const offer = new Event("beforeinstallprompt", { cancelable: true });
          offer.prompt = () => { window.asked += 1; };
          offer.userChoice = Promise.resolve({ outcome: "accepted" });
          window.dispatchEvent(offer);
        });
        await person.page.getByRole("link", { name: phone.t("enrol.install_title") }).click();
        await phone.button("install.button").click();
        await person.page.getByText(phone.t("install.done"), { exact: true }).waitFor();
        assert.equal(await person.page.evaluate(() => window.asked), 1);
        assert.equal(await phone.button("install.button").count(), 0);
      }
    });
  });

  test("tells what is new once after the version changed, and to nobody who just began", async () => {
    await withPhone({}, async (person, phone) => {
      const banner = person.page.getByText(phone.t("news.banner"), { exact: true });
      assert.equal(await banner.count(), 0);
      await person.page.evaluate(() => localStorage.setItem("gs.version", '"0.0.9"'));
      await person.page.reload();
      await banner.waitFor();
      await person.page.getByRole("link", { name: phone.t("news.see"), exact: true }).click();
      await phone.heading("news.title").waitFor();
      await person.page.getByText(phone.t("news.0_1_room")).waitFor();
      await person.page.reload();
      await phone.heading("news.title").waitFor();
      assert.equal(await banner.count(), 0);
    });
  });

  test("says its limits, its build and the works of others, also without a network", async () => {
    await withPhone({}, async (person, phone) => {
      await phone.precached();
      await person.setOffline(true);
      await person.goto("/me/about");
      for (const key of ["about.limit_1", "about.limit_2", "about.today_1"]) await person.page.getByText(phone.t(key)).waitFor();
      await person.page.getByText(new RegExp(phone.t("about.build", { build: "[0-9a-f]+" }))).waitFor();
      await phone.button("about.licences").click();
      await person.page.getByText(/leptos 0\.\d+\.\d+ — MIT/).waitFor();
    });
  });
});

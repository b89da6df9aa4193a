// The words lie beside the app as a file for each language: no screen without them, and both without a network.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { Field } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";

describe("the words", () => {
  const test = story();
  let server, volunteer, phone;

  before(async () => {
    server = await Server.start();
    volunteer = await Person.start(server);
    phone = new Field(volunteer);
  });
  after(async () => {
    const [end] = await Promise.allSettled([volunteer?.close()]);
    await server?.remove();
    if (end.status === "rejected") throw end.reason;
  });

  test("that do not come are told in words that are always there, and not as keys", async () => {
    const { context, page } = volunteer;
    await context.route("**/locales/*.json", (route) => route.abort());
    await volunteer.goto("/");
    await page.getByRole("heading", { name: "绿盾没能打开" }).waitFor();
    assert.doesNotMatch(await page.locator("body").innerText(), /enrol\.|error\./);
    await context.unroute("**/locales/*.json");
    await page.getByRole("button", { name: /再试一次/ }).click();
    await phone.enrol(server.invites.volunteer);
    await phone.precached();
  });

  test("of the other language are there without a network, and after a start as well", async () => {
    await volunteer.setOffline(true);
    await phone.setLanguage("en");
    await volunteer.goto("/");
    await phone.heading("today.title").waitFor();
    await phone.setLanguage("zh");
    await phone.tab("tab.today").click();
    await phone.heading("today.title").waitFor();
  });
});

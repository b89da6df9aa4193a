// What not everybody may know: a volunteer reports a rare animal and brings in the track of a walk. A colleague of the same area sees a cell
// of about a kilometre of each, the desk sees everything; a task that sends the colleague there shows the place. One photo is erased alone.
import assert from "node:assert/strict";
import { writeFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { inAllThemes } from "./lib/axe.mjs";
import { Desk } from "./lib/desk.mjs";
import { categoryName, Field, photoFile } from "./lib/field.mjs";
import { Person } from "./lib/person.mjs";
import { jsonRows } from "./lib/phone-store.mjs";
import { Server } from "./lib/server.mjs";
import { story } from "./lib/steps.mjs";
import { t, tLike } from "./lib/words.mjs";

const SLOW = { timeout: 30_000 };
const RARE = "wildlife-sighting";
/** Where the browsers of these tests are, and the middle of its cell. */
const [EXACT, CELL] = ["38.92560, 100.44980", "38.92500, 100.44375"];

/** A walk of an hour to the north, a fix each minute. */
const gpx = () => {
  const fix = (n) => `<trkpt lat="${38.92 + n * 0.0004}" lon="100.45"><time>${new Date(Date.now() - (90 - n) * 60_000).toISOString()}</time></trkpt>`;
  return `<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>${Array.from({ length: 60 }, (_, n) => fix(n)).join("")}</trkseg></trk></gpx>`;
};

describe("places that not everybody may know", () => {
  const test = story();
  const file = join(tmpdir(), `greenshield-rough-${process.pid}.gpx`);
  let server, reporter, colleague, officer, phone, other, desk, record, walk;

  before(async () => {
    server = await Server.start();
    [reporter, colleague, officer] = await Promise.all([Person.start(server), Person.start(server), Person.start(server, { screen: "desk" })]);
    [phone, other, desk] = [new Field(reporter), new Field(colleague), new Desk(officer)];
    await phone.enrol(server.invites.volunteer);
    await other.enrol(await server.invite("volunteer", "--name", "李同事"));
    await desk.enrol(await server.invite("city-desk", "--name", "指挥台"));
  });
  after(async () => {
    const ends = await Promise.allSettled([reporter, colleague, officer].map((person) => person?.close()));
    await server?.remove();
    await rm(file, { force: true });
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  });

  /** Opens a record and waits for words on its page. */
  async function opens(person, id, words) {
    await person.goto(`/records/${id}`);
    await person.page.getByText(words).first().waitFor(SLOW);
    return person.page.locator("main").innerText();
  }

  test("the form says who will see the place", async () => {
    await phone.openReport();
    for (const n of [1, 2]) await phone.takePhoto(photoFile(`nest-${n}`).path, n);
    await phone.chooseCategory(RARE);
    await reporter.page.getByText(t("report.place_guarded")).waitFor();
    await inAllThemes(reporter.page, "a form with a guarded place");
    await phone.save();
    await phone.allSent();
    [{ record }] = (await jsonRows(reporter.page, "record_list")).filter((row) => row.category === RARE);
  });

  test("a colleague sees a cell, the reporter and the desk the place", async () => {
    const cell = await opens(colleague, record, t("record.place_rough"));
    assert.ok(cell.includes(CELL) && !cell.includes(EXACT), cell);
    assert.ok(cell.includes(t("place.rough")));
    await inAllThemes(colleague.page, "a report with a rough place");
    for (const person of [reporter, officer]) {
      const page = await opens(person, record, tLike("record.place_guarded"));
      assert.ok(page.includes(EXACT) && !page.includes(t("place.rough")), page);
    }
  });

  test("whoever is sent there sees it", async () => {
    await officer.goto(`/desk?record=${record}`);
    await officer.page.getByRole("link", { name: t("task.from_record") }).click(SLOW);
    await officer.page.getByLabel(t("task.title_label")).fill("去看看");
    await officer.page.getByRole("button", { name: "李同事" }).click();
    await desk.button("task.give").click();
    await officer.page.getByRole("heading", { name: "去看看" }).waitFor(SLOW);
    const page = await opens(colleague, record, tLike("record.place_guarded"));
    assert.ok(page.includes(EXACT), page);
  });

  test("of a walk a colleague sees the cells and not the way", async () => {
    await writeFile(file, gpx());
    await reporter.goto("/patrol");
    await reporter.page.getByLabel(phone.t("patrol.gpx_import")).setInputFiles(file);
    await reporter.page.getByRole("img", { name: new RegExp(phone.t("patrol.track_alt", { way: ".*" })) }).waitFor(SLOW);
    await phone.allSent();
    [{ record: walk }] = (await jsonRows(reporter.page, "record_list")).filter((row) => row.kind === 11);
    await opens(colleague, walk, t("patrol.cells_text"));
    assert.equal(await colleague.page.locator(".track-cell").count(), 3);
    assert.equal(await colleague.page.locator(".track-line").count(), 0);
    assert.equal(await other.button("patrol.gpx_save").count(), 0);
    await inAllThemes(colleague.page, "a patrol by its cells");
    await opens(officer, walk, t("patrol.gpx_save"));
  });

  test("one photo is erased and the other stays", async () => {
    await officer.goto(`/desk/erase/${record}`);
    await desk.heading("erase.title").waitFor(SLOW);
    await officer.page.locator("summary", { hasText: t("erase.files") }).click();
    await officer.page.getByRole("button", { name: t("erase.file", { field: "照片", n: 1 }) }).click();
    await desk.button("erase.basis_wrong_person").click();
    await desk.button("erase.sure").click();
    await desk.button("erase.do").click();
    await officer.page.getByText(tLike("erase.done")).first().waitFor(SLOW);
    await officer.page.locator("summary", { hasText: t("erase.files") }).waitFor({ state: "detached", ...SLOW });
    await opens(reporter, record, categoryName(RARE));
    assert.equal(await reporter.page.locator(".photo-grid .photo").count(), 1);
  });

  test("no page called anything else", () => {
    for (const person of [reporter, colleague, officer]) assert.deepEqual(person.faults, []);
  });
});

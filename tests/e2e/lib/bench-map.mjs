// How long the map of the desk takes with a full inbox. Times are taken inside the page, from the tap to the marks that are drawn.
import { Field } from "./field.mjs";

/** In the page: waits until all reports of the part that is listed are on the map and it has drawn them; ms since the tap, and the longest block of the page meanwhile. */
const drawn = () => new Promise((resolve) => {
  const { textContent: count } = document.querySelector('.desk-parts [aria-pressed="true"] .option-count');
  let tapped = 0;
  document.addEventListener("click", (event) => { tapped ||= event.timeStamp; window.gsLongest = 0; }, { capture: true, once: true });
  const isCounted = () => document.querySelector(".desk-map-bar .desk-found")?.textContent.includes(count);
  // The map says that it is ready each time that it has nothing more to draw.
  const watcher = new MutationObserver(() => {
    if (!tapped || !isCounted()) return;
    watcher.disconnect();
    const took = performance.now() - tapped;
    // Long tasks are told after they ended.
    requestAnimationFrame(() => requestAnimationFrame(() => resolve({ took, longest: window.gsLongest })));
  });
  watcher.observe(document.body, { attributes: true, attributeFilter: ["data-ready"], subtree: true });
});

/** From the tap on 地图 beside a list that is read whole, to its `total` reports drawn as marks. */
export async function openMap(officer, total) {
  const desk = new Field(officer), { page } = officer;
  await officer.goto("/desk");
  const isRead = (total) => [...document.querySelectorAll(".desk-parts .option-count")].reduce((sum, one) => sum + Number(one.textContent), 0) >= total;
  await page.waitForFunction(isRead, total, { timeout: 60_000 });
  const waiting = page.evaluate(drawn);
  await page.locator(".desk-filter").getByRole("button", { name: desk.t("desk.map"), exact: true }).click();
  return waiting;
}

// How long a phone with a PIN takes to open. Sets the PIN and takes it away again by the pages that people use.
import { Field } from "./field.mjs";

const PIN = "135790";

const typed = async ({ page }) => { await page.keyboard.type(PIN); await page.keyboard.press("Enter"); };
const padIsReady = ({ page }) => page.getByRole("button", { name: "7", exact: true, disabled: false }).waitFor({ timeout: 45_000 });

/** Gives the phone a PIN. */
export async function setPin(person) {
  const phone = new Field(person), { page } = person;
  await person.goto("/me/lock");
  await phone.button("lock.set").click();
  for (const key of ["lock.new", "lock.again"]) {
    await page.getByText(phone.t(key), { exact: true }).first().waitFor({ timeout: 30_000 });
    await typed(person);
  }
  await phone.button("lock.change").waitFor({ timeout: 30_000 });
}

/** Takes the PIN away; what looks into the tables of the phone can read them again. */
export async function removePin(person) {
  const phone = new Field(person), { page } = person;
  await person.goto("/me/lock");
  await padIsReady(person);
  await typed(person);
  await phone.button("lock.remove").click({ timeout: 30_000 });
  await page.getByText(phone.t("lock.old"), { exact: true }).first().waitFor();
  await typed(person);
  await phone.button("lock.set").waitFor({ timeout: 30_000 });
}

/** From the last digit to the first screen that can be used, at a slower processor. The key that ends the PIN follows its last digit at once. */
export async function unlock(person, rate) {
  const phone = new Field(person), { page } = person;
  await person.goto("/");
  await phone.heading("lock.title").waitFor();
  await padIsReady(person);
  const session = await person.slowDown(rate);
  // First the listener, then the digits: under load a key would be there before it.
  await page.evaluate((digits) => { window.unlocked = new Promise((resolve) => {
    let count = 0, last = 0;
    // After the listener of the pad, which was there before.
    window.addEventListener("keydown", (event) => {
      if (!/^\d$/.test(event.key)) return;
      count += 1;
      if (count < digits) return;
      last = event.timeStamp;
      window.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));
    });
    const watch = () => {
      const isOpen = last && document.querySelector(".locked") === null && document.querySelector("nav a[href]") !== null;
      if (isOpen) resolve(performance.now() - last); else requestAnimationFrame(watch);
    };
    requestAnimationFrame(watch);
  }); }, PIN.length);
  await page.keyboard.type(PIN);
  const took = await page.evaluate(() => window.unlocked);
  await session.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  return took;
}

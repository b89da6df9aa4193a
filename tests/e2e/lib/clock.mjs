// A clock that can be moved on, and timers that run faster: hours of a walk in seconds. The app's own code stays what it is.
const FASTER = 100;

function install({ faster }) {
  if (window.ahead !== undefined) return;
  window.ahead = 0;
  const Real = Date;
  class Moved extends Real {
    constructor(...given) { given.length === 0 ? super(Moved.now()) : super(...given); }
    static now() { return Real.now() + window.ahead; }
  }
  window.Date = Moved;
  const later = window.setTimeout.bind(window);
  window.setTimeout = (run, millis = 0, ...given) => later(run, millis / faster, ...given);
}

/** Takes the clock of all pages that this context opens from now on, and of one that is open; returns what moves it on. */
export async function takeClock(page, ahead = 0) {
  await page.context().addInitScript(install, { faster: FASTER });
  await page.context().addInitScript((millis) => { window.ahead = millis; }, ahead);
  await page.evaluate(install, { faster: FASTER });
  return (millis) => page.evaluate((more) => { window.ahead += more; return window.ahead; }, millis);
}

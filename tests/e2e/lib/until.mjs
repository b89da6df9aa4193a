// `page.waitForFunction` takes the promise of an asynchronous question for a yes; this one waits for the answer.

/** Asks in the page until the answer, which may be a promise, is true; gives the last answer. */
export async function until(page, question, arg, { timeout = 30_000 } = {}) {
  const giveUpAt = performance.now() + timeout;
  for (;;) {
    const answer = await page.evaluate(question, arg);
    if (answer) return answer;
    if (performance.now() > giveUpAt) throw new Error(`not within ${timeout} ms: ${question}`);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

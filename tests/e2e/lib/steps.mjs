// Steps of one story: each stands on those before, so after the first that fails the rest is skipped and not waited for.
import { test } from "node:test";

export function story() {
  let failed = null;
  return (name, work) => test(name, async (context) => {
    if (failed) return context.skip(`after “${failed}” failed`);
    try {
      await work(context);
    } catch (error) {
      failed = name;
      throw error;
    }
  });
}

import { expect, test, vi } from "vitest";

import { createPrecedence } from "../../src/drivers/precedence.ts";

test("what observes waits until every rollout changed, each counted once", async () => {
  const next = createPrecedence(2);
  const [one, other] = [next(), next()];
  const turns: string[] = [];
  const first = one.turn().then(() => turns.push("one"));
  const second = other.turn().then(() => turns.push("other"));
  one.changed();
  one.changed();
  await new Promise((done) => setImmediate(done));
  expect(turns).toEqual([]);
  other.changed();
  await Promise.all([first, second]);
  expect(turns.toSorted()).toEqual(["one", "other"]);
});

test("an undo that hangs does not keep what observes", async () => {
  vi.useFakeTimers();
  try {
    const next = createPrecedence(2);
    next().changed();
    const turn = next().turn();
    await vi.advanceTimersByTimeAsync(1000);
    await expect(turn).resolves.toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

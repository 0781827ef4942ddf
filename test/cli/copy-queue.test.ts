import { expect, test } from "vitest";

import { copyQueue } from "../../src/cli/stores/copy-queue.ts";

test("copies are made in turn, one that fails holds up nothing, and whoever waits for all waits for the late ones too", async () => {
  const copies = copyQueue();
  const done: string[] = [];
  const make = (name: string) => (): Promise<void> => {
    done.push(name);
    return name === "broken" ? Promise.reject(new Error(name)) : Promise.resolve();
  };
  void copies.late(make("late"));
  void copies.late(make("later"));
  void copies.soon(make("broken"));
  await copies.soon(make("soon"));
  expect(done).toEqual(["broken", "soon"]);
  await copies.done();
  expect(done).toEqual(["broken", "soon", "late", "later"]);
});

test("a late copy is made without anybody who waits for it", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  void copyQueue().late(() => Promise.resolve(resolve()));
  await expect(promise).resolves.toBeUndefined();
});

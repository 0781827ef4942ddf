import { expect, test } from "vitest";

import { createChain } from "../../src/evidence/journal-line.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";
import { createMirroredStore } from "../../src/store/mirrored-store.ts";
import type { SharedStore } from "../../src/store/shared-store.ts";
import type { Store } from "../../src/store/store.ts";

const ROLLOUT = "01jf0000000000000000000001";

/** Lines of a journal, linked, from the line before on. */
function linesOf(count: number, epoch = 1, previous: { seq: number; line: string } | null = null) {
  const chain = createChain(previous);
  return Array.from({ length: count }, (_, nth) =>
    chain.line({ at: 0, mono: nth, epoch, actor: "ana", event: { kind: "restored" } }),
  );
}

async function storeWith(...epochs: readonly (readonly string[])[]): Promise<Store> {
  const store = createMemoryStore();
  for (const [index, [first = "", ...rest]] of epochs.entries()) {
    await store.claim(ROLLOUT, index + 1, first);
    await store.append(ROLLOUT, index + 1, rest);
  }
  return store;
}

function mirrored(there: Store, local: Store, beside = doAtOnce): Store {
  const shared: SharedStore = {
    ...there,
    keep: () => Promise.resolve(),
    kept: () => Promise.resolve(null),
    lastClaim: () => Promise.resolve(null),
    problem: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
  const nothing = (): Promise<void> => Promise.resolve();
  return createMirroredStore(shared, { local, mark: nothing, fetch: nothing, beside });
}

function doAtOnce(work: () => Promise<void>): void {
  void work().catch(() => undefined);
}

async function read(there: Store, local: Store): Promise<readonly (readonly string[])[]> {
  return (await mirrored(there, local).read(ROLLOUT)).map(({ lines }) => lines);
}

const five = linesOf(5);
const next = linesOf(2, 2, { seq: 5, line: five[4] ?? "" });

test("a store that came back as it once was does not hide what the copies of this machine have", async () => {
  expect(await read(await storeWith(five.slice(0, 3)), await storeWith(five))).toEqual([five]);
  expect(await read(await storeWith(five), await storeWith(five, next))).toEqual([five, next]);
  expect(await read(await storeWith(five.slice(0, 2)), await storeWith(five, next))).toEqual([
    five,
    next,
  ]);
});

test("the store counts where the copy is shorter, is another one, or is not linked", async () => {
  const other = linesOf(5, 1, { seq: 0, line: "other" });
  for (const copy of [five.slice(0, 2), other, [...five.slice(0, 4), "{}"]])
    expect(await read(await storeWith(five.slice(0, 3)), await storeWith(copy))).toEqual([
      five.slice(0, 3),
    ]);
});

test("a rollout that the store does not have is not made up from a copy", async () => {
  expect(await read(createMemoryStore(), await storeWith(five))).toEqual([]);
});

test("a disk that fails, or gives no answer, hides nothing of the store", async () => {
  const there = await storeWith(five);
  const dead = { ...createMemoryStore(), read: () => Promise.reject(new Error("EIO")) };
  expect(await read(there, dead)).toEqual([five]);
  const silent = { ...createMemoryStore(), read: () => new Promise<never>(() => undefined) };
  expect(await read(there, silent)).toEqual([five]);
});

test("the store alone is waited for, and what the disk did not take at once it takes later", async () => {
  const works: (() => Promise<void>)[] = [];
  const [there, disk] = [createMemoryStore(), createMemoryStore()];
  let isFull = true;
  const local: Store = {
    ...disk,
    append: (...line) => (isFull ? Promise.reject(new Error("ENOSPC")) : disk.append(...line)),
  };
  const store = mirrored(there, local, (work) => void works.push(work));
  const [first = "", ...rest] = five;
  expect(await store.claim(ROLLOUT, 1, first)).toBe("claimed");
  await store.append(ROLLOUT, 1, rest.slice(0, 2));
  expect((await there.read(ROLLOUT))[0]?.lines).toEqual(five.slice(0, 3));
  expect(await disk.read(ROLLOUT)).toEqual([]);
  const inTurn = async (): Promise<void> => {
    for (const work of works.splice(0)) await work().catch(() => undefined);
  };
  await inTurn();
  expect((await disk.read(ROLLOUT))[0]?.lines).toEqual([first]);
  isFull = false;
  await store.append(ROLLOUT, 1, rest.slice(2));
  await inTurn();
  expect((await disk.read(ROLLOUT))[0]?.lines).toEqual(five);
});

import { expect, test } from "vitest";

import type { Store } from "../../src/store/store.ts";

/** What every store must do; `open` gives a fresh one, `again` a second view of the same records as another process has. */
export function storeContract(
  name: string,
  open: () => Promise<{ readonly store: Store; readonly again: Store }>,
): void {
  test(`${name}: exactly one of many claimants gets an epoch, with its first line`, async () => {
    const { store, again } = await open();
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? store : again).claim(ROLLOUT, 1, `{"claim":${index}}`),
      ),
    );
    expect(results.filter((result) => result === "claimed")).toHaveLength(1);
    const winner = results.indexOf("claimed");
    expect(await again.read(ROLLOUT)).toEqual([
      { epoch: 1, lines: [`{"claim":${winner}}`], torn: null },
    ]);
  });

  test(`${name}: lines are read in the order they were appended, by anybody`, async () => {
    const { store, again } = await open();
    await store.claim(ROLLOUT, 1, "a");
    await store.append(ROLLOUT, 1, ["b", "c"]);
    await store.append(ROLLOUT, 1, []);
    await store.append(ROLLOUT, 1, ["ä €"]);
    expect((await again.read(ROLLOUT))[0]?.lines).toEqual(["a", "b", "c", "ä €"]);
  });

  test(`${name}: an epoch that this process did not claim cannot be appended to`, async () => {
    const { store, again } = await open();
    await store.claim(ROLLOUT, 1, "a");
    await expect(store.append(ROLLOUT, 2, ["b"])).rejects.toThrow(/epoch 2/u);
    expect((await again.read(ROLLOUT))[0]?.lines).toEqual(["a"]);
  });

  test(`${name}: the last epoch is the highest that was claimed`, async () => {
    const { store, again } = await open();
    expect(await store.lastEpoch(ROLLOUT)).toBe(0);
    await store.claim(ROLLOUT, 1, "a");
    await again.claim(ROLLOUT, 2, "b");
    await store.claim(ROLLOUT, 10, "c");
    expect(await store.lastEpoch(ROLLOUT)).toBe(10);
    expect((await store.read(ROLLOUT)).map(({ epoch }) => epoch)).toEqual([1, 2, 10]);
  });

  test(`${name}: rollouts are listed newest first`, async () => {
    const { store, again } = await open();
    expect(await store.list()).toEqual([]);
    await store.claim(ROLLOUT, 1, "a");
    await store.claim(LATER, 1, "a");
    expect(await again.list()).toEqual([LATER, ROLLOUT]);
  });

  test(`${name}: words come in order, once each, from where the reader is`, async () => {
    const { store, again } = await open();
    await store.claim(ROLLOUT, 1, "a");
    expect(await store.inbox(ROLLOUT, 0)).toEqual([]);
    await again.post(ROLLOUT, "one");
    await store.post(ROLLOUT, "two");
    expect(await store.inbox(ROLLOUT, 0)).toEqual(["one", "two"]);
    expect(await store.inbox(ROLLOUT, 1)).toEqual(["two"]);
    await Promise.all(Array.from({ length: 10 }, (_, index) => again.post(ROLLOUT, `${index}`)));
    expect(new Set(await store.inbox(ROLLOUT, 2)).size).toBe(10);
  });

  test(`${name}: the heartbeat is what was last counted`, async () => {
    const { store, again } = await open();
    await store.claim(ROLLOUT, 1, "a");
    expect(await again.readBeat(ROLLOUT, 1)).toBe(0);
    await store.beat(ROLLOUT, 1, 100);
    await store.beat(ROLLOUT, 1, 7);
    expect(await again.readBeat(ROLLOUT, 1)).toBe(7);
    expect(await again.readBeat(ROLLOUT, 2)).toBe(0);
  });

  test(`${name}: a target is held by one claim at a time, whatever is in its name`, async () => {
    const { store, again } = await open();
    const target = `kubectl/uid/default/Deployment/${"x".repeat(400)}/../ä b`;
    expect(await store.lock(target, ROLLOUT, 0)).toEqual({ kind: "held" });
    expect(await again.lock(target, LATER, 0)).toMatchObject({
      kind: "taken",
      holder: ROLLOUT,
      n: 1,
    });
    expect(await again.lock(target, LATER, 1)).toEqual({ kind: "held" });
    expect(await store.lock(target, ROLLOUT, 1)).toMatchObject({
      kind: "taken",
      holder: LATER,
      n: 2,
    });
    expect(await store.lock(`${target}.`, ROLLOUT, 0)).toEqual({ kind: "held" });
    const racers = await Promise.all(
      Array.from({ length: 10 }, () => store.lock("raced", ROLLOUT, 0)),
    );
    expect(racers.filter(({ kind }) => kind === "held")).toHaveLength(1);
  });
}

const ROLLOUT = "01jf0000000000000000000001";
const LATER = "01jf0000000000000000000002";

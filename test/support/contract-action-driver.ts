import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Change, FieldValue } from "../../src/core/field.ts";
import { sameValue } from "../../src/core/field.ts";
import type { ActionDriver, Answer, DriverContext, Request } from "../../src/drivers/driver.ts";

/** The world of one test: a target that the driver changes, with a way to look at it and to break it that is not the driver's. */
export interface ContractWorld<I> extends AsyncDisposable {
  readonly driver: ActionDriver<I>;
  readonly request: Request<I>;
  /** A second request for the same fields with another value. */
  readonly other: Request<I>;
  /** A fresh context with the given signal. */
  context(signal: AbortSignal): DriverContext;
  /** What is in the target now, for the first field of `request`, asked without the driver. */
  truth(): Promise<FieldValue>;
  /** Changes the target without the driver. */
  setLive(value: FieldValue): Promise<void>;
  /** A value that `setLive` can put there and that no request writes. */
  readonly foreign: FieldValue;
  /** How many writes have reached the target so far; null where it cannot count them. */
  writes(): Promise<number> | null;
  /** What has to be kept out of every message and field, where a credential is used; it is in what `context` resolves. */
  readonly secret?: string;
  /** Breaks the target; absent where a target cannot fail that way. */
  readonly break: {
    /** Takes requests and answers none. */
    readonly hang?: () => Promise<void>;
    /** Fails in a way that leaves the outcome open, as a 500 does. */
    readonly fail?: () => Promise<void>;
    /** Says no, and changes nothing. */
    readonly refuse?: () => Promise<void>;
    /** Says yes, and changes nothing. */
    readonly ignoreWrites?: () => Promise<void>;
  };
}

/** What every action driver with fields must do. Runs inside a `describe` of its own. */
export function contractOfActionDriver<I>(
  name: string,
  start: () => Promise<ContractWorld<I>>,
  /** `absence: false` where the target's field always has a value. */
  { absence = true }: { readonly absence?: boolean } = {},
): void {
  describe(`${name}: the contract of action drivers`, () => {
    let world: ContractWorld<I>;
    beforeEach(async () => {
      world = await start();
    });
    afterEach(async () => {
      await world[Symbol.asyncDispose]();
    });
    const calm = (): DriverContext => world.context(new AbortController().signal);
    const changes = async (request = world.request): Promise<readonly Change[]> =>
      value(await world.driver.changes(request, calm()));
    const firstOf = async (request = world.request): Promise<Change> => {
      const [first] = await changes(request);
      if (first === undefined) throw new Error("the driver wants to change nothing");
      return first;
    };
    const live = async (change: Change): Promise<FieldValue> => {
      const [reading] = value(await world.driver.read([change.field], calm()));
      if (reading === undefined) throw new Error("no reading");
      return reading.value;
    };

    it("finds its changes by reading only", async () => {
      const before = await world.truth();
      const writes = await world.writes();
      const found = await changes();
      expect(found.length).toBeGreaterThan(0);
      expect(await world.truth()).toEqual(before);
      expect(await world.writes()).toBe(writes);
    });

    it("names each field once, as its own, in plain JSON, the same in every process", async () => {
      const found = await changes();
      const keys = found.map(({ field }) => field.key);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { field } of found) {
        expect(field.driver).toBe(world.driver.kind);
        expect(field.connection).toBe(world.request.connectionName);
        expect(JSON.parse(JSON.stringify(field))).toEqual(field);
      }
      expect((await changes(world.other)).map(({ field }) => field.key)).toEqual(keys);
    });

    it("accepts its own input again, as a stored plan holds it", () => {
      const once = world.driver.input.parse(world.request.input);
      expect(world.driver.input.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
      expect(world.driver.style(world.request.input)).toBe("fields");
    });

    it("reads a value that is there, and one that is not", async () => {
      const change = await firstOf();
      await world.setLive(world.foreign);
      expect(sameValue(await live(change), world.foreign)).toBe(true);
      if (!absence) return;
      await world.setLive({ present: false });
      expect(await live(change)).toEqual({ present: false });
    });

    it("writes what it said, and reads it back", async () => {
      const found = await changes();
      expect(await world.driver.write(found, calm())).toEqual({ kind: "ok", value: null });
      for (const change of found) expect(await live(change)).toEqual(change.value);
      expect(await world.truth()).toEqual(found[0]?.value);
      expect(await world.driver.settle(found, calm())).toEqual({ kind: "ok", value: null });
    });

    it("makes of two writes the same as of one", async () => {
      const found = await changes();
      value(await world.driver.write(found, calm()));
      const once = await world.truth();
      value(await world.driver.write(found, calm()));
      expect(await world.truth()).toEqual(once);
    });

    it("undoes to the value before, also from a field that went through JSON", async () => {
      await world.setLive(world.foreign);
      const change = await firstOf();
      const baseline = await live(change);
      value(await world.driver.write(await changes(), calm()));
      expect(await world.truth()).not.toEqual(world.foreign);
      const undo = JSON.parse(JSON.stringify({ field: change.field, value: baseline })) as Change;
      value(await world.driver.write([undo], calm()));
      expect(await world.truth()).toEqual(world.foreign);
    });

    it.skipIf(!absence)("makes absent again what was absent, and twice is once", async () => {
      await world.setLive({ present: false });
      const found = await changes();
      value(await world.driver.write(found, calm()));
      expect((await world.truth()).present).toBe(true);
      const undo = found.map(({ field }): Change => ({ field, value: { present: false } }));
      value(await world.driver.write(undo, calm()));
      expect(await world.truth()).toEqual({ present: false });
      value(await world.driver.write(undo, calm()));
      expect(await world.truth()).toEqual({ present: false });
    });

    it("sees by reading back that a write was ignored", async ({ skip }) => {
      const ignore = world.break.ignoreWrites ?? skip("the target cannot ignore a write");
      const change = await firstOf();
      await world.setLive(world.foreign);
      await ignore();
      await world.driver.write(await changes(), calm());
      expect(await live(change)).toEqual(world.foreign);
    });

    it("says unknown of a target that hangs, when its signal cuts it", async ({ skip }) => {
      const hang = world.break.hang ?? skip("the target cannot hang");
      const found = await changes();
      await hang();
      const cut = new AbortController();
      const writing = world.driver.write(found, world.context(cut.signal));
      const reading = world.driver.read(
        found.map(({ field }) => field),
        world.context(cut.signal),
      );
      expect(await Promise.race([writing, pause(100)])).toBe("still waiting");
      cut.abort();
      expect((await writing).kind).toBe("unknown");
      expect((await reading).kind).not.toBe("ok");
    });

    it("does nothing when its signal is already cut", async () => {
      const found = await changes();
      const before = await world.truth();
      const answer = await world.driver.write(found, world.context(AbortSignal.abort()));
      expect(answer.kind).not.toBe("ok");
      expect(await world.truth()).toEqual(before);
    });

    it("says unknown of a failure that leaves the outcome open", async ({ skip }) => {
      const fail = world.break.fail ?? skip("the target cannot fail that way");
      const found = await changes();
      await fail();
      const answer = await world.driver.write(found, calm());
      expect(answer.kind).toBe("unknown");
      expect(answer.kind === "ok" ? "" : answer.why).not.toBe("");
    });

    it("says failed when the target said no, and tells so before the rollout", async ({ skip }) => {
      const refuse = world.break.refuse ?? skip("the target cannot refuse");
      const found = await changes();
      const before = await world.truth();
      expect(await world.driver.permissions(world.request, calm())).toEqual([]);
      await refuse();
      expect((await world.driver.write(found, calm())).kind).toBe("failed");
      expect(await world.driver.permissions(world.request, calm())).not.toEqual([]);
      expect(await world.truth()).toEqual(before);
    });

    it("keeps its credential to itself, whatever happens", async ({ skip }) => {
      const secret = world.secret ?? skip("it uses no credential");
      const { driver, request } = world;
      const found = await changes();
      const told: unknown[] = [found, driver.preview(request)];
      for (const breaking of [undefined, world.break.fail, world.break.refuse]) {
        await breaking?.();
        told.push(
          await driver.write(found, calm()),
          await driver.read(
            found.map(({ field }) => field),
            calm(),
          ),
          await driver.changes(request, calm()),
          await driver.permissions(request, calm()),
        );
      }
      expect(JSON.stringify(told)).not.toContain(secret);
    });

    it("previews what it does and how it is undone", () => {
      const lines = world.driver.preview(world.request);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        expect(line.does).not.toBe("");
        expect(line.undo).not.toBe("");
      }
    });
  });
}

function value<T>(answer: Answer<T>): T {
  if (answer.kind === "ok") return answer.value;
  throw new Error(`${answer.kind}: ${answer.why}`);
}

function pause(ms: number): Promise<"still waiting"> {
  return new Promise((resolve) => setTimeout(() => resolve("still waiting"), ms));
}

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { ActionDriver, DriverContext, Request } from "../../src/drivers/driver.ts";

/** The world of one test: a target that is called, with a way to count the calls and to break it that is not the driver's. */
export interface CallWorld<I> extends AsyncDisposable {
  readonly driver: ActionDriver<I>;
  readonly request: Request<I>;
  context(signal: AbortSignal): DriverContext;
  /** How many calls have reached the target so far. */
  calls(): Promise<number>;
  /** What the call has to keep to itself, where it carries a credential; it is in what `context` resolves. */
  readonly secret?: string;
  /** Breaks the target; absent where a target cannot fail that way. */
  readonly break: {
    /** Takes the call and answers nothing. */
    readonly hang?: () => Promise<void>;
    /** Fails in a way that leaves the outcome open. */
    readonly fail?: () => Promise<void>;
    /** Cannot be called at all: nothing can have happened. */
    readonly vanish?: () => Promise<void>;
  };
}

/** What every action that is one call must do. Runs inside a `describe` of its own. */
export function contractOfCallDriver<I>(name: string, start: () => Promise<CallWorld<I>>): void {
  describe(`${name}: the contract of actions that are one call`, () => {
    let world: CallWorld<I>;
    beforeEach(async () => {
      world = await start();
    });
    afterEach(async () => {
      await world[Symbol.asyncDispose]();
    });
    const calm = (): DriverContext => world.context(new AbortController().signal);

    it("has no fields: its undo is the plan's to state", async () => {
      expect(world.driver.style(world.request.input)).toBe("call");
      expect(await world.driver.changes(world.request, calm())).toEqual({ kind: "ok", value: [] });
      expect(await world.driver.read([], calm())).toEqual({ kind: "ok", value: [] });
      expect(world.driver.preview(world.request).map(({ undo }) => undo)).toContain(
        "as the plan states",
      );
      expect(await world.calls()).toBe(0);
    });

    it("accepts its own input again, as a stored plan holds it", () => {
      const once = world.driver.input.parse(world.request.input);
      expect(world.driver.input.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
    });

    it("asks for its rights without calling", async () => {
      expect(await world.driver.permissions(world.request, calm())).toEqual([]);
      expect(await world.calls()).toBe(0);
    });

    it("calls once", async () => {
      expect((await world.driver.call(world.request, calm())).kind).toBe("ok");
      expect(await world.calls()).toBe(1);
    });

    it("does nothing when its signal is already cut", async () => {
      const answer = await world.driver.call(world.request, world.context(AbortSignal.abort()));
      expect(answer.kind).toBe("failed");
      expect(await world.calls()).toBe(0);
    });

    it("says unknown of a target that hangs, when its signal cuts it", async ({ skip }) => {
      const hang = world.break.hang ?? skip("the target cannot hang");
      await hang();
      const cut = new AbortController();
      const calling = world.driver.call(world.request, world.context(cut.signal));
      await expect.poll(() => world.calls()).toBe(1);
      cut.abort();
      expect((await calling).kind).toBe("unknown");
    });

    it("says unknown of a failure that leaves the outcome open, and never tries again", async ({
      skip,
    }) => {
      const fail = world.break.fail ?? skip("the target cannot fail that way");
      await fail();
      const answer = await world.driver.call(world.request, calm());
      expect(answer.kind).toBe("unknown");
      expect(answer.kind === "ok" ? "" : answer.why).not.toBe("");
      expect(await world.calls()).toBe(1);
    });

    it("says failed where nothing can have happened, and why", async ({ skip }) => {
      const vanish = world.break.vanish ?? skip("the target is always there");
      await vanish();
      const answer = await world.driver.call(world.request, calm());
      expect(answer.kind).toBe("failed");
      expect(answer.kind === "ok" ? "" : answer.why).not.toBe("");
    });

    it("keeps its credential to itself, whatever happens", async ({ skip }) => {
      const secret = world.secret ?? skip("it carries no credential");
      const { driver, request } = world;
      const told: unknown[] = [driver.preview(request), await driver.permissions(request, calm())];
      for (const breaking of [world.break.fail, world.break.vanish]) {
        await breaking?.();
        told.push(await driver.call(request, calm()), await driver.permissions(request, calm()));
      }
      expect(JSON.stringify(told)).not.toContain(secret);
    });
  });
}

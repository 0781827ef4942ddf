import { expect, test } from "vitest";
import { z } from "zod";

import { createRun } from "../../../src/engine/create-run.ts";
import { deliver, TRY, type Letter } from "../../../src/engine/outbox/deliver.ts";
import type { Clock } from "../../../src/engine/ports.ts";
import { plainOptions, type Run } from "../../../src/engine/run.ts";
import type { Delivery, SinkDriver } from "../../../src/sinks/sink.ts";
import { notice } from "../../sinks/support/try-sink.ts";
import { engineWorld } from "../../support/engine-world.ts";
import { toldEngine, toldPlan } from "../../support/told-rollout.ts";

/** A clock on which every wait is over at once, and which remembers the waits. */
function hurried(): Clock & { readonly waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    mono: () => now,
    after(ms, call) {
      if (ms === TRY) return () => undefined;
      waits.push(ms);
      now += ms;
      const timer = setImmediate(call);
      return () => clearImmediate(timer);
    },
  };
}

function runWith(clock: Clock): Run {
  const { plan, digest } = toldPlan({ place: { type: "scripted" } }, []);
  const engine = { ...toldEngine(engineWorld()), clock };
  return createRun(engine, { rollout: "r", plan, digest, epoch: 1 }, plainOptions, []);
}

/** A sink that answers what is scripted, then says yes; `seen` are the receipts that it got. */
function scripted(...answers: readonly Delivery[]): SinkDriver & { readonly seen: unknown[] } {
  const left = [...answers];
  const seen: unknown[] = [];
  return {
    type: "scripted",
    description: "",
    config: z.unknown(),
    secrets: [],
    options: null,
    closes: null,
    seen,
    deliver: (_, { receipt }) => {
      seen.push(receipt);
      return Promise.resolve(left.shift() ?? { kind: "delivered" });
    },
  };
}

function letter(sink: SinkDriver, more: Partial<Letter> = {}): Letter {
  return { sink, to: "place", notice: notice(), options: {}, receipt: {}, patient: true, ...more };
}

const never = new AbortController().signal;
const again = (after: number | null): Delivery => ({ kind: "again", why: "busy", after });

test("it waits as long as the other side asks, and else longer each time", async () => {
  const clock = hurried();
  const sink = scripted(again(7000), again(null), again(null), again(0));
  const sent = await deliver(runWith(clock), letter(sink), never);
  expect(sent).toEqual({ why: null, receipt: {}, tries: 5 });
  expect(clock.waits).toEqual([7000, 2000, 4000, 0]);
});

test("it gives up after three minutes, not before", async () => {
  const clock = hurried();
  const sent = await deliver(
    runWith(clock),
    letter(scripted(...Array(50).fill(again(null)))),
    never,
  );
  expect(sent.why).toMatch(/^busy; tried \d+ times$/u);
  const total = clock.waits.reduce((sum, each) => sum + each, 0);
  expect(total).toBeGreaterThan(120_000);
  expect(total).toBeLessThanOrEqual(180_000);
  expect(Math.max(...clock.waits)).toBe(30_000);
});

test("a wait that is longer than its patience is none", async () => {
  const clock = hurried();
  const sent = await deliver(runWith(clock), letter(scripted(again(3_600_000))), never);
  expect(sent).toMatchObject({ why: "busy; tried once", tries: 1 });
  expect(clock.waits).toEqual([]);
});

test("a place that was down just now gets one try", async () => {
  const clock = hurried();
  const sent = await deliver(
    runWith(clock),
    letter(scripted(again(null)), { patient: false }),
    never,
  );
  expect(sent).toMatchObject({ why: "busy; tried once" });
});

test("what one try learnt the next one knows, and so does whoever comes after a failure", async () => {
  const begun: Delivery = { ...again(null), receipt: { ts: "1" } };
  const sink = scripted(begun, { kind: "refused", why: "no", receipt: { ts: "2" } });
  const sent = await deliver(runWith(hurried()), letter(sink, { receipt: { ts: "0" } }), never);
  expect(sink.seen).toEqual([{ ts: "0" }, { ts: "1" }]);
  expect(sent).toEqual({ why: "no", receipt: { ts: "2" }, tries: 2 });
});

test("a sink with a bug, and one that minds no signal, are messages that were not delivered", async () => {
  const broken = { ...scripted(), deliver: () => Promise.reject(new TypeError("x is undefined")) };
  expect(await deliver(runWith(hurried()), letter(broken), never)).toMatchObject({
    why: "x is undefined",
    tries: 1,
  });
  const deaf = { ...scripted(), deliver: () => new Promise<Delivery>(() => undefined) };
  const leave = new AbortController();
  const sending = deliver(runWith(hurried()), letter(deaf), leave.signal);
  leave.abort();
  expect(await sending).toMatchObject({ why: expect.stringContaining("left") });
});

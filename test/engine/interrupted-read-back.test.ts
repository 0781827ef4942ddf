import { expect, test } from "vitest";

import type { ActionDriver } from "../../src/drivers/driver.ts";
import type { Engine } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { engineWorld, quickPlan, testSignals } from "../support/engine-world.ts";
import { eventually } from "../support/sandbox-client.ts";

test("a stop between the answer of a write and its read-back is certain: nothing of it can land late", async () => {
  const world = engineWorld();
  const engine = world.engine();
  const put = engine.catalog.actions.get("put");
  if (put === undefined) throw new Error("the world has no driver put");
  const isWritten = (): boolean => world.writes.some(({ key }) => key === "weight");
  let hangs = true;
  const slow: ActionDriver<unknown> = {
    ...put,
    read: (fields, context) =>
      hangs && isWritten()
        ? new Promise((resolve) => {
            context.signal.addEventListener("abort", () => {
              hangs = false;
              resolve({ kind: "unknown", why: "interrupted" });
            });
          })
        : put.read(fields, context),
  };
  const stopped: Engine = {
    ...engine,
    catalog: { ...engine.catalog, actions: new Map([["put", slow]]) },
  };
  const signals = testSignals();
  const outcome = startRollout(stopped, quickPlan(60_000), {
    signals,
    acceptLive: false,
    onRollout: () => Promise.resolve(),
  });
  await eventually(() => Promise.resolve(isWritten()), Boolean);
  signals.send("SIGTERM");
  expect(await outcome).toMatchObject({ end: { kind: "rolled-back" }, exit: 31 });
  expect(world.entries.some(({ event }) => event.kind === "secured")).toBe(false);
});

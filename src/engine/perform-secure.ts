import type { Effect } from "../core/effect.ts";
import type { Owner } from "../core/event.ts";
import { actionOf } from "../core/unwind.ts";
import { bounded } from "./bounded.ts";
import { fieldsOf } from "./bundle.ts";
import { driverContext } from "./driver-context.ts";
import { isTouched } from "./lost-baseline.ts";
import type { Run } from "./run.ts";

const CALL = 15_000;

/**
 * Makes a late write of an unanswered intent impossible: its target refuses it (the fence), or the process that could
 * still make it is on this host and is gone. Else waits out the longest bound of such a write, which is no proof.
 */
export async function performSecure(
  run: Run,
  effect: Extract<Effect, { kind: "secure" }>,
  owners: readonly Owner[],
  cancel: AbortSignal,
): Promise<void> {
  const done = await secure(run, effect.actions, owners, cancel);
  await run.record({ kind: "secured", effect: effect.id, ...done });
}

async function secure(
  run: Run,
  actions: readonly string[],
  owners: readonly Owner[],
  cancel: AbortSignal,
): Promise<{ certain: boolean; how: string }> {
  if (await fenceAll(run, actions, cancel))
    return { certain: true, how: "every target refuses writes of earlier epochs" };
  const { processes } = run.engine;
  const ended = await Promise.all(
    owners.map((owner) =>
      processes.isHere(owner)
        ? processes.end(owner, run.rollout, run.epoch)
        : Promise.resolve(false),
    ),
  );
  const own = run.state.unknown.some((id) => lostHere(run, id));
  if (owners.length > 0 && ended.every((gone) => gone) && !own)
    return { certain: true, how: "the earlier runner and its children are gone" };
  const wait = Math.max(0, ...actions.map((id) => actionOf(run.plan, id)?.timeout ?? 0));
  await new Promise<void>((resolve) => run.engine.clock.after(wait, resolve));
  return { certain: false, how: `waited ${wait / 1000} s, the longest that a write may take` };
}

/** An intent of this very process whose call was cut: the target may still be working on it. */
function lostHere(run: Run, id: string): boolean {
  return run.lostHere.has(id);
}

async function fenceAll(
  run: Run,
  actions: readonly string[],
  cancel: AbortSignal,
): Promise<boolean> {
  // A field that the bundle has lost has no fence either.
  if (run.bundle === null || run.lost.some(isTouched)) return false;
  const fields = fieldsOf(run.bundle, run.state.intended, actions).map(({ field }) => field);
  if (fields.length === 0) return false;
  for (const group of Map.groupBy(fields, ({ driver, target }) => `${driver} ${target}`).values()) {
    const first = group[0];
    const driver = first === undefined ? undefined : run.engine.catalog.actions.get(first.driver);
    if (first === undefined || driver?.fence === undefined) return false;
    const fence = driver.fence.bind(driver);
    const answer = await bounded(run, CALL, cancel, (signal) =>
      fence(group, driverContext(run, first.connection, signal)),
    );
    if (answer.kind !== "ok") return false;
  }
  return true;
}

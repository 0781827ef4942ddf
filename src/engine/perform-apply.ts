import type { Effect } from "../core/effect.ts";
import { sameValue, type Change } from "../core/field.ts";
import type { Action } from "../core/plan.ts";
import type { Json } from "../core/units.ts";
import { actionOf } from "../core/unwind.ts";
import type { ActionDriver, Answer, DriverContext } from "../drivers/driver.ts";
import { hashValue } from "../evidence/hash-value.ts";
import { bounded } from "./bounded.ts";
import { expectedValue } from "./bundle.ts";
import { driverContext, fillPublic } from "./driver-context.ts";
import { GONE } from "./lost-baseline.ts";
import { checkEpoch, type Run } from "./run.ts";
import { takeOutputs } from "./take-outputs.ts";

type Apply = Extract<Effect, { kind: "apply" }>;
type Result = {
  readonly result: "applied" | "failed" | "unknown" | "refused" | "moved";
  readonly why: string;
  readonly outputs?: Readonly<Record<string, Json>>;
};

/** The two ways an apply is stopped: `interrupt` asks, and `cancel` cuts when the grace is over. */
export interface ApplySignals {
  readonly interrupt: AbortSignal;
  readonly cancel: AbortSignal;
}

/** Performs one action: intent synced, epoch checked, call, read back, taken up. */
export async function performApply(run: Run, effect: Apply, signals: ApplySignals): Promise<void> {
  const action = actionOf(run.plan, effect.action);
  if (action === undefined) throw new Error(`the plan has no action ${effect.action}`);
  const done = await applyAction(run, action, effect.id, signals);
  // What this very process sent may still land, whoever else is gone.
  if (done.result === "unknown") run.lostHere.add(action.id);
  await run.record({ kind: "action-finished", effect: effect.id, action: action.id, ...done });
}

async function applyAction(
  run: Run,
  action: Action,
  effect: string,
  signals: ApplySignals,
): Promise<Result> {
  if (action.role === "release") return release(run, action, effect, signals);
  const driver = run.engine.catalog.actions.get(action.driver);
  if (driver === undefined) throw new Error(`no driver ${action.driver}`);
  const request = requestOf(run, action);
  return driver.style(request.input) === "call"
    ? call(run, action, driver, effect, signals)
    : write(run, action, driver, effect, signals);
}

/** The driver's view of an action: public references filled; secrets and `${traffic}` are the driver's to fill. */
export function requestOf(
  run: Run,
  action: Action,
): { input: unknown; share: number | null; connectionName: string | null } {
  return {
    input: fillPublic(run, action.input, null),
    share: action.share,
    connectionName: action.connection,
  };
}

const INTERRUPTED: Result = { result: "failed", why: "interrupted before the call" };

async function call(
  run: Run,
  action: Action,
  driver: ActionDriver<unknown>,
  effect: string,
  signals: ApplySignals,
): Promise<Result> {
  if (signals.interrupt.aborted) return INTERRUPTED;
  await run.record({ kind: "action-intended", effect, action: action.id, fields: {} });
  if (signals.interrupt.aborted) return INTERRUPTED;
  await checkEpoch(run, isRollback(run));
  const answer = await bounded(run, action.timeout, signals.cancel, (signal) =>
    driver.call(requestOf(run, action), driverContext(run, action.connection, signal)),
  );
  if (answer.kind !== "ok") return failure(answer);
  const outputs = takeOutputs(run, action.outputs, answer.value.body);
  return outputs instanceof Error
    ? { result: "unknown", why: outputs.message }
    : { result: "applied", why: "", outputs };
}

async function write(
  run: Run,
  action: Action,
  driver: ActionDriver<unknown>,
  effect: string,
  signals: ApplySignals,
): Promise<Result> {
  const context = (signal: AbortSignal): DriverContext =>
    driverContext(run, action.connection, signal);
  const planned = await bounded(run, action.timeout, signals.interrupt, (signal) =>
    driver.changes(requestOf(run, action), context(signal)),
  );
  if (planned.kind !== "ok") return { result: "failed", why: planned.why };
  const changes = planned.value;
  const lost = changes.find(({ field }) => run.lost.some(({ key }) => key === field.key));
  if (lost !== undefined)
    return { result: "failed", why: `${lost.field.label} could not be put back: ${GONE}` };
  const moved = await movedSince(run, driver, action, changes, signals);
  if (moved !== null) return moved;
  if (signals.interrupt.aborted) return INTERRUPTED;
  await run.record({ kind: "action-intended", effect, action: action.id, fields: hashes(changes) });
  for (const group of byTarget(changes)) {
    if (signals.interrupt.aborted) return INTERRUPTED;
    await checkEpoch(run, isRollback(run));
    const answer = await bounded(run, action.timeout, signals.cancel, (signal) =>
      driver.write(group, context(signal)),
    );
    if (answer.kind !== "ok") return failure(answer);
  }
  const settled = await bounded(run, action.ready, signals.interrupt, (signal) =>
    driver.settle(changes, context(signal)),
  );
  if (settled.kind !== "ok")
    return { result: "failed", why: `it did not take effect: ${settled.why}` };
  return readBack(run, action, driver, changes, signals);
}

async function readBack(
  run: Run,
  action: Action,
  driver: ActionDriver<unknown>,
  changes: readonly Change[],
  signals: ApplySignals,
): Promise<Result> {
  const fields = changes.map(({ field }) => field);
  const answer = await bounded(run, action.timeout, signals.interrupt, (signal) =>
    driver.read(fields, driverContext(run, action.connection, signal)),
  );
  // The write has its answer, so that nothing of it can land late: the way back need not wait for it.
  if (answer.kind !== "ok")
    return { result: "failed", why: `written, but not read back: ${answer.why}` };
  for (const change of changes) {
    const live = answer.value.find(({ field }) => field.key === change.field.key)?.value;
    if (live === undefined || !sameValue(live, change.value)) {
      return {
        result: "failed",
        why: `${change.field.label} was written, but reads back as ${live === undefined || !live.present ? "absent" : JSON.stringify(live.value)}`,
      };
    }
  }
  return { result: "applied", why: "" };
}

/** Right before the first change of each value it is read again: a baseline that moved since the start is shown, not overwritten. */
async function movedSince(
  run: Run,
  driver: ActionDriver<unknown>,
  action: Action,
  changes: readonly Change[],
  signals: ApplySignals,
): Promise<Result | null> {
  const { bundle, state } = run;
  const fresh = changes.filter(({ field }) => {
    const entry = bundle?.fields.find((candidate) => candidate.field.key === field.key);
    return entry !== undefined && expectedValue(entry, state.intended) === null;
  });
  if (fresh.length === 0) return null;
  const fields = fresh.map(({ field }) => field);
  const answer = await bounded(run, action.timeout, signals.interrupt, (signal) =>
    driver.read(fields, driverContext(run, action.connection, signal)),
  );
  if (answer.kind !== "ok")
    return { result: "failed", why: `could not be read before the change: ${answer.why}` };
  for (const reading of answer.value) {
    const entry = bundle?.fields.find((candidate) => candidate.field.key === reading.field.key);
    if (entry !== undefined && !sameValue(entry.atStart, reading.value))
      return { result: "moved", why: reading.field.label };
  }
  return null;
}

/** Hands the router back: its fields get their values from before the rollout, without being undone. */
async function release(
  run: Run,
  action: Action,
  effect: string,
  signals: ApplySignals,
): Promise<Result> {
  const entries = (run.bundle?.fields ?? []).filter((entry) =>
    entry.writes.some((written) => written.action === action.id),
  );
  const changes = entries.map((entry) => ({ field: entry.field, value: entry.baseline }));
  await run.record({ kind: "action-intended", effect, action: action.id, fields: hashes(changes) });
  // All at once, as on the way back: where one side shrinks when the other has grown, its driver waits for that.
  const results = await Promise.all(
    byTarget(changes).map((group) => releaseTarget(run, action, group, signals)),
  );
  return results.find(({ result }) => result !== "applied") ?? { result: "applied", why: "" };
}

async function releaseTarget(
  run: Run,
  action: Action,
  group: readonly Change[],
  signals: ApplySignals,
): Promise<Result> {
  const connection = group[0]?.field.connection ?? null;
  const driver = run.engine.catalog.actions.get(group[0]?.field.driver ?? "");
  if (driver === undefined) return { result: "failed", why: "no driver for it" };
  if (signals.interrupt.aborted) return INTERRUPTED;
  await checkEpoch(run, false);
  const context = (signal: AbortSignal): DriverContext => driverContext(run, connection, signal);
  const answer = await bounded(run, action.timeout, signals.cancel, (signal) =>
    driver.write(group, context(signal)),
  );
  if (answer.kind !== "ok") return failure(answer);
  const settled = await bounded(run, action.ready, signals.interrupt, (signal) =>
    driver.settle(group, context(signal)),
  );
  if (settled.kind !== "ok")
    return { result: "failed", why: `it did not take effect: ${settled.why}` };
  return readBack(run, { ...action, connection }, driver, group, signals);
}

/** The changes of each target, in order. */
export function byTarget(changes: readonly Change[]): readonly (readonly Change[])[] {
  return [...Map.groupBy(changes, ({ field }) => `${field.driver} ${field.target}`).values()];
}

function hashes(changes: readonly Change[]): Record<string, string> {
  return Object.fromEntries(changes.map(({ field, value }) => [field.key, hashValue(value)]));
}

function isRollback(run: Run): boolean {
  return run.state.cause !== null;
}

function failure(answer: Exclude<Answer<unknown>, { kind: "ok" }>): Result {
  if (answer.kind === "approval")
    return { result: "failed", why: `change-controlled: ${answer.why}` };
  return { result: answer.kind, why: answer.why };
}

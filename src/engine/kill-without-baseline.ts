import type { Effect } from "../core/effect.ts";
import type { UndoResult } from "../core/event.ts";
import type { Change } from "../core/field.ts";
import type { Action } from "../core/plan.ts";
import { actionOf } from "../core/unwind.ts";
import type { ActionDriver, Request } from "../drivers/driver.ts";
import { bounded } from "./bounded.ts";
import type { BundleField } from "./bundle.ts";
import { driverContext } from "./driver-context.ts";
import { GONE } from "./lost-baseline.ts";
import { requestOf } from "./perform-apply.ts";
import type { Run } from "./run.ts";

type Undo = Extract<Effect, { kind: "undo" }>;

/** Bound of one read, in milliseconds. */
const CALL = 30_000;

/** What is done for fields whose baseline is lost, and what is left as it is. */
export interface Kill {
  /** What switches them off, in the form of an undo: its `baseline` is the value that is off. */
  readonly entries: readonly BundleField[];
  /** Fields that nothing but their baseline can put back, and what could not even be found out. */
  readonly left: readonly UndoResult[];
  /** The target of one could not be asked now: worth another try. */
  readonly open: boolean;
}

/**
 * What a kill without a baseline does for an undo: from the plan alone traffic goes to 0 and flags are switched off, and
 * the rest is listed with the value that it has. Reads only.
 */
export async function planKill(run: Run, effect: Undo, cancel: AbortSignal): Promise<Kill> {
  const entries = new Map<string, BundleField>();
  const left = new Map<string, UndoResult>();
  let open = false;
  for (const id of effect.actions) {
    const found = await killOf(run, id, cancel);
    for (const entry of found.entries) {
      const before = entries.get(entry.field.key);
      const ours = [...(before?.ours ?? []), ...entry.ours];
      const writes = [...(before?.writes ?? []), ...entry.writes];
      entries.set(entry.field.key, { ...entry, ours, writes });
    }
    open ||= found.open;
    for (const result of found.left) left.set(result.field, result);
  }
  for (const { key, actions } of run.lost) {
    const isHere = actions?.some((id) => effect.actions.includes(id)) ?? isLast(effect);
    if (isHere && !entries.has(key) && !left.has(key))
      left.set(key, { field: key, label: key, result: "failed", why: GONE });
  }
  return {
    entries: [...entries.values()],
    left: [...left.values()].filter(({ field }) => !entries.has(field)),
    open,
  };
}

/** What is not known to belong to any action must not keep traffic from going back. */
function isLast({ group }: Undo): boolean {
  return group !== "returning-side";
}

/** The verdict on a field that was switched off: the value is in force, and is not called what was there before. */
export function killed(result: UndoResult, { baseline }: BundleField): UndoResult {
  if (result.result !== "restored") return result;
  const value = baseline.present ? JSON.stringify(baseline.value) : "absent";
  return { ...result, result: "failed", why: `switched off (${value}) and read back; ${GONE}` };
}

async function killOf(run: Run, id: string, cancel: AbortSignal): Promise<Kill> {
  const action = actionOf(run.plan, id);
  const driver = action === undefined ? undefined : run.engine.catalog.actions.get(action.driver);
  if (action === undefined || driver === undefined || action.role === "release") return nothing;
  const request = requestOf(run, action);
  if (driver.style(request.input) === "call") return nothing;
  const own = await changesOf(run, driver, action, request, cancel);
  if (typeof own === "string") return unknown(run, action, own);
  const lost = own.filter(({ field }) => isLost(run, field.key));
  if (lost.length === 0) return nothing;
  const off = offOf(driver, action, request);
  if (off === null) return { ...nothing, left: await listed(run, driver, action, lost, cancel) };
  const changes = await changesOf(run, driver, action, off, cancel);
  if (typeof changes === "string") return unknown(run, action, changes);
  const entries = changes
    .filter(({ field }) => isLost(run, field.key))
    .map(({ field, value }): BundleField => {
      const ours = lost.filter((change) => change.field.key === field.key);
      return {
        field,
        baseline: value,
        atStart: value,
        ours: ours.map((change) => change.value),
        mark: null,
        writes: [{ action: id, value }],
      };
    });
  const still = lost.filter(({ field }) => !entries.some((entry) => entry.field.key === field.key));
  return { entries, left: await listed(run, driver, action, still, cancel), open: false };
}

const nothing: Kill = { entries: [], left: [], open: false };

/** An action whose fields could not be found out, when any of them may be lost. */
function unknown(run: Run, { id, title }: Action, why: string): Kill {
  const concerned = run.lost.some(({ actions }) => actions === null || actions.includes(id));
  if (!concerned) return nothing;
  const result = { field: `action ${id}`, label: title, result: "failed" } as const;
  return { entries: [], left: [{ ...result, why: `${why}; ${GONE}` }], open: true };
}

/** A field is lost when an action that was begun wrote it, and the bundle does not have it. */
function isLost(run: Run, key: string): boolean {
  return run.bundle?.fields.some(({ field }) => field.key === key) !== true;
}

function offOf(
  driver: ActionDriver<unknown>,
  action: Action,
  request: Request<unknown>,
): Request<unknown> | null {
  if (action.role === "traffic") return { ...request, share: 0 };
  const input = driver.off?.(request.input) ?? null;
  return input === null ? null : { ...request, input };
}

async function changesOf(
  run: Run,
  driver: ActionDriver<unknown>,
  action: Action,
  request: Request<unknown>,
  cancel: AbortSignal,
): Promise<readonly Change[] | string> {
  const found = await bounded(run, action.timeout, cancel, (signal) =>
    driver.changes(request, driverContext(run, action.connection, signal)),
  );
  return found.kind === "ok" ? found.value : found.why;
}

async function listed(
  run: Run,
  driver: ActionDriver<unknown>,
  action: Action,
  changes: readonly Change[],
  cancel: AbortSignal,
): Promise<readonly UndoResult[]> {
  if (changes.length === 0) return [];
  const fields = changes.map(({ field }) => field);
  const answer = await bounded(run, CALL, cancel, (signal) =>
    driver.read(fields, driverContext(run, action.connection, signal)),
  );
  return fields.map(({ key, label }): UndoResult => {
    const live =
      answer.kind === "ok" ? answer.value.find(({ field }) => field.key === key)?.value : undefined;
    const value = live?.present === true ? JSON.stringify(live.value) : "absent";
    const shown = live === undefined ? "left as it is" : `left as it is, ${value}`;
    return { field: key, label, result: "failed", why: `${shown}; ${GONE}` };
  });
}

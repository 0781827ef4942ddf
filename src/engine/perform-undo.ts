import type { Effect } from "../core/effect.ts";
import type { UndoResult } from "../core/event.ts";
import { sameValue, type Change } from "../core/field.ts";
import { actionOf } from "../core/unwind.ts";
import type { ActionDriver, Reading } from "../drivers/driver.ts";
import { noteAhead } from "./ahead-of-journal.ts";
import { bounded } from "./bounded.ts";
import { fieldsOf, type BundleField } from "./bundle.ts";
import { driverContext } from "./driver-context.ts";
import { isTouched } from "./lost-baseline.ts";
import { foreignWhy, mayWrite } from "./may-write.ts";
import { byTarget, requestOf } from "./perform-apply.ts";
import { checkEpoch, type Run } from "./run.ts";
import { show, tellUndo, type Tried } from "./tell-undo.ts";
import { valuesAtShare } from "./values-at-share.ts";

type Undo = Extract<Effect, { kind: "undo" }>;

/** Bound of one read or write of the way back, and of the wait until it is taken up, in milliseconds. */
const CALL = 30_000;
const READY = 120_000;
/** When it is first said that a value is not back, because nothing answers or it is not taken up, in milliseconds. */
const PEEK = 3000;
/** How long traffic is tried before everything else no longer waits for it, in milliseconds. */
const BESIDE = 15_000;
/** Waits between tries of one target: it starts at the first and doubles to the last, in milliseconds. */
const RETRY = { first: 500, last: 5000 };

/** Undoes a group: all targets in parallel, each tried again until it is back or its bound is over. */
export async function performUndo(run: Run, effect: Undo, cancel: AbortSignal): Promise<void> {
  const entries =
    run.bundle === null ? [] : fieldsOf(run.bundle, run.state.intended, effect.actions);
  const isLost = run.lost.some(isTouched);
  // What the plan alone switches off has an intent of its own.
  if (entries.length > 0 || !isLost) await intend(run, effect, entries);
  const [fields, calls, killed] = await Promise.all([
    Promise.all(targetsOf(entries).map((target) => undoTarget(run, effect, target, cancel))),
    Promise.all(effect.actions.map((id) => undoCall(run, id, cancel))),
    isLost ? killLost(run, effect, cancel) : [],
  ]);
  await run.record({
    kind: "undo-finished",
    effect: effect.id,
    group: effect.group,
    results: [...fields.flat(), ...calls.flat(), ...killed],
  });
}

function intend(run: Run, effect: Undo, entries: readonly BundleField[]): Promise<void> {
  const fields = entries.map(({ field }) => field.key);
  return run.record({ kind: "undo-intended", effect: effect.id, group: effect.group, fields });
}

/** What the bundle does not know any more is switched off from the plan alone, where that can be; the rest is listed. */
async function killLost(
  run: Run,
  effect: Undo,
  cancel: AbortSignal,
): Promise<readonly UndoResult[]> {
  const { killed, planKill } = await import("./kill-without-baseline.ts");
  return untilDone(run, cancel, async () => {
    const { entries, left, open } = await planKill(run, effect, cancel);
    if (entries.length > 0) await intend(run, effect, entries);
    const targets = targetsOf(entries).map(async (target) => {
      const results = await undoTarget(run, effect, target, cancel);
      return results.map((result) => {
        const entry = target.find(({ field }) => field.key === result.field);
        return entry === undefined ? result : killed(result, entry);
      });
    });
    return { results: [...(await Promise.all(targets)).flat(), ...left], open };
  });
}

function targetsOf(entries: readonly BundleField[]): readonly (readonly BundleField[])[] {
  const targets = Map.groupBy(entries, ({ field }) => `${field.driver} ${field.target}`);
  return [...targets.values()];
}

async function undoTarget(
  run: Run,
  effect: Undo,
  entries: readonly BundleField[],
  cancel: AbortSignal,
): Promise<readonly UndoResult[]> {
  const tell = tellUndo(run, effect);
  const stall = stallOf(run, effect);
  return untilDone(run, cancel, async (left) => {
    const say = (each: readonly Tried[]): void => (cancel.aborted ? undefined : tell(each, left));
    const done = await tryTarget(run, effect, entries, cancel, say);
    say(done);
    const results = done.map(({ result }) => result);
    const open = results.some(({ result }) => result === "failed" || result === "unknown");
    if (open && !cancel.aborted) stall();
    return { results, open };
  });
}

/** Told of each try that left something open: says once that traffic takes too long, and what else there is need not wait. */
function stallOf(run: Run, { id, group, share }: Undo): () => void {
  if (group !== "traffic" || share !== null) return () => undefined;
  const { clock } = run.engine;
  const since = clock.mono();
  let told = false;
  return () => {
    if (told || clock.mono() - since < Math.min(BESIDE, run.options.undoBound / 20)) return;
    told = true;
    // Beside the tries; who no longer owns the rollout has nothing to say.
    run.record({ kind: "undo-stalled", undo: id }).catch(() => undefined);
  };
}

/** Tries again until nothing is open, or the bound is over. */
async function untilDone(
  run: Run,
  cancel: AbortSignal,
  act: (
    left: number,
  ) => Promise<{ readonly results: readonly UndoResult[]; readonly open: boolean }>,
): Promise<readonly UndoResult[]> {
  const { clock } = run.engine;
  const until = clock.mono() + run.options.undoBound;
  let wait = RETRY.first;
  for (;;) {
    const { results, open } = await act(until - clock.mono());
    if (!open || cancel.aborted || clock.mono() >= until) return results;
    await new Promise<void>((resolve) => run.engine.clock.after(wait, resolve));
    wait = Math.min(RETRY.last, wait * 2);
  }
}

async function tryTarget(
  run: Run,
  effect: Undo,
  entries: readonly BundleField[],
  cancel: AbortSignal,
  say: (seen: readonly Tried[]) => void,
): Promise<readonly Tried[]> {
  const first = entries[0];
  const driver =
    first === undefined ? undefined : run.engine.catalog.actions.get(first.field.driver);
  if (first === undefined || driver === undefined)
    return entries.map((entry) => tried(entry, "failed", "no driver for it"));
  const stopWaiting = run.engine.clock.after(PEEK, () =>
    say(entries.map((entry) => tried(entry, "unknown", "no answer so far"))),
  );
  const before = await read(run, driver, entries, cancel);
  noteAhead(run, entries, before);
  // The read path may be down while the write path is not: a kill must not wait for it, and traffic goes back regardless.
  const chosen = entries.filter((entry) => effect.share !== null || mayWrite(run, entry, before));
  const foreign = entries
    .filter((entry) => !chosen.includes(entry))
    .map((entry) => tried(entry, "foreign", foreignWhy(entry, before)));
  // One step of a gradual rollback; what the step cannot be told of goes back at once.
  const step =
    effect.share === null
      ? null
      : await valuesAtShare(run, driver, effect.actions, effect.share, cancel);
  const wanted = chosen.map((entry) => ({
    field: entry.field,
    value: step?.get(entry.field.key) ?? entry.baseline,
  }));
  const wrote = await writeAll(run, driver, wanted, cancel);
  stopWaiting();
  if (wrote === null)
    return [...foreign, ...(await confirm(run, driver, chosen, wanted, cancel, say))];
  const result = wrote.kind === "unknown" ? "unknown" : "failed";
  return [...foreign, ...chosen.map((entry) => tried(entry, result, wrote.why, wanted, before))];
}

async function writeAll(
  run: Run,
  driver: ActionDriver<unknown>,
  wanted: readonly Change[],
  cancel: AbortSignal,
) {
  for (const group of byTarget(wanted)) {
    const connection = group[0]?.field.connection ?? null;
    await checkEpoch(run, true);
    const answer = await bounded(run, CALL, cancel, (signal) =>
      driver.write(group, driverContext(run, connection, signal)),
    );
    if (answer.kind !== "ok") return answer;
  }
  return null;
}

/** Restored means read back and taken up, never merely written. */
async function confirm(
  run: Run,
  driver: ActionDriver<unknown>,
  entries: readonly BundleField[],
  wanted: readonly Change[],
  cancel: AbortSignal,
  say: (seen: readonly Tried[]) => void,
): Promise<readonly Tried[]> {
  const connection = entries[0]?.field.connection ?? null;
  const lookBack = async (): Promise<readonly Tried[]> => {
    const after = await read(run, driver, entries, cancel);
    return entries.map((entry) => compare(run, entry, wanted, after));
  };
  const stopPeek = run.engine.clock.after(PEEK, () => void lookBack().then(say));
  const settled = await bounded(run, READY, cancel, (signal) =>
    driver.settle(wanted, driverContext(run, connection, signal)),
  );
  stopPeek();
  const seen = await lookBack();
  if (settled.kind === "ok") return seen;
  const why = `back, but not taken up: ${settled.why}`;
  return seen.map((each) =>
    each.result.result === "restored"
      ? { ...each, result: { ...each.result, result: "failed", why } }
      : each,
  );
}

/** A field as it reads after the write. */
function compare(
  run: Run,
  entry: BundleField,
  wanted: readonly Change[],
  after: readonly Reading[] | null,
): Tried {
  const say = (result: UndoResult["result"], why: string): Tried =>
    tried(entry, result, why, wanted, after);
  const { wanted: value, found } = say("restored", "");
  if (found === null) return say("unknown", "written, but it cannot be read back");
  return sameValue(found, value)
    ? say("restored", "")
    : say("failed", `written, but it reads back as ${show(run, found)}`);
}

async function read(
  run: Run,
  driver: ActionDriver<unknown>,
  entries: readonly BundleField[],
  cancel: AbortSignal,
): Promise<readonly Reading[] | null> {
  const fields = entries.map(({ field }) => field);
  const connection = fields[0]?.connection ?? null;
  const answer = await bounded(run, CALL, cancel, (signal) =>
    driver.read(fields, driverContext(run, connection, signal)),
  );
  return answer.kind === "ok" ? answer.value : null;
}

async function undoCall(run: Run, id: string, cancel: AbortSignal): Promise<readonly UndoResult[]> {
  const action = actionOf(run.plan, id);
  if (action === undefined || action.undo === "auto" || action.undo === "none") return [];
  const undo = action.undo;
  const driver = run.engine.catalog.actions.get(undo.driver);
  const named = { field: `call ${id}`, label: undo.title };
  if (driver === undefined)
    return [{ ...named, result: "failed", why: `no driver ${undo.driver}` }];
  await checkEpoch(run, true);
  const answer = await bounded(run, undo.timeout, cancel, (signal) =>
    driver.call(requestOf(run, undo), driverContext(run, undo.connection, signal)),
  );
  if (answer.kind === "ok") return [{ ...named, result: "restored", why: "" }];
  return [{ ...named, result: answer.kind === "unknown" ? "unknown" : "failed", why: answer.why }];
}

function tried(
  entry: BundleField,
  result: UndoResult["result"],
  why: string,
  wanted: readonly Change[] = [],
  after: readonly Reading[] | null = null,
): Tried {
  const { key, label } = entry.field;
  return {
    entry,
    result: { field: key, label, result, why },
    wanted: wanted.find(({ field }) => field.key === key)?.value ?? entry.baseline,
    found: after?.find(({ field }) => field.key === key)?.value ?? null,
  };
}

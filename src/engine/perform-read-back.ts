import type { Effect } from "../core/effect.ts";
import type { Difference } from "../core/event.ts";
import { sameValue, type FieldValue } from "../core/field.ts";
import { bounded } from "./bounded.ts";
import { expectedValue, type BundleField } from "./bundle.ts";
import { driverContext } from "./driver-context.ts";
import { GONE, isTouched } from "./lost-baseline.ts";
import type { Run } from "./run.ts";

const CALL = 15_000;
const TRIES = 3;
const PAUSE = 1000;

/** Reads everything that the rollout has set so far and compares it with what it set. */
export async function performReadBack(
  run: Run,
  effect: Extract<Effect, { kind: "read-back" }>,
  cancel: AbortSignal,
): Promise<void> {
  const { intended } = run.state;
  const settled = intended.filter((id) => id !== openAction(run));
  const expected = (run.bundle?.fields ?? []).flatMap((entry) => {
    const value = expectedValue(entry, intended);
    if (value === null) return [];
    return [{ entry, value, before: expectedValue(entry, settled) ?? entry.baseline }];
  });
  const lost = run.lost.find(isTouched);
  const { differences, unreadable } = await compareFields(run, expected, cancel);
  await run.record({
    kind: "read-back-finished",
    effect: effect.id,
    differences,
    unreadable: unreadable[0] ?? (lost === undefined ? null : `${lost.key}: ${GONE}`),
  });
}

/** The action that is next: intended before, it was cut off without an answer, and has written or not. */
function openAction({ plan, state }: Run): string | null {
  const { phase, stage } = state;
  if (phase.kind === "applying") return plan.stages[stage]?.actions[phase.next]?.id ?? null;
  return phase.kind === "finishing" ? (plan.finish[phase.next]?.id ?? null) : null;
}

interface Expected {
  readonly entry: BundleField;
  readonly value: FieldValue;
  /** As good as `value`: what it was before an action whose outcome is unknown, and which is now done again. */
  readonly before?: FieldValue;
}

/** Compares fields with the values they should have, target by target. */
export async function compareFields(
  run: Run,
  expected: readonly Expected[],
  cancel: AbortSignal,
): Promise<{
  readonly differences: readonly Difference[];
  readonly unreadable: readonly string[];
}> {
  const groups = Map.groupBy(
    expected,
    ({ entry }) => `${entry.field.driver} ${entry.field.target}`,
  );
  const results = await Promise.all(
    [...groups.values()].map((group) => compare(run, group, cancel)),
  );
  return {
    differences: results.flatMap((result) => (typeof result === "string" ? [] : result)),
    unreadable: results.filter((result) => typeof result === "string"),
  };
}

async function compare(
  run: Run,
  group: readonly Expected[],
  cancel: AbortSignal,
): Promise<readonly Difference[] | string> {
  const fields = group.map(({ entry }) => entry.field);
  const first = fields[0];
  const driver = first === undefined ? undefined : run.engine.catalog.actions.get(first.driver);
  if (first === undefined || driver === undefined) return [];
  let why = "";
  for (let attempt = 0; attempt < TRIES && !cancel.aborted; attempt += 1) {
    if (attempt > 0) await new Promise<void>((resolve) => run.engine.clock.after(PAUSE, resolve));
    const answer = await bounded(run, CALL, cancel, (signal) =>
      driver.read(fields, driverContext(run, first.connection, signal)),
    );
    if (answer.kind !== "ok") {
      why = `${first.label}: ${answer.why}`;
      continue;
    }
    return group.flatMap(({ entry, value, before = value }) => {
      const live = answer.value.find(({ field }) => field.key === entry.field.key)?.value ?? {
        present: false,
      };
      if (sameValue(live, value) || sameValue(live, before)) return [];
      return [
        {
          field: entry.field.key,
          label: entry.field.label,
          expected: show(run, value),
          live: show(run, live),
        },
      ];
    });
  }
  return why;
}

function show(run: Run, value: FieldValue): string {
  return value.present ? run.redactor.redact(JSON.stringify(value.value)) : "absent";
}

import type { Effect } from "../core/effect.ts";
import { sameValue, type FieldValue } from "../core/field.ts";
import { playbookActions } from "../core/playbook.ts";
import { actionOf } from "../core/unwind.ts";
import { hashValue } from "../evidence/hash-value.ts";
import type { Bundle, BundleField } from "./bundle.ts";
import { captureMetrics } from "./capture-metrics.ts";
import { gatherChanges, type Planned } from "./gather-changes.ts";
import { inheritBaseline, type Inherited } from "./inherit-baseline.ts";
import { lockTargets, type Locks } from "./lock-targets.ts";
import type { Run } from "./run.ts";
import { writeBundle } from "./write-bundle.ts";

/** Captures every baseline, claims every target and writes the bundle, all before the first intent. */
export async function performCapture(
  run: Run,
  effect: Extract<Effect, { kind: "capture" }>,
  cancel: AbortSignal,
): Promise<void> {
  const before = await gatherChanges(run, cancel);
  const metrics = await captureMetrics(run, cancel);
  const problems = [...before.problems, ...metrics.problems];
  // A target is claimed only by a start that could go on: there is no release.
  const locked = problems.length === 0 ? await lock(run, before.planned) : noLocks;
  if (problems.length === 0 && locked.problems.length === 0) {
    // What was read before the claim may have been another rollout's, still on its way back: it is read again.
    const held = await gatherChanges(run, cancel);
    const { fields, problems: lost } = await fieldsToKeep(run, held.planned, locked.inherited);
    problems.push(...held.problems, ...lost, ...alreadyLive(run, fields));
    if (problems.length === 0) await keep(run, fields);
  }
  await run.record({
    kind: "baseline-captured",
    effect: effect.id,
    problems: [...locked.problems, ...problems].map((problem) => run.redactor.redact(problem)),
    locked: locked.problems.length > 0,
    fields: Object.fromEntries(
      (run.bundle?.fields ?? []).map(({ field, baseline }) => [field.key, hashValue(baseline)]),
    ),
    metrics: metrics.values,
  });
}

const noLocks: Locks = { problems: [], inherited: new Map() };

function lock(run: Run, planned: readonly Planned[]): Promise<Locks> {
  const targets = new Set(planned.map(({ change }) => change.field.target));
  return lockTargets(run.engine, run.rollout, [...targets].toSorted());
}

function fieldsToKeep(
  run: Run,
  planned: readonly Planned[],
  inherited: Locks["inherited"],
): Promise<Inherited> {
  const from = run.options.acceptLive ? new Map<string, never>() : inherited;
  return inheritBaseline(run.engine, from, collect(planned, run));
}

/** Writes the bundle: from here on there is something to go back to. */
async function keep(run: Run, fields: readonly BundleField[]): Promise<void> {
  const bundle: Bundle = {
    v: 1,
    rollout: run.rollout,
    epoch: run.epoch,
    owner: run.engine.processes.self(),
    digest: run.digest,
    at: new Date(run.engine.clock.now()).toISOString(),
    plan: run.plan,
    fields,
  };
  await writeBundle(run, bundle);
  run.bundle = bundle;
}

/**
 * A share or an image that is live already leaves nothing to go back to. It is live when all is that its action writes:
 * one of several values, as the switch of a flag, may well be what it was.
 */
function alreadyLive(run: Run, fields: readonly BundleField[]): readonly string[] {
  // A playbook may well go back to what was there before: it is there for when something is wrong.
  const offered = new Set(playbookActions(run.plan).map(({ id }) => id));
  const written = fields.flatMap((entry) =>
    entry.writes.map(({ action, value }) => ({
      action,
      entry,
      same: sameValue(value, entry.baseline),
    })),
  );
  const own = written.filter(({ action }) => !offered.has(action));
  const live = [...Map.groupBy(own, ({ action }) => action)].flatMap(([action, writes]) => {
    const by = actionOf(run.plan, action);
    const telling = (by?.role === "traffic" && (by.share ?? 0) > 0) || by?.driver === "set-image";
    const first = writes[0];
    if (!telling || first === undefined || !writes.every(({ same }) => same)) return [];
    const { field, baseline } = first.entry;
    const shown = baseline.present ? JSON.stringify(baseline.value) : "absent";
    return [`${field.label} is already ${shown}: there would be nothing to go back to`];
  });
  return [...new Set(live)];
}

/** One entry a field: its first baseline, every value that the plan could give it, and who writes it. */
function collect(planned: readonly Planned[], run: Run): readonly BundleField[] {
  const releases = run.plan.finish.filter(({ role }) => role === "release");
  return [...Map.groupBy(planned, ({ change }) => change.field.key).values()].flatMap((writes) => {
    const first = writes[0];
    if (first === undefined) return [];
    const isTraffic = writes.some(({ action }) => action.role === "traffic");
    const baseline = first.reading.value;
    const own = writes.map(({ action, change }) => ({ action: action.id, value: change.value }));
    const released = releases
      .filter((each) =>
        each.releases === undefined
          ? isTraffic
          : writes.some(({ action }) => action.id === each.releases),
      )
      .map(({ id }) => ({ action: id, value: baseline }));
    return [
      {
        field: first.change.field,
        baseline,
        atStart: baseline,
        ours: distinct([...own.map(({ value }) => value), ...gradual(run, baseline, isTraffic)]),
        mark: first.reading.mark,
        writes: [...own, ...released],
      },
    ];
  });
}

function gradual(run: Run, baseline: FieldValue, isTraffic: boolean): readonly FieldValue[] {
  if (!isTraffic || !baseline.present) return [];
  const asText = typeof baseline.value === "string";
  return (run.plan.rollback.gradual?.shares ?? []).map((share) => ({
    present: true,
    value: asText ? String(share) : share,
  }));
}

function distinct(values: readonly FieldValue[]): readonly FieldValue[] {
  return values.filter(
    (value, index) => values.findIndex((other) => sameValue(other, value)) === index,
  );
}

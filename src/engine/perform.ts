import type { Effect } from "../core/effect.ts";
import type { Fact, Owner } from "../core/event.ts";
import { actionOf } from "../core/unwind.ts";
import { performApply, type ApplySignals } from "./perform-apply.ts";
import { performCapture } from "./perform-capture.ts";
import { performCheck } from "./perform-check.ts";
import { performCollect } from "./perform-collect.ts";
import { performMeasure } from "./perform-measure.ts";
import { performPreflight } from "./perform-preflight.ts";
import { performReadBack } from "./perform-read-back.ts";
import { performSearch } from "./perform-search.ts";
import { performSecure } from "./perform-secure.ts";
import { performUndo } from "./perform-undo.ts";
import { restoreSecrets } from "./restore-secrets.ts";
import type { Run } from "./run.ts";

/** Effects that drivers carry out; timers and the end are the runner's own. */
export type Performed = Exclude<Effect, { kind: "timer" | "end" }>;

/** Carries out one effect and records its answer. Throws `Superseded`, or what is a bug. */
export async function perform(
  run: Run,
  effect: Performed,
  owners: readonly Owner[],
  signals: ApplySignals,
): Promise<void> {
  await restoreSecrets(run, usedBy(run, effect), signals.cancel);
  return await performer(run, effect, owners, signals);
}

/** The parts of the plan that an effect fills in and sends. */
function usedBy({ plan }: Run, effect: Performed): unknown {
  switch (effect.kind) {
    case "apply":
      return actionOf(plan, effect.action);
    case "undo":
      return effect.actions.map((id) => actionOf(plan, id));
    case "check":
      return plan.checks[effect.check];
    case "measure":
      return plan.metrics[effect.measurement.metric];
    case "collect":
      return plan.stages[effect.stage]?.evidence;
    case "preflight":
    case "capture":
    case "read-back":
    case "secure":
    case "search":
      // Connections alone; a preflight reads them anew.
      return null;
  }
}

function performer(
  run: Run,
  effect: Performed,
  owners: readonly Owner[],
  signals: ApplySignals,
): Promise<void> {
  switch (effect.kind) {
    case "preflight":
      return performPreflight(run, effect, signals.cancel);
    case "capture":
      return performCapture(run, effect, signals.cancel);
    case "read-back":
      return performReadBack(run, effect, signals.cancel);
    case "apply":
      return performApply(run, effect, signals);
    case "check":
      return performCheck(run, effect, signals.cancel);
    case "measure":
      return performMeasure(run, effect, signals.cancel);
    case "collect":
      return performCollect(run, effect, signals.cancel);
    case "undo":
      return performUndo(run, effect, signals.cancel);
    case "secure":
      return performSecure(run, effect, owners, signals.cancel);
    case "search":
      return performSearch(run, effect, signals.cancel);
  }
}

/** The answer to an effect whose performer threw: nothing waits for ever, and nothing is taken for success. */
export function answerOf(effect: Performed, why: string): Fact {
  const id = effect.id;
  switch (effect.kind) {
    case "preflight":
      return { kind: "preflight-finished", effect: id, problems: [why] };
    case "capture":
      return {
        kind: "baseline-captured",
        effect: id,
        problems: [why],
        locked: false,
        fields: {},
        metrics: {},
      };
    case "read-back":
      return { kind: "read-back-finished", effect: id, differences: [], unreadable: why };
    case "apply":
      return { kind: "action-finished", effect: id, action: effect.action, result: "unknown", why };
    case "check":
      return {
        kind: "check-finished",
        effect: id,
        check: effect.check,
        result: "error",
        detail: why,
      };
    case "measure":
      return {
        kind: "measured",
        effect: id,
        key: effect.measurement.key,
        sample: { kind: "error", why },
      };
    case "collect":
      return { kind: "collected", effect: id, taken: [], missing: [], missingRequired: [why] };
    case "undo":
      return {
        kind: "undo-finished",
        effect: id,
        group: effect.group,
        results: [{ field: `effect ${id}`, label: effect.group, result: "unknown", why }],
      };
    case "secure":
      return { kind: "secured", effect: id, certain: false, how: why };
    case "search":
      return unsearched(id, why);
  }
}

function unsearched(effect: string, why: string): Fact {
  const label = "what was never set";
  const left = [{ field: `effect ${effect}`, label, result: "unknown", why }] as const;
  return { kind: "searched", effect, actions: [], why: "", left };
}

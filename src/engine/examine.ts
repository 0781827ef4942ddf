import type { Fact } from "../core/event.ts";
import type { Plan } from "../core/plan.ts";
import { captureMetrics } from "./capture-metrics.ts";
import { createRun } from "./create-run.ts";
import { gatherChanges } from "./gather-changes.ts";
import { performPreflight } from "./perform-preflight.ts";
import type { Engine, PlanSource } from "./ports.ts";
import { plainOptions, type Run } from "./run.ts";

/** One thing that was looked at; it is well when there are no problems. */
export interface Examined {
  readonly area: "checks and permissions" | "baseline" | "metrics";
  /** What was seen, in words. */
  readonly seen: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Asks everything that a start would ask before its first change: the preflight's checks, the permissions of every action
 * and of its undo, every value that would be changed, every metric. Reads only, claims nothing, waits for no person.
 */
export async function examine(
  engine: Engine,
  source: PlanSource,
  cancel: AbortSignal,
): Promise<readonly Examined[]> {
  // What checks capture belongs to a rollout, and here is none.
  const reading: Engine = { ...engine, writeEvidence: () => Promise.resolve() };
  const plan = withoutPeople(source.plan);
  const identity = { rollout: "doctor", plan, digest: source.digest, epoch: 0 };
  const run = createRun(reading, identity, plainOptions, []);
  try {
    const permitted = await preflight(run, cancel);
    const { planned, problems } = await gatherChanges(run, cancel);
    const metrics = await captureMetrics(run, cancel);
    const fields = new Map(planned.map(({ reading }) => [reading.field.key, reading]));
    return [
      { area: "checks and permissions", seen: [], problems: permitted },
      {
        area: "baseline",
        seen: [...fields.values()].map(
          ({ field, value }) =>
            `${field.label} is ${value.present ? run.redactor.redact(JSON.stringify(value.value)) : "absent"}`,
        ),
        problems,
      },
      {
        area: "metrics",
        seen: Object.entries(metrics.values).map(([name, value]) => `${name} = ${value}`),
        problems: metrics.problems,
      },
    ].map(
      (each) =>
        ({ ...each, problems: each.problems.map((text) => run.redactor.redact(text)) }) as Examined,
    );
  } finally {
    for (const metric of run.sources.values()) metric.close();
  }
}

async function preflight(run: Run, cancel: AbortSignal): Promise<readonly string[]> {
  let problems: readonly string[] = [];
  run.record = (fact: Fact) => {
    if (fact.kind === "preflight-finished") ({ problems } = fact);
    return Promise.resolve();
  };
  await performPreflight(run, { kind: "preflight", id: "doctor" }, cancel);
  return problems;
}

function withoutPeople(plan: Plan): Plan {
  const asked = plan.preflight.filter((name) => plan.checks[name]?.driver !== "confirm");
  return { ...plan, preflight: asked };
}

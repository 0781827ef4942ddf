import type { Action, Metric, Plan, Stage } from "../../src/core/plan.ts";
import type { PlanSource } from "../../src/engine/ports.ts";
import type { Random } from "./random.ts";

export const SOAK = 6000;
export const INTERVAL = 1000;
/** Shares of a gradual way back: none that a stage has, so that a write tells which way it goes. */
export const GRADUAL: readonly number[] = [4, 2];
/** A value above this fails the gate; one above ten times this fires the trigger. */
export const GOOD = 1;

/** A plan over the fields `image`, `replicas` and `weight`, with shares and options drawn at random. */
export function simPlan(random: Random): PlanSource {
  const shares = random.pick<readonly number[]>([[10, 100], [5, 50, 100], [100], [1, 25]]);
  return sourceOf({
    stages: withPointOfNoReturn(
      shares.map((share, index) => stage(share, index)),
      random,
    ),
    gradual: random.chance(0.2) ? { shares: GRADUAL, every: 2000 } : null,
    gates: random.chance(0.5) ? [{ id: "verify", condition: above(GOOD, "<=") }] : [],
  });
}

/** The same plan every time, and a short one: two stages, and a verification. */
export function crashPlan(): PlanSource {
  return sourceOf({
    stages: [10, 100].map((share, index) => ({ ...stage(share, index), soak: INTERVAL })),
    gradual: null,
    gates: [{ id: "verify", condition: above(GOOD, "<=") }],
  });
}

function sourceOf({
  stages,
  gradual,
  gates,
}: Pick<Plan, "stages"> &
  Pick<Plan["rollback"], "gradual"> &
  Pick<Plan["rollback"]["verify"], "gates">): PlanSource {
  const plan: Plan = {
    apiVersion: "canary/v1",
    kind: "Plan",
    name: "simulated",
    about: { owner: null, tier: null, links: {} },
    params: {},
    connections: {},
    metrics: { errors },
    checks: {},
    preflight: [],
    stages,
    finish: [],
    triggers: [
      {
        id: "t",
        name: "errors > 10",
        does: "rollback",
        condition: above(10 * GOOD, ">"),
      },
    ],
    rollback: {
      actions: [],
      gradual,
      verify: { wait: 1000, within: 60_000, interval: INTERVAL, checks: [], gates },
    },
    reactions: [],
    onRunnerLost: "rollback",
    maxBlind: 15_000,
    interval: INTERVAL,
  };
  return { path: "simulated.yaml", text: "simulated", plan, digest: "digest" };
}

const errors: Metric = {
  name: "errors",
  driver: "numbers",
  connection: "numbers",
  unit: "none",
  query: {},
  minSamples: 0,
  window: 0,
  baseline: null,
  maxAge: 60_000,
  timeout: 3000,
};

function above(value: number, operator: ">" | "<=") {
  return {
    kind: "metric",
    text: `errors ${operator} ${value}`,
    metric: "errors",
    over: null,
    operator,
    limit: { kind: "number", value },
    for: 0,
  } as const;
}

function stage(share: number, index: number): Stage {
  const name = `s${index}`;
  const changes =
    index === 0
      ? [
          action(`${name}/image`, "image", "v2", null),
          action(`${name}/replicas`, "replicas", 3, null),
        ]
      : [];
  return {
    name,
    folder: name,
    share,
    actions: [...changes, action(`${name}/traffic`, "weight", share, share)],
    checks: [],
    soak: SOAK,
    within: 6 * SOAK,
    interval: INTERVAL,
    tolerate: 0,
    gates: [{ id: `${name}-gate`, condition: above(GOOD, "<=") }],
    evidence: [],
  };
}

/** In some plans one stage does what cannot be undone cleanly, before it shifts its traffic. */
function withPointOfNoReturn(stages: readonly Stage[], random: Random): readonly Stage[] {
  if (!random.chance(0.15)) return stages;
  const at = random.int(0, stages.length - 1);
  return stages.map((each, index) => {
    if (index !== at) return each;
    const migration = { ...action(NO_RETURN, "schema", "new", null), reversible: false };
    return { ...each, actions: [migration, ...each.actions] };
  });
}

/** The action that cannot be undone cleanly. */
export const NO_RETURN = "migrate";

function action(id: string, key: string, value: string | number, share: number | null): Action {
  return {
    id,
    title: `${key} = ${value}`,
    driver: "put",
    connection: null,
    role: share === null ? "change" : "traffic",
    share,
    input: { key, value },
    timeout: 5000,
    ready: 5000,
    reversible: true,
    undo: "auto",
    onUnknown: "hold",
    outputs: {},
  };
}

import * as fc from "fast-check";

import type { Action, Plan, Playbook } from "../../src/core/plan.ts";
import {
  action,
  all,
  any,
  check,
  evidence,
  metric,
  plan,
  SECOND,
  stage,
} from "../support/plan-builder.ts";

const SHARES: readonly (readonly (number | null)[])[] = [
  [10],
  [100],
  [5, 100],
  [1, 50, 100],
  [1, 5],
  [null],
  [null, 20],
];

const GATES = [
  ["p95 < 0.2"],
  ["p95 < 0.2", "errors over stage == 0"],
  ["p95 < 0.2", "slow < 1"],
  ["enough < 0.5"],
  ["p95 < 0.2", "enough < 0.5"],
  ["p95 < 0.2", "council confirmed"],
  ["p95 < 0.2", "smoke passes"],
  ["p95 < 0.2", "probe passes"],
  [any(["p95 < 0.2", "errors < 0.5"]), "smoke passes"],
  [all(["p95 < 0.2", "smoke passes", "council confirmed"])],
  ["p95 < 0.2 for 20s"],
  [any(["rate <= 2x stable", "rate < 0.5"])],
  [],
];

/** A plan of any shape that the machine has a rule for. Times are short, so that histories reach far. */
export const randomPlan: fc.Arbitrary<Plan> = fc
  .record({
    shares: fc.constantFrom(...SHARES),
    gates: fc.constantFrom(...GATES),
    checks: fc.constantFrom([], ["smoke"], ["smoke", "probe"]),
    soak: fc.constantFrom(0, 20 * SECOND, 40 * SECOND),
    tolerate: fc.constantFrom(0, 0, 10 * SECOND),
    rollback: fc.constantFrom(
      [],
      ["p95 > 0.4"],
      ["errors > 0.5 for 20s", "p95 > 0.4 for 30s"],
      ["rate > 1.1x stable"],
    ),
    hold: fc.constantFrom([], ["errors > 0.5"], ["probe fails"]),
    warn: fc.constantFrom([], ["p95 > 0.3"]),
    extra: fc.constantFrom(0, 0, 1, 2),
    evidence: fc.constantFrom(0, 0, 1),
    exec: fc.constantFrom<Action["onUnknown"] | null>(null, null, "hold", "rerun", "skip"),
    irreversible: fc.constantFrom(false, false, false, false, true),
    finish: fc.constantFrom<readonly Action[]>(
      [],
      [],
      [action("finish/promote-stable"), action("finish/release", { role: "release" })],
    ),
    after: fc.constantFrom([], [], [action("rollback/clear-cache"), action("rollback/tell")]),
    isBrief: fc.boolean(),
    gradual: fc.constantFrom(null, { shares: [50, 5, 1], every: 20 * SECOND }),
    verify: fc.constantFrom(
      {},
      { gates: ["p95 < 0.2"], within: 60 * SECOND },
      {
        gates: ["p95 < 0.2", "slow < 1"],
        checks: ["smoke"],
        within: 60 * SECOND,
        wait: 5 * SECOND,
      },
      { gates: ["probe passes"], within: 60 * SECOND },
    ),
    maxBlind: fc.constantFrom(20 * SECOND, 60 * SECOND),
    playbook: fc.constantFrom(0, 0, 1, 2),
  })
  .map(build);

type Shape = {
  readonly shares: readonly (number | null)[];
  readonly gates: (typeof GATES)[number];
  readonly checks: readonly string[];
  readonly soak: number;
  readonly tolerate: number;
  /** Whether a stage has hardly more time than its soak. */
  readonly isBrief: boolean;
  readonly rollback: readonly string[];
  readonly hold: readonly string[];
  readonly warn: readonly string[];
  readonly extra: number;
  readonly evidence: number;
  readonly exec: Action["onUnknown"] | null;
  readonly irreversible: boolean;
  readonly finish: readonly Action[];
  readonly after: readonly Action[];
  readonly gradual: Plan["rollback"]["gradual"];
  readonly verify: NonNullable<NonNullable<Parameters<typeof plan>[0]>["rollback"]>["verify"];
  readonly maxBlind: number;
  readonly playbook: number;
};

function build(shape: Shape): Plan {
  const { shares, gates, checks, soak, tolerate, rollback, hold, warn, finish, maxBlind } = shape;
  const { verify = {}, gradual, after } = shape;
  return plan({
    metrics: [
      metric("slow", { window: 15 * SECOND }),
      metric("enough", { minSamples: 100 }),
      metric("rate", { unit: "ratio", window: 8 * SECOND, confidence: 0.95 }),
    ],
    checks: [
      check("smoke"),
      check("probe", { interval: 10 * SECOND, failureThreshold: 2 }),
      check("council", { driver: "confirm" }),
    ],
    stages: shares.map((share, index) => {
      const staged = stage(`s${index}`, share);
      const last = index === shares.length - 1;
      const more = [...staged.actions, ...extras(shape, index)];
      return stage(`s${index}`, share, {
        gates,
        checks,
        soak,
        tolerate,
        ...(shape.isBrief ? { within: Math.max(soak, 20 * SECOND) } : {}),
        evidence: Array.from({ length: shape.evidence }, () =>
          evidence(`s${index}.txt`, { required: true }),
        ),
        actions: last ? [...more, ...pointOfNoReturn(shape)] : more,
      });
    }),
    finish,
    triggers: { rollback, hold, warn },
    rollback: { actions: after, gradual, verify },
    maxBlind,
    playbooks: playbooksOf(shape),
  });
}

/** What a person may run in between: captured and undone like the rest. */
function playbooksOf({ playbook }: Shape): Readonly<Record<string, Playbook>> {
  const actions = Array.from({ length: playbook }, (_, n) => action(`playbook/calm/${n}`));
  const calm = { name: "calm", diagnose: [], causes: [], recover: [], actions, asks: [] };
  return playbook === 0 ? {} : { calm };
}

/** More changes after the traffic: at 100 % they are on the side that traffic would go back to. */
function extras({ extra, exec }: Shape, index: number): readonly Action[] {
  const more = Array.from({ length: extra }, (_, n) => action(`s${index}/extra-${n}`));
  if (exec === null) return more;
  const undo = action(`s${index}/undo-exec`, { driver: "exec" });
  return [...more, action(`s${index}/exec`, { driver: "exec", undo, onUnknown: exec })];
}

function pointOfNoReturn({ irreversible }: Shape): readonly Action[] {
  return irreversible ? [action("last/migrate", { reversible: false })] : [];
}

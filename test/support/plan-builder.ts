import type { Condition, Limit, Operator, Over } from "../../src/core/condition.ts";
import type {
  Action,
  Check,
  Evidence,
  Gate,
  Metric,
  Plan,
  Rollback,
  Stage,
  Trigger,
  Verify,
} from "../../src/core/plan.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

/** `90s`, `5m`, `250ms` in milliseconds. */
function span(text: string): number {
  const [, figure = "", unit = ""] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const factor = { ms: 1, s: SECOND, m: MINUTE, h: 60 * MINUTE }[unit];
  if (factor === undefined) throw new Error(`no duration: ${text}`);
  return Number(figure) * factor;
}

const METRIC =
  /^(?<metric>[\w-]+)(?: over (?<over>\w+))? (?<operator>[<>!=]=?) (?<limit>.+?)(?: for (?<held>\d+\w+))?$/;

/**
 * A condition of the plan language, read by a reader of its own, so that these tests say nothing about the real one:
 * `p95 < 0.2`, `errors over stage == 0`, `p95 > 0.25 for 5m`, `p95 <= 1.2x baseline`, `p95 <= stable + 0.01`,
 * `smoke passes`, `council confirmed`; parts of a compound one stand in `all` and `any`.
 */
export function when(text: string): Condition {
  const [name = "", verb = ""] = text.split(" ");
  if (verb === "passes" || verb === "fails")
    return { kind: "check", text, check: name, wants: verb };
  if (verb === "confirmed") return { kind: "confirmed", text, check: name };
  const parts = METRIC.exec(text)?.groups;
  if (parts === undefined) throw new Error(`no condition: ${text}`);
  return {
    kind: "metric",
    text,
    metric: parts["metric"] ?? "",
    over: overOf(parts["over"]),
    operator: parts["operator"] as Operator,
    limit: limitOf(parts["limit"] ?? ""),
    for: parts["held"] === undefined ? 0 : span(parts["held"]),
  };
}

function overOf(text: string | undefined): Over | null {
  if (text === undefined) return null;
  if (text === "stage" || text === "rollout") return { kind: text };
  return { kind: "window", ms: span(text) };
}

function limitOf(text: string): Limit {
  if (text === "true" || text === "false") return { kind: "bool", value: text === "true" };
  const relative = /^([\d.]+)x (baseline|stable)$/.exec(text);
  if (relative !== null)
    return { kind: "relative", to: relative[2] as "baseline", factor: Number(relative[1]) };
  const offset = /^(baseline|stable) ([+-]) ([\d.]+)$/.exec(text);
  if (offset !== null) {
    const add = Number(offset[3]) * (offset[2] === "-" ? -1 : 1);
    return { kind: "offset", to: offset[1] as "baseline", add };
  }
  return { kind: "number", value: Number(text) };
}

type Text = string | Condition;

function conditionOf(text: Text): Condition {
  return typeof text === "string" ? when(text) : text;
}

export function all(of: readonly Text[], held = 0): Condition {
  return compound("all", of, held);
}

export function any(of: readonly Text[], held = 0): Condition {
  return compound("any", of, held);
}

function compound(kind: "all" | "any", of: readonly Text[], held: number): Condition {
  const parts = of.map(conditionOf);
  return {
    kind,
    text: `${kind}(${parts.map(({ text }) => text).join(", ")})`,
    of: parts,
    for: held,
  };
}

export function metric(name: string, parts: Partial<Metric> = {}): Metric {
  return {
    name,
    driver: "prometheus",
    connection: "prometheus",
    unit: "none",
    query: {},
    minSamples: 0,
    window: 0,
    baseline: null,
    maxAge: MINUTE,
    timeout: 10 * SECOND,
    ...parts,
  };
}

export function check(name: string, parts: Partial<Check> = {}): Check {
  return {
    name,
    driver: "http",
    connection: null,
    input: {},
    interval: null,
    initialDelay: 0,
    timeout: 10 * SECOND,
    failureThreshold: 1,
    successThreshold: 1,
    retries: 0,
    as: null,
    ...parts,
  };
}

export function action(id: string, parts: Partial<Action> = {}): Action {
  return {
    id,
    title: id,
    driver: "set-image",
    connection: "cluster",
    role: "change",
    share: null,
    input: {},
    timeout: 30 * SECOND,
    ready: 2 * MINUTE,
    reversible: true,
    undo: "auto",
    onUnknown: "hold",
    outputs: {},
    ...parts,
  };
}

/** The action that shifts traffic to a share: all of a plan write the same field. */
export function traffic(stage: string, share: number): Action {
  return action(`${stage}/traffic`, { role: "traffic", share, driver: "ingress-nginx" });
}

export function evidence(as: string, parts: Partial<Evidence> = {}): Evidence {
  return {
    id: as,
    driver: "http",
    connection: null,
    input: {},
    as,
    every: null,
    required: false,
    timeout: 10 * SECOND,
    ...parts,
  };
}

interface StageParts extends Partial<Omit<Stage, "gates">> {
  readonly gates?: readonly Text[];
}

/** A stage with one change and, where it has a share, the traffic to it: a minute of soak, looked at every 10 s. */
export function stage(name: string, share: number | null, parts: StageParts = {}): Stage {
  const { gates = ["p95 < 0.2"], soak = MINUTE, ...rest } = parts;
  return {
    name,
    folder: name,
    share,
    actions: [action(`${name}/change`), ...(share === null ? [] : [traffic(name, share)])],
    checks: [],
    soak,
    within: Math.max(2 * soak, MINUTE),
    interval: 10 * SECOND,
    tolerate: 0,
    gates: gatesOf(name, gates),
    evidence: [],
    ...rest,
  };
}

function gatesOf(owner: string, texts: readonly Text[]): readonly Gate[] {
  return texts.map((text, index) => ({ id: `${owner}/${index}`, condition: conditionOf(text) }));
}

interface RollbackParts extends Partial<Omit<Rollback, "verify">> {
  readonly verify?: Partial<Omit<Verify, "gates">> & { readonly gates?: readonly Text[] };
}

type Triggers = Partial<Record<Trigger["does"], readonly Text[]>>;

interface PlanParts extends Partial<
  Omit<Plan, "metrics" | "checks" | "triggers" | "rollback" | "stages">
> {
  readonly metrics?: readonly Metric[];
  readonly checks?: readonly Check[];
  readonly triggers?: Triggers;
  readonly rollback?: RollbackParts;
  readonly stages?: readonly Stage[];
}

/** A plan with the metrics `p95` and `errors`, and one stage at 10 % unless others are given. */
export function plan(parts: PlanParts = {}): Plan {
  const { metrics = [], checks = [], triggers = {}, rollback = {}, stages, ...rest } = parts;
  return {
    apiVersion: "canary/v1",
    kind: "Plan",
    name: "test",
    about: { owner: null, tier: null, links: {} },
    params: {},
    connections: {},
    metrics: byName([metric("p95"), metric("errors"), ...metrics]),
    checks: byName(checks),
    preflight: [],
    stages: stages ?? [stage("pilot", 10)],
    finish: [],
    triggers: triggersOf(triggers),
    rollback: rollbackOf(rollback),
    onRunnerLost: "rollback",
    maxBlind: 10 * MINUTE,
    interval: 10 * SECOND,
    ...rest,
  };
}

function byName<T extends { readonly name: string }>(things: readonly T[]): Record<string, T> {
  return Object.fromEntries(things.map((thing) => [thing.name, thing]));
}

function triggersOf(groups: Triggers): readonly Trigger[] {
  return (["rollback", "hold", "page", "warn"] as const).flatMap((does) =>
    (groups[does] ?? []).map((text, index) => {
      const condition = conditionOf(text);
      return { id: `${does}/${index}`, name: condition.text, does, condition };
    }),
  );
}

function rollbackOf({ verify = {}, ...rest }: RollbackParts): Rollback {
  const { gates = [], ...times } = verify;
  return {
    actions: [],
    gradual: null,
    ...rest,
    verify: {
      wait: 0,
      within: 5 * MINUTE,
      interval: 10 * SECOND,
      checks: [],
      ...times,
      gates: gatesOf("verify", gates),
    },
  };
}

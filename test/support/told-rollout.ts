import type { Plan } from "../../src/core/plan.ts";
import type { Reaction, ReactionEvent } from "../../src/core/reaction.ts";
import type { Json } from "../../src/core/units.ts";
import { createExec } from "../../src/drivers/exec.ts";
import { createHttp } from "../../src/drivers/http.ts";
import type { Engine, Outcome, PlanSource } from "../../src/engine/ports.ts";
import { startRollout } from "../../src/engine/start-rollout.ts";
import { takeOver } from "../../src/engine/take-over.ts";
import { builtInSinks } from "../../src/sinks/built-in-sinks.ts";
import { quickPlan, testSignals, type EngineWorld } from "./engine-world.ts";

/** A line of `on:` that tells one connection of one event. */
export function reaction(event: ReactionEvent, to: string, more: Partial<Reaction> = {}): Reaction {
  return {
    id: `${event}/${to}`,
    event,
    does: { kind: "tell", to },
    subject: null,
    text: null,
    asks: [],
    options: {},
    trigger: null,
    stage: null,
    after: 0,
    every: null,
    until: null,
    unless: null,
    ...more,
  };
}

/** The quick plan with sinks and lines of `on:`. */
export function toldPlan(
  connections: Readonly<Record<string, Readonly<Record<string, Json>> & { readonly type: string }>>,
  reactions: readonly Reaction[],
  more: Partial<Plan> = {},
): PlanSource {
  const source = quickPlan();
  const named = Object.entries(connections).map(([name, { type, ...config }]) => [
    name,
    { name, type, config },
  ]);
  const plan: Plan = {
    ...source.plan,
    connections: Object.fromEntries(named) as Plan["connections"],
    reactions,
    ...more,
  };
  return { ...source, plan };
}

/** An engine whose messages go out for real. */
export function toldEngine(
  world: EngineWorld,
  secrets: Readonly<Record<string, string>> = {},
): Engine {
  const engine = world.engine();
  return {
    ...engine,
    catalog: { ...engine.catalog, sinks: builtInSinks() },
    http: createHttp,
    exec: createExec,
    secret: (reference) => secrets[reference] ?? new Error(`${reference} is not set`),
  };
}

export interface ToldRun {
  readonly outcome: Promise<Outcome>;
  readonly id: Promise<string>;
  readonly signals: ReturnType<typeof testSignals>;
}

export function startTold(engine: Engine, source: PlanSource): ToldRun {
  const signals = testSignals();
  const { promise: id, resolve } = Promise.withResolvers<string>();
  const outcome = startRollout(engine, source, {
    signals,
    acceptLive: false,
    onRollout: (rollout) => Promise.resolve(resolve(rollout)),
  });
  return { outcome, id, signals };
}

export function abortTold(engine: Engine, rollout: string, more: object = {}): Promise<Outcome> {
  return takeOver(engine, rollout, {
    mode: "rollback",
    cause: { kind: "abort", text: "enough", by: "ana" },
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: testSignals(),
    ...more,
  });
}

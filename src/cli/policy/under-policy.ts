import type { Engine, PlanSource } from "../../engine/ports.ts";
import type { Renderer } from "../../report/renderer.ts";
import { applyPolicy, type Applied, type PolicyOptions } from "./apply-policy.ts";
import { policyRefusal } from "./refusal-lines.ts";

export interface StartPolicyOptions extends PolicyOptions {
  readonly waitForWords?: boolean;
}

/** What is started: a plan as the policy in force has it. */
export interface GovernedStart {
  readonly source: PlanSource;
  /**
   * The plan without its policy, for a drill of what the policy lets start: the words that were given are about the whole
   * plan, so a part of it does not wait for them, and it owes nothing afterwards.
   */
  readonly settled: PlanSource;
  /** Puts what the policy brings along where the rollout finds it. */
  readonly begin: (engine: Engine, rollout: string) => Promise<void>;
}

/** The plan as the policy in force has it; the exit code where it does not let it start, which was told. */
export async function underPolicy(
  source: PlanSource,
  options: StartPolicyOptions,
  timeScale: number,
  renderer: Renderer,
): Promise<GovernedStart | number> {
  const applied = await applyPolicy(source, options, timeScale);
  if (applied === "none") return { source, settled: source, begin: () => Promise.resolve() };
  if (applied === "wrong") return 2;
  const refusal = policyRefusal(applied, options.waitForWords === true);
  if (refusal === null)
    return {
      source: applied.source,
      settled: settle(source, applied),
      begin: beginUnder(applied),
    };
  renderer.say(refusal);
  await renderer.close();
  return 22;
}

function settle(source: PlanSource, { evaluated }: Applied): PlanSource {
  const given = new Set(evaluated.words.map(({ check }) => check));
  const preflight = source.plan.preflight.filter((name) => !given.has(name));
  return { ...source, plan: { ...source.plan, preflight } };
}

/** The words that were given before wait in the inbox; the policy is kept as it was read. */
function beginUnder({ found, evaluated }: Applied): GovernedStart["begin"] {
  return async (engine, rollout) => {
    const path = `${engine.evidence}/${rollout}/policy.yaml`;
    await engine.writeEvidence(path, found.text, 0o644);
    for (const word of evaluated.words) await engine.store.post(rollout, JSON.stringify(word));
  };
}

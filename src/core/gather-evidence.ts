import { familyOf, countGateClaims, isFamilyProven } from "./claim-family.ts";
import { claimsIn, windowOf } from "./claim.ts";
import { nextPair, type Pair } from "./counted-pair.ts";
import { judgeClaim } from "./judge-claim.ts";
import { addPair, startPairedTest, type PairedTest } from "./judge/paired-test.ts";
import { addLook, startRateTest, type RateTest } from "./judge/rate-test.ts";
import type { Plan, Trigger } from "./plan.ts";
import { currentStage, type Turn } from "./turn.ts";
import type { Millis, MonoTime } from "./units.ts";
import { watchSplits } from "./watch-split.ts";
import { triggersInForce } from "./watch.ts";

/** One comparison, and whose it is. */
type Leaf = ReturnType<typeof claimsIn>[number] & {
  readonly key: string;
  /** What the trigger does; null for a gate. */
  readonly does: Trigger["does"] | null;
};

/**
 * Feeds what both arms counted to the conditions that are settled by evidence. Only while a stage is observed, and only
 * windows that lie within that time: during a change the shares are not what they seem, and checks that fail on purpose
 * count too. A trigger's evidence goes on over the stages, a gate's begins anew with each.
 */
export function gatherEvidence(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.kind !== "observing" && phase.kind !== "closing") return;
  const { clock } = phase.soak;
  const { metrics } = turn.plan;
  for (const { id, does, condition } of triggersInForce(turn))
    for (const leaf of claimsIn(condition, metrics))
      feed(turn, { ...leaf, key: `trigger:${id}#${leaf.place}`, does }, clock);
  for (const { id, condition } of currentStage(turn).gates)
    for (const leaf of claimsIn(condition, metrics))
      feed(turn, { ...leaf, key: `gate:${id}#${leaf.place}`, does: null }, clock);
  noteProven(turn);
  watchSplits(turn, clock);
}

/** What was once beyond chance for a family stays proven, until a person has looked. */
function noteProven({ plan, state }: Turn): void {
  for (const does of new Set(plan.triggers.map((trigger) => trigger.does)))
    if (!state.proven.includes(does) && isFamilyProven(familyOf(plan, does), state.claims))
      state.proven = [...state.proven, does];
}

function feed(turn: Turn, leaf: Leaf, clock: MonoTime): void {
  const { plan, state } = turn;
  const { key, does, metric, condition } = leaf;
  const before = state.claims[key];
  const kept = does === null && before?.clock !== clock ? undefined : before;
  const window = windowOf(condition, metric);
  const pair = nextPair(state.samples, condition, { clock, window, last: kept });
  if (pair === null) return;
  const test = kept ?? startClaim(plan, leaf, lengthOf(turn, does));
  const claim = addTo(test, pair, metric.minSamples);
  if (claim === null) return;
  const { until, observedAt } = pair;
  state.claims = { ...state.claims, [key]: { ...claim, clock, until, observedAt } };
  if (isPowerOfTwo(claim.test.looks)) tell(turn, leaf);
}

function isPowerOfTwo(looks: number): boolean {
  return Number.isInteger(Math.log2(looks));
}

/** What is not settled yet, for people who watch: what is shows by what it does. */
function tell(turn: Turn, { key, place, does, metric, condition }: Leaf): void {
  const { plan, state, entry } = turn;
  const clock = does === null ? (state.claims[key]?.clock ?? null) : null;
  const owner = key.slice(0, key.lastIndexOf("#"));
  const context = { plan, state, now: entry.mono, owner, clock };
  const judged = judgeClaim(condition, metric, context, place);
  if (judged === null || judged.truth === "holds" || judged.truth === "not") return;
  const where = does === null ? "gate" : "trigger";
  turn.notes.push({
    kind: "compared",
    place: where,
    condition: condition.text,
    detail: judged.detail,
  });
}

type Tested =
  | { readonly kind: "counts"; readonly test: RateTest }
  | { readonly kind: "means"; readonly test: PairedTest };

function addTo(claim: Tested, { canary, stable }: Pair, minSamples: number): Tested | null {
  if (claim.kind === "counts")
    return canary.counts === null || stable.counts === null
      ? null
      : {
          kind: "counts",
          test: addLook(claim.test, { canary: canary.counts, stable: stable.counts }),
        };
  // A window of hardly any requests would weigh as much as the others.
  const isThin = [canary, stable].some(({ samples }) => samples !== null && samples < minSamples);
  if (isThin) return { kind: "means", test: claim.test };
  const values = { canary: canary.value, stable: stable.value };
  return { kind: "means", test: addPair(claim.test, values) };
}

/** How long the condition is watched, if all goes well: a gate for its stage, a trigger for all of them. */
function lengthOf(turn: Turn, does: Leaf["does"]): Millis {
  const stages = does === null ? [currentStage(turn)] : turn.plan.stages;
  return stages.reduce((sum, { soak }) => sum + soak, 0);
}

/** Both sides of a comparison are about the one ratio that the condition names. */
function startClaim(
  plan: Plan,
  { claimed, metric, does, condition }: Leaf,
  length: Millis,
): Tested {
  const { factor, confidence, says } = claimed;
  const alpha = 1 - confidence;
  const designEffect = metric.designEffect ?? 1;
  if (metric.compares !== "means") {
    const options = { alpha, margin: factor, noWorseThan: factor, designEffect };
    return { kind: "counts", test: startRateTest(options) };
  }
  // A trigger shares the alarms with those that do the same, a gate the red ones with the other gates.
  const sharedBy = does === null ? countGateClaims(plan) : familyOf(plan, does).members.length;
  const shared = alpha / Math.max(1, sharedBy);
  const isShared = (side: typeof says): boolean => (does === null) !== (side === says);
  const options = {
    alphaMore: isShared("more") ? shared : alpha,
    alphaAtMost: isShared("at-most") ? shared : alpha,
    factor,
    planned: Math.max(30, Math.round(length / windowOf(condition, metric))),
    designEffect,
    ...(metric.max === undefined ? {} : { max: metric.max }),
  };
  return { kind: "means", test: startPairedTest(options) };
}

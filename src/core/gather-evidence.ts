import { claimOf, windowOf, type Claim } from "./claim.ts";
import type { Condition } from "./condition.ts";
import { addLook, startRateTest, type Counts } from "./judge/rate-test.ts";
import { measurementKey } from "./measurements.ts";
import type { Metric } from "./plan.ts";
import { askedAt, type Measured } from "./state.ts";
import { currentStage, type Turn } from "./turn.ts";
import type { Millis, MonoTime } from "./units.ts";
import { triggersInForce } from "./watch.ts";

type MetricCondition = Extract<Condition, { kind: "metric" }>;

/**
 * Feeds what both arms counted to the conditions that are settled by evidence. Only while a stage is observed, and only
 * windows that lie within that time: during a change the shares are not what they seem, and checks that fail on purpose
 * count too. A trigger's evidence goes on over the stages, a gate's begins anew with each.
 */
export function gatherEvidence(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.kind !== "observing" && phase.kind !== "closing") return;
  const { clock } = phase.soak;
  for (const { id, condition } of triggersInForce(turn))
    for (const leaf of leavesOf(condition)) feed(turn, `trigger:${id}`, leaf, clock);
  for (const { id, condition } of currentStage(turn).gates)
    for (const leaf of leavesOf(condition)) feed(turn, `gate:${id}`, leaf, clock);
}

interface Leaf {
  readonly place: string;
  readonly condition: MetricCondition;
}

/** The comparisons within a condition, by the place under which they are judged. */
function leavesOf(condition: Condition, place = "0"): readonly Leaf[] {
  if (condition.kind === "metric") return [{ place, condition }];
  if (condition.kind !== "all" && condition.kind !== "any") return [];
  return condition.of.flatMap((part, index) => leavesOf(part, `${place}.${index}`));
}

function feed(turn: Turn, owner: string, { place, condition }: Leaf, clock: MonoTime): void {
  const { plan, state } = turn;
  const metric = plan.metrics[condition.metric];
  const claimed = metric === undefined ? null : claimOf(condition, metric);
  if (metric === undefined || claimed === null) return;
  const window = windowOf(condition, metric);
  const { metric: name, over } = condition;
  const canary = state.samples[measurementKey(name, over)];
  const stable = state.samples[measurementKey(name, over, "stable")];
  const key = `${owner}#${place}`;
  const before = claimBefore(state.claims[key], owner, clock);
  const from = Math.max(clock, before?.until ?? clock);
  const counted = [canary, stable].map((measured) => countsOf(measured, from + window, window));
  const [ofCanary, ofStable] = counted;
  if (!ofCanary || !ofStable || canary === undefined || stable === undefined) return;
  const test = before?.test ?? startRateTest(optionsOf(claimed, metric));
  const claim: Claim = {
    test: addLook(test, { canary: ofCanary, stable: ofStable }),
    clock,
    until: Math.max(endOf(canary, window), endOf(stable, window)),
  };
  state.claims = { ...state.claims, [key]: claim };
}

function claimBefore(claim: Claim | undefined, owner: string, clock: MonoTime): Claim | undefined {
  return owner.startsWith("gate:") && claim?.clock !== clock ? undefined : claim;
}

/** Both tests are about the one ratio that the condition names. */
function optionsOf(
  { factor, confidence }: { factor: number; confidence: number },
  { designEffect }: Metric,
) {
  const alpha = 1 - confidence;
  return { alpha, margin: factor, noWorseThan: factor, designEffect: designEffect ?? 1 };
}

/** What an answer counted; null for one that counts nothing, or whose window began before the last one ended. */
function countsOf(
  measured: Measured | undefined,
  earliest: MonoTime,
  window: number,
): Counts | null {
  if (measured === undefined || window <= 0 || askedAt(measured) < earliest) return null;
  const { sample } = measured;
  if (sample.kind !== "value" || typeof sample.value !== "number") return null;
  if (sample.samples === null || !(sample.value >= 0 && sample.value <= 1)) return null;
  return { events: sample.value * sample.samples, total: sample.samples };
}

/**
 * When the window of an answer ended, by our clock: between the question and the answer. A hundredth of the window is not
 * looked at, so that answers that come sooner than those before cost no look.
 */
function endOf(measured: Measured, window: Millis): MonoTime {
  const asked = askedAt(measured);
  return measured.at - asked <= window / 100 ? asked : measured.at;
}

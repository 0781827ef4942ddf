import { nextPair } from "./counted-pair.ts";
import { addSplit, readSplitTest, startSplitTest, type SplitTest } from "./judge/split-test.ts";
import type { Metric } from "./plan.ts";
import { currentStage, holdFor, type Turn } from "./turn.ts";
import type { MonoTime } from "./units.ts";

/** Where the plan states no confidence: a hold takes a person's time, so it is to be wrong rarely. */
const ALPHA = 0.01;

/**
 * Whether the canary gets the part of the counted requests that the stage is meant to give it, for each metric that asks so.
 * A router or flag that does something else makes every comparison worthless: it holds for a person.
 */
export function watchSplits(turn: Turn, clock: MonoTime): void {
  const { share } = currentStage(turn);
  if (share === null || share <= 0 || share >= 100) return;
  for (const metric of Object.values(turn.plan.metrics))
    if (metric.splitTolerance !== undefined) watchSplit(turn, metric, { clock, share });
}

function watchSplit(
  turn: Turn,
  metric: Metric,
  { clock, share }: { readonly clock: MonoTime; readonly share: number },
): void {
  const { state } = turn;
  const before = state.splits[metric.name];
  const asked = { metric: metric.name, over: null };
  const pair = nextPair(state.samples, asked, { clock, window: metric.window, last: before });
  if (pair === null || pair.canary.counts === null || pair.stable.counts === null) return;
  const { until, observedAt } = pair;
  const seen = { canary: pair.canary.counts.total, stable: pair.stable.counts.total };
  const test = addSplit(before?.test ?? start(metric), seen, share / 100);
  state.splits = { ...state.splits, [metric.name]: { test, until, observedAt } };
  const verdict = readSplitTest(test);
  if (verdict === "as-intended") return;
  const why = `the canary gets ${verdict === "too-many" ? "more" : "less"} of the traffic than it should: ${describe(test, metric)}, not ${share} % as stage ${currentStage(turn).name} says`;
  holdFor(turn, { kind: "differs", why, clears: "person" });
}

function start({ splitTolerance = 0, confidence, designEffect = 1 }: Metric): SplitTest {
  const alpha = confidence === undefined ? ALPHA : 1 - confidence;
  return startSplitTest({ alpha, tolerance: 1 + splitTolerance, designEffect });
}

/** Over all stages since somebody looked, whose shares may differ: the last figures are the ones to act on. */
function describe({ more }: SplitTest, { name }: Metric): string {
  const [canary, stable] = [more.canary.events, more.stable.events];
  const percent = Number(((100 * canary) / (canary + stable)).toPrecision(3));
  return `${Math.round(canary)} of ${Math.round(canary + stable)} requests (${percent} %) that ${name} counted`;
}

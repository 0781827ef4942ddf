import type { Condition } from "./condition.ts";
import { heldFor } from "./held-for.ts";
import { judgeMetric } from "./judge-metric.ts";
import { said, type Judged, type JudgeContext, type Truth } from "./judged.ts";
import type { Outcome } from "./sample.ts";
import type { MonoTime } from "./units.ts";

/** Judges a condition on the latest samples and check results. Pure. */
export function judgeCondition(condition: Condition, context: JudgeContext, place = "0"): Judged {
  switch (condition.kind) {
    case "metric":
      return judgeMetric(condition, context, place);
    case "check":
      return judgeCheck(condition, context);
    case "confirmed":
      return judgeConfirmation(condition.check, context);
    case "all":
    case "any": {
      const parts = condition.of.map((part, index) =>
        judgeCondition(part, context, `${place}.${index}`),
      );
      return heldFor(join(condition.kind, parts), condition.for, context, place);
    }
  }
}

function judgeConfirmation(name: string, { state }: JudgeContext): Judged {
  const word = state.confirmations[name];
  if (word === undefined) return said("waiting", `${name} is not confirmed`);
  return said(word.yes ? "holds" : "not", `${name} by ${word.by}`);
}

/** What a truth means for a gate: it must hold to pass. */
export function gateOutcome(truth: Truth): Outcome | "warming" | "waiting" {
  return truth === "holds" ? "pass" : truth === "not" ? "fail" : truth;
}

/** What a truth means for a trigger: it fires when it holds. A trigger without samples, or waiting, is not blind. */
export function triggerOutcome(truth: Truth): Outcome {
  if (truth === "holds") return "fail";
  if (truth === "not") return "pass";
  return truth === "warming" || truth === "waiting" ? "inconclusive" : truth;
}

function judgeCheck(
  condition: Extract<Condition, { kind: "check" }>,
  context: JudgeContext,
): Judged {
  const record = context.state.checks[condition.check];
  if (record === undefined || (context.clock !== null && record.at < context.clock)) {
    // A gate's check without an interval is asked once, at the end of the soak: until then it is not its turn.
    const isOnce =
      context.clock !== null && context.plan.checks[condition.check]?.interval === null;
    return said(isOnce ? "waiting" : "inconclusive", `${condition.check} has not run yet`);
  }
  const detail = `${condition.check}: ${record.detail}`;
  if (record.result === "error") return said("error", detail);
  const wanted = condition.wants === "passes" ? "pass" : "fail";
  return { truth: record.result === wanted ? "holds" : "not", detail, since: {}, seen: record.at };
}

const ANY_ORDER: readonly Truth[] = [
  "holds",
  "error",
  "stale",
  "noData",
  "inconclusive",
  "waiting",
  "warming",
  "not",
];
const ALL_ORDER: readonly Truth[] = [
  "not",
  "error",
  "stale",
  "noData",
  "inconclusive",
  "waiting",
  "warming",
  "holds",
];

function join(kind: "all" | "any", parts: readonly Judged[]): Judged {
  const order = kind === "any" ? ANY_ORDER : ALL_ORDER;
  const truth = order.find((candidate) => parts.some((part) => part.truth === candidate));
  const deciding = parts.filter((part) => part.truth === truth);
  const [first] = deciding;
  if (first === undefined) return said("noData", "the condition is empty");
  const since: Record<string, MonoTime> = {};
  for (const part of parts) Object.assign(since, part.since);
  // All have been seen to hold only as late as the one that was looked at longest ago; of any, the latest look counts.
  const looks = deciding.flatMap(({ seen }) => seen ?? []);
  const seen = looks.length === 0 ? null : (kind === "any" ? Math.max : Math.min)(...looks);
  return {
    truth: first.truth,
    get detail() {
      return first.detail;
    },
    since,
    seen,
  };
}

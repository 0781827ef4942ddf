import type { Check } from "../../core/plan.ts";
import type { Json, Millis } from "../../core/units.ts";
import type { Rule } from "../located-plan.ts";
import { parseDuration } from "../scalars/parse-duration.ts";
import { printDuration } from "../scalars/print-duration.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/** What the `log` check watches for when it says nothing, in milliseconds. */
const PATIENCE = 10_000;

/** A check that waits longer than it may take can never pass. */
export const checkTime: Rule = (located) => {
  const found = Object.values(located.plan.checks).flatMap((check): readonly Found[] => {
    const parts = [
      { least: leastTime(check), timeout: check.timeout, thing: `check:${check.name}` },
      ...(check.steps ?? []).map((step, index) => ({
        least: step.kind === "wait" ? 0 : watching(step.driver, step.input),
        timeout: step.kind === "wait" ? step.ms : step.timeout,
        thing: `step:${check.name}/${index}`,
      })),
    ];
    return parts.flatMap(({ least, timeout, thing }): readonly Found[] => {
      if (least === 0 || least < timeout) return [];
      const path = sourcePath(located, thing, "timeout");
      return [
        {
          code: "check-too-short",
          path,
          atKey: path.at(-1) !== "timeout",
          message: `this takes at least ${printDuration(least)}, and is cut after ${printDuration(timeout)}`,
          fix: `write a \`timeout\` above ${printDuration(least)}`,
        },
      ];
    });
  });
  return problemsAt(located, found);
};

/** How long a check takes even where everything is as it should be. */
function leastTime({ driver, input, steps = [] }: Check): Millis {
  const own = watching(driver, input);
  return steps.reduce(
    (sum, step) => sum + (step.kind === "wait" ? step.ms : watching(step.driver, step.input)),
    own,
  );
}

/** Lines that must not come are watched for until the time is over. */
function watching(driver: string, input: Readonly<Record<string, Json>>): Millis {
  if (driver !== "log" || input["never"] === undefined) return 0;
  if (input["for"] === undefined) return PATIENCE;
  const parsed = parseDuration(input["for"]);
  return parsed.kind === "ok" ? parsed.value : PATIENCE;
}

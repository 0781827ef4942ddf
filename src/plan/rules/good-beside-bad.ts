import type { Rule } from "../located-plan.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/** `good` beside `bad` reads like a success rate, and is the share of the failures. */
export const goodBesideBad: Rule = (located) => {
  const found = Object.values(located.plan.metrics).flatMap((metric): readonly Found[] => {
    const { name, driver, query } = metric;
    if (driver !== "log" || query["bad"] === undefined || query["good"] === undefined) return [];
    return [
      {
        code: "good-beside-bad",
        path: sourcePath(located, `metric:${name}`, "good"),
        atKey: true,
        message: `${name} is the share of the bad lines, among the good and the bad ones`,
        fix: "write `total` in place of the other one: good and total for the share of successes, bad and total for that of failures",
      },
    ];
  });
  return problemsAt(located, found);
};

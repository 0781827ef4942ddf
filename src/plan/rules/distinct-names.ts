import type { Rule } from "../located-plan.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/** Metrics and checks stand in the same conditions, so that one name for both would be read in two ways. */
export const distinctNames: Rule = (located) => {
  const { metrics, checks } = located.plan;
  const both = Object.keys(checks).filter((name) => Object.hasOwn(metrics, name));
  return problemsAt(
    located,
    both.map((name): Found => ({
      code: "name-clash",
      path: sourcePath(located, `check:${name}`),
      atKey: true,
      message: `${name} is a metric already`,
      fix: "give the check another name: conditions use both",
    })),
  );
};

import type { Rule } from "../located-plan.ts";
import { printDuration } from "../scalars/print-duration.ts";
import { metricLeaves } from "./metric-leaves.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";
import { windowOf } from "./window-of.ts";

/** "Restored and verified" is said on evidence, and the verification has time to gather it. */
export const rollbackVerified: Rule = (located) => {
  const { plan } = located;
  const { verify, gradual } = plan.rollback;
  const found: Found[] = [];
  if (verify.gates.length === 0 && verify.checks.length === 0)
    found.push({
      code: "rollback-unverified",
      path: sourcePath(located, "rollback"),
      message: "nothing tells whether a rollback has helped",
      fix: "add rollback: { verify: { within: 10m, gates: [ error_rate < 1% ] } }",
    });
  for (const { id, condition } of verify.gates) {
    const lasting = "of" in condition ? condition.for : 0;
    for (const leaf of metricLeaves(condition)) {
      const needs = verify.wait + windowOf(leaf, plan) + Math.max(leaf.for, lasting);
      if (needs < verify.within) continue;
      found.push({
        code: "verify-too-short",
        path: sourcePath(located, `gate:${id}`),
        message: `${leaf.text.trim()} is first judged ${printDuration(needs)} after the undo, and the verification ends after ${printDuration(verify.within)}`,
        fix: `set \`within: ${printDuration(needs * 2)}\` or more in \`verify\`, or judge a shorter window`,
      });
    }
  }
  const shares = gradual?.shares ?? [];
  for (const [index, share] of shares.entries()) {
    const before = shares[index - 1] ?? 100;
    if (index === 0 || share < before) continue;
    found.push({
      code: "gradual-rises",
      path: [...sourcePath(located, "rollback"), "gradual", "shares", index],
      message: `${share}% after ${before}% is no step down`,
      fix: "write falling shares, like [ 20%, 5%, 0% ]",
    });
  }
  return problemsAt(located, found);
};

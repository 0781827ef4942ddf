import type { Reporter, TestModule } from "vitest/node";

/** Prints how many broken cases of runbooks have run and passed, and of how many triggers and gates of each plan. */
export class RunbookLine implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const plans = new Map<string, string[]>();
    for (const module of modules) {
      for (const test of module.children.allTests("passed")) {
        const { brokenCase } = test.meta();
        if (brokenCase === undefined) continue;
        plans.set(brokenCase.plan, [...(plans.get(brokenCase.plan) ?? []), brokenCase.breaks]);
      }
    }
    if (plans.size > 0) console.log(brokenCasesLine(plans));
  }
}

/** What was broken, by plan: `spark-trading 42 (15 triggers, 21 gates, 6 others)`. */
export function brokenCasesLine(plans: ReadonlyMap<string, readonly string[]>): string {
  const all = [...plans.values()].flat().length;
  const each = [...plans]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([plan, breaks]) => {
      const kinds = ["trigger ", "gate "].map(
        (kind) => new Set(breaks.filter((one) => one.startsWith(kind))).size,
      );
      const rest = breaks.filter((one) => !/^(?:trigger|gate) /u.test(one)).length;
      return `${plan} ${breaks.length} (${kinds[0]} triggers, ${kinds[1]} gates, ${rest} others)`;
    });
  const runbooks = plans.size === 1 ? "one runbook" : `${NUMBERS[plans.size]} runbooks`;
  return `${all} broken cases of ${runbooks}: ${each.join("; ")}`;
}

const NUMBERS: Readonly<Record<number, string>> = { 2: "two", 3: "three", 4: "four", 5: "five" };

import { renderDiagnostic } from "../../src/plan/render-diagnostic.ts";
import { loadScenario } from "../../src/plan/scenario/load-scenario.ts";
import { createRandom } from "../simulation/random.ts";
import { quickPlan } from "../support/engine-world.ts";
import { mutate } from "./mutate.ts";

const TEXT = `apiVersion: canary/v1
kind: Scenario
metrics:
  errors:
    - { stage: pilot, after: 2m, value: 0.2, samples: 50 }
    - { after: 1h, outcome: noData }
writes: [ { after: 0s, field: weight, result: unknown } ]
words:
  - { stage: all, after: 10s, abort: enough }
  - { after: 20s, hold: lunch }
`;

const { plan } = quickPlan();

/** What is wrong with how a spoilt scenario is refused; null for nothing. `isRead`: it still is one. */
export function fuzzScenario(seed: number): {
  readonly wrong: string | null;
  readonly isRead: boolean;
} {
  const { text, how } = mutate(Buffer.from(TEXT), createRandom(seed));
  const spoilt = text.toString();
  try {
    const { scenario, diagnostics } = loadScenario({ path: "s.yaml", text: spoilt }, plan);
    const isRefused = diagnostics.some(({ severity }) => severity === "error");
    const badPlace = diagnostics.find(
      (each) =>
        each.line < 1 || each.col < 1 || !renderDiagnostic(each, spoilt).includes(each.code),
    );
    if ((scenario === null) !== isRefused)
      return { wrong: `${how}: refused without a word`, isRead: false };
    if (badPlace !== undefined)
      return { wrong: `${how}: ${JSON.stringify(badPlace)}`, isRead: false };
    return { wrong: null, isRead: scenario !== null };
  } catch (error) {
    return { wrong: `${how}: ${(error as Error).stack ?? String(error)}`, isRead: false };
  }
}

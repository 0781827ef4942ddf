import { join } from "node:path";

import type { Check } from "../core/plan.ts";
import type { WallTime } from "../core/units.ts";
import type { Attempt } from "./attempt-test.ts";
import type { Run } from "./run.ts";

/** What is known of the drills of a plan when its rollout begins; it is kept in the rollout's evidence. */
export interface KnownDrills {
  readonly v: 1;
  /** The digest of the way back that the plan has now. */
  readonly wayBack: string | null;
  /** Drills of the plan whose abort brought everything back, newest first. */
  readonly drills: readonly {
    readonly wayBack: string;
    /** ISO 8601, UTC. */
    readonly at: string;
    readonly by: string;
    readonly seconds: number;
  }[];
}

/** Where they are kept. */
export function drillsPath(evidence: string, rollout: string): string {
  return join(evidence, rollout, "drills.json");
}

/** Looks whether exactly this way back was gone for real, and not too long ago. */
export async function attemptDrilled(run: Run, check: Check): Promise<Attempt> {
  const { engine, rollout } = run;
  const text = await engine.readEvidence(drillsPath(engine.evidence, rollout));
  const known = text === null ? null : (JSON.parse(text) as KnownDrills);
  const answer = drillAnswer(known, Number(check.input["drill"]), engine.clock.now());
  return { ...answer, body: text ?? "", outputs: {} };
}

/** Whether a drill counts, and why not. `age` in milliseconds. */
export function drillAnswer(
  known: KnownDrills | null,
  age: number,
  now: WallTime,
): Pick<Attempt, "kind" | "detail"> {
  const how = "canary drill PLAN";
  const mine = known?.drills.find(({ wayBack }) => wayBack === known.wayBack);
  if (mine !== undefined && now - Date.parse(mine.at) <= age)
    return {
      kind: "pass",
      detail: `the way back was drilled at ${mine.at} by ${mine.by}: everything back in ${mine.seconds} s`,
    };
  const [last] = known?.drills ?? [];
  const why =
    mine !== undefined
      ? `the last drill of this way back was at ${mine.at}, too long ago`
      : last === undefined
        ? "the way back was never drilled"
        : `the way back, as it is now, was never drilled; another one was at ${last.at}`;
  return { kind: "fail", detail: `${why}: ${how}` };
}

import type { PlanSource } from "../engine/ports.ts";
import { wayBackDigest } from "../plan/way-back-digest.ts";
import { readDrills, type DrillRecord } from "./drill-records.ts";

/** The newest drill of exactly this way back, or why there is none. */
export interface Drilled {
  readonly drill: DrillRecord | null;
  /** A sentence for people. */
  readonly note: string;
}

/** Whether the way back of a plan was ever gone for real. Reads two small files; never throws. */
export async function drilled({ path, text, plan }: PlanSource): Promise<Drilled> {
  const digest = wayBackDigest(path, text, plan);
  const drills = await readDrills(path, plan.name);
  const drill = drills.find(({ wayBack }) => wayBack === digest) ?? null;
  if (drill !== null)
    return {
      drill,
      note: `its way back was drilled ${drill.at.slice(0, 10)} by ${drill.by}: everything back in ${drill.seconds} s`,
    };
  const [last] = drills;
  const why =
    last === undefined
      ? "its way back was never drilled"
      : `its way back, as it is now, was never drilled (another one was, ${last.at.slice(0, 10)})`;
  return { drill: null, note: `${why}: canary drill ${path}` };
}

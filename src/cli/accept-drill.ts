import type { PlanSource } from "../engine/ports.ts";
import type { RolloutRead } from "../engine/read-rollout.ts";
import { wayBackDigest } from "../plan/way-back-digest.ts";
import type { AbortByCommand } from "./abort-by-command.ts";
import { writeDrill, type DrillRecord } from "./drill-records.ts";
import { findRollout } from "./find-rollout.ts";
import { tell } from "./print.ts";
import { readRolloutAt } from "./read-rollout-at.ts";

export interface DrillEnd {
  /** The plan as a whole: what was drilled of it is the way back of all of it. */
  readonly source: PlanSource;
  readonly rollout: string;
  readonly by: string;
  /** The exit code of the rollout. */
  readonly code: number;
  /** Null when the rollout went back, or was refused, before the abort was entered. */
  readonly abort: AbortByCommand | null;
  readonly evidence: string | undefined;
}

/** Says how a drill went, and writes one that brought everything back down. Gives the exit code of the drill. */
export async function acceptDrill(end: DrillEnd): Promise<number> {
  const { source, rollout, by, code, abort } = end;
  if (abort === null) {
    tell(`NOT DRILLED (exit ${code}): the rollout ended before its abort could be entered`);
    return code;
  }
  const { code: aborted, stderr } = await abort.exit;
  if (code !== 31 || aborted !== 31) {
    tell(
      `THE DRILL FAILED (exit ${code}): \`canary abort ${rollout}\` left with ${aborted ?? "no exit code"}\n${stderr}`.trimEnd(),
    );
    return code === 31 ? (aborted ?? 1) : code;
  }
  const read = await readRolloutAt(await findRollout(rollout, end.evidence));
  const record: DrillRecord = {
    wayBack: wayBackDigest(source.path, source.text, source.plan) ?? "",
    at: new Date(abort.entered).toISOString(),
    by,
    rollout,
    seconds: secondsBack(read, abort.entered),
    targets: read.entries.flatMap(({ event }) =>
      event.kind === "baseline-captured" ? Object.keys(event.fields) : [],
    ),
  };
  const file = await writeDrill(source.path, source.plan.name, record);
  tell(`drilled: from \`canary abort\` to every value read back it took ${record.seconds} s`);
  tell(
    file === null
      ? "  written down on this machine alone: the folder of the plan takes no file"
      : `  written down in ${file}: commit it, so that \`canary lint\` knows it everywhere`,
  );
  return 0;
}

/** From the moment the abort was entered to the last value that was read back, in seconds. */
function secondsBack({ entries }: RolloutRead, entered: number): number {
  const restored = entries.findLast(({ event }) => event.kind === "restored");
  return Math.round(((restored?.at ?? entered) - entered) / 100) / 10;
}

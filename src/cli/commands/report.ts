import { renderReport } from "../../report/report-markdown.ts";
import { findRollout } from "../find-rollout.ts";
import { newestPlace } from "../known-evidence.ts";
import { print } from "../print.ts";
import { readRolloutAt } from "../read-rollout-at.ts";
import { UsageError } from "../usage-error.ts";

interface Options {
  readonly evidence?: string;
}

/** Prints what happened in a rollout as Markdown; the newest without an id. */
export async function report(args: readonly string[], options: Options): Promise<number> {
  const [id] = args;
  const place =
    id === undefined
      ? await newestPlace(options.evidence)
      : await findRollout(id, options.evidence);
  if (place === undefined) throw new UsageError("no rollout is known here", "canary start PLAN");
  print(renderReport(await readRolloutAt(place)));
  return 0;
}

import type { Difference } from "../core/event.ts";
import type { Bundle } from "./bundle.ts";
import { createRun } from "./create-run.ts";
import { compareFields } from "./perform-read-back.ts";
import type { Engine } from "./ports.ts";
import type { RolloutRead } from "./read-rollout.ts";
import { plainOptions } from "./run.ts";

/** What is not at its baseline any more after a rollout that went back. Reads only; what cannot be read is told as such. */
export async function differencesFromBaseline(
  engine: Engine,
  read: RolloutRead,
  rollout: string,
  bundle: Bundle | null,
): Promise<readonly Difference[]> {
  if (bundle === null) return [];
  const { plan, digest, epoch, entries } = read;
  const run = createRun(engine, { rollout, plan, digest, epoch }, plainOptions, entries);
  const expected = bundle.fields.map((entry) => ({ entry, value: entry.baseline }));
  const found = await compareFields(run, expected, new AbortController().signal);
  return [
    ...found.differences,
    ...found.unreadable.map((why) => ({
      field: why,
      label: "could not be read",
      expected: "its baseline",
      live: why,
    })),
  ];
}

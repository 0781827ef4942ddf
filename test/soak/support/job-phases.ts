import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { World } from "../../e2e/support/world.ts";
import type { Deletion } from "./pods.ts";

interface Line {
  readonly at: string;
  readonly epoch: number;
  readonly event: { readonly kind: string };
}

/** Events that say where a rollout is, in the order in which it comes there; those not named say nothing about it. */
const PHASES: Readonly<Record<string, string>> = {
  started: "preparing",
  "baseline-captured": "preparing",
  "stage-started": "applying",
  "action-intended": "inside a write",
  "action-finished": "applying",
  "soak-started": "soaking",
  "soak-restarted": "soaking",
  "stage-passed": "between stages",
  stopping: "stopping",
  "rolling-back": "rolling back",
  "stepped-down": "rolling back",
  "undo-intended": "inside an undo",
  "undo-finished": "rolling back",
  restored: "verifying",
};

/** In which phase each deletion met the rollout, by the journal that is left of it, and how many epochs that has. */
export async function phasesOf(
  world: World,
  deletions: readonly Deletion[],
): Promise<{ readonly hit: readonly string[]; readonly epochs: number }> {
  const lines = await journalOf(world);
  const hit = deletions.map(({ at }) => {
    const before = lines.filter((line) => Date.parse(line.at) <= at && line.event.kind in PHASES);
    return PHASES[before.at(-1)?.event.kind ?? ""] ?? "before its first change";
  });
  return { hit, epochs: Math.max(...lines.map(({ epoch }) => epoch)) };
}

async function journalOf(world: World): Promise<readonly Line[]> {
  const [id = ""] = await readdir(world.evidence);
  const folder = join(world.evidence, id);
  const names = (await readdir(folder)).filter((name) => /^journal\.\d+\.ndjson$/u.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts
    .flatMap((text) => text.split("\n").filter((line) => line !== ""))
    .map((line) => JSON.parse(line) as Line)
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { readBundleFile } from "../engine/read-bundle.ts";
import { line, type Line } from "../report/line.ts";
import type { Place } from "./known-evidence.ts";
import { routeOf } from "./stores/routes.ts";

/**
 * What is left to do on the machine that ran a rollout, after an abort from its bundle on another one: its journal there does
 * not know of it, so it still counts as active there and keeps its targets. Nothing where this is that machine.
 */
export async function itsOwnMachine(
  bundle: string,
  place: Place,
  exit: number,
  here = hostname(),
): Promise<readonly Line[]> {
  // With its journal here, or in a store for all, its runner hears of the abort.
  const hasJournal = existsSync(join(place.evidence, place.id, "journal.1.ndjson"));
  if (hasJournal || routeOf(place) !== null) return [];
  const read = await readBundleFile(bundle).catch(() => null);
  const there = read?.owner.host ?? here;
  if (read === null || there === here) return [];
  const said = `canary unlock ${place.id} --reason "rolled back on ${here}"`;
  return [
    line(
      "ask",
      `${there}, which ran it, knows nothing of this: it still counts as active there`,
      exit === 31
        ? [`there, to free its targets: ${said}`]
        : [`there, when a person has seen that everything is back: ${said}`],
    ),
  ];
}

import { join } from "node:path";

import { abortElsewhere } from "../engine/abort-elsewhere.ts";
import type { Engine, Outcome } from "../engine/ports.ts";
import type { TakeOverRequest } from "../engine/take-over.ts";
import { stateDir } from "../store/state-dir.ts";
import { spareEvidence } from "../store/user-records.ts";
import type { Place } from "./known-evidence.ts";

export interface AbortOptions {
  /** The bundle to work from; null: the evidence is whole. */
  readonly bundle: string | null;
  /** Hears what is not as it should be, and what is done about it. */
  readonly say: (text: string, more: readonly string[]) => void;
}

/** Aborts a rollout with what is left of it: its evidence, or a bundle; journalled elsewhere where its own folder takes nothing. */
export function abortPlace(
  engine: Engine,
  place: Place,
  request: TakeOverRequest,
  { bundle, say }: AbortOptions,
): Promise<Outcome> {
  const spare = spareEvidence(stateDir());
  if (bundle !== null) say("the undo works from a rollback bundle", [bundle]);
  const told = new Set<string>();
  const tell = (what: string): void => {
    if (!told.has(what)) say(what, []);
    told.add(what);
  };
  return abortElsewhere(
    engine,
    place.id,
    { ...request, tell },
    {
      spare,
      bundle,
      say: (why) =>
        say("the evidence can not be written: the bundle is undone", [
          why,
          `what it does is written to ${join(spare, place.id)}`,
        ]),
    },
  );
}

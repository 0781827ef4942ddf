import { join } from "node:path";

import type { Engine, Outcome } from "./ports.ts";
import { takeOver, type TakeOverRequest } from "./take-over.ts";
import { BUNDLE } from "./write-bundle.ts";

export interface Elsewhere {
  /** Where the undo is journalled when the rollout's own folder takes nothing. */
  readonly spare: string;
  /** Hears why it does not. */
  readonly say: (why: string) => void;
  /** The bundle to work from where the evidence has no whole one; null: its own. */
  readonly bundle?: string | null;
}

/**
 * Aborts a rollout also where its own folder can not be written, or is gone: the undo then works from a bundle. Throws what
 * the claim threw when there is no bundle to work from either.
 */
export async function abortElsewhere(
  engine: Engine,
  rollout: string,
  request: TakeOverRequest,
  { spare, say, bundle = null }: Elsewhere,
): Promise<Outcome> {
  const claimed = { yes: false };
  const { store } = engine;
  const watched: Engine = {
    ...engine,
    store: {
      ...store,
      claim: async (id, epoch, line) => {
        const result = await store.claim(id, epoch, line);
        claimed.yes = true;
        return result;
      },
    },
  };
  const fromBundle = async (using: Engine, path: string): Promise<Outcome> => {
    // Only now: an abort that can do without it does.
    const { abortFromBundle } = await import("./abort-bundle.ts");
    return abortFromBundle(using, path, request);
  };
  try {
    if (bundle !== null) return await fromBundle(watched, bundle);
    return await takeOver(watched, rollout, request);
  } catch (error) {
    const path = bundle ?? join(engine.evidence, rollout, BUNDLE);
    const isStore = error instanceof Error && "code" in error;
    if (claimed.yes || !isStore || (await engine.readEvidence(path)) === null) throw error;
    say(error.message);
    return fromBundle({ ...engine, ...engine.elsewhere(spare) }, path);
  }
}

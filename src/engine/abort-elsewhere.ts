import { join } from "node:path";

import type { Engine, Outcome } from "./ports.ts";
import { takeOver, type TakeOverRequest } from "./take-over.ts";
import { BUNDLE } from "./write-bundle.ts";

/**
 * Aborts a rollout also where its own folder can not be written: the undo then works from its bundle, and is journalled
 * under `spare`. `say` hears why. Throws what the claim threw when there is no bundle to work from either.
 */
export async function abortElsewhere(
  engine: Engine,
  rollout: string,
  request: TakeOverRequest,
  { spare, say }: { readonly spare: string; readonly say: (why: string) => void },
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
  try {
    return await takeOver(watched, rollout, request);
  } catch (error) {
    const path = join(engine.evidence, rollout, BUNDLE);
    const isStore = error instanceof Error && "code" in error;
    if (claimed.yes || !isStore || (await engine.readEvidence(path)) === null) throw error;
    say(error.message);
    // Only now: an abort that can claim does without it.
    const { abortFromBundle } = await import("./abort-bundle.ts");
    return abortFromBundle({ ...engine, ...engine.elsewhere(spare) }, path, request);
  }
}

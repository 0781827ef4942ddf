import { join } from "node:path";

import type { Engine, Outcome } from "./ports.ts";
import { sleep } from "./sleep.ts";
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
    // A shared store that is silent gives no bundle either.
    const text = isStore ? await engine.readEvidence(path).catch(() => null) : null;
    if (claimed.yes || !isStore || text === null) throw error;
    say(error.message);
    const undone = await fromBundle({ ...engine, ...engine.elsewhere(spare) }, path);
    return isSilent(error) ? await claimLate(engine, rollout, request, { undone, say }) : undone;
  }
}

/** How long a store that was silent is asked again after the undo, and the pause between, in milliseconds. */
const PATIENCE = 20_000;
const PAUSE = 1000;

/** A shared store without an answer: it may have one soon. */
function isSilent(error: Error): boolean {
  return "code" in error && error.code === "ESTORE";
}

/**
 * The values are back; now the rollout itself is taken over, so that a runner elsewhere that still lives ends too. Where the
 * store stays silent, what was undone stands.
 */
async function claimLate(
  engine: Engine,
  rollout: string,
  request: TakeOverRequest,
  { undone, say }: { readonly undone: Outcome; readonly say: (why: string) => void },
): Promise<Outcome> {
  if (undone.kind !== "ended" || undone.end.kind !== "rolled-back") return undone;
  const until = engine.clock.mono() + PATIENCE;
  for (let told = false; engine.clock.mono() < until; told = true) {
    try {
      return await takeOver(engine, rollout, request);
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      if (!isSilent(error)) {
        say(`the values are back, but the store does not take the abort: ${error.message}`);
        return undone;
      }
      if (!told)
        say(`the values are back; waiting for the store to take the abort: ${error.message}`);
    }
    await sleep(engine.clock, PAUSE);
  }
  return undone;
}

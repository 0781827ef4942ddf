import { sleep } from "../../engine/sleep.ts";
import { systemClock } from "../../engine/system-clock.ts";
import { isUnreachable } from "../../store/unreachable.ts";
import { tell } from "../print.ts";

/** As long as the undo of one target is tried, and the pause between, in milliseconds. */
const PATIENCE = 300_000;
const PAUSE = 1000;

/**
 * Does what needs a shared store again and again while that gives no answer, and says what is waited for. Only for what did
 * nothing yet when it throws. Throws the last failure when the store stays silent.
 */
export async function waitForStore<T>(act: () => Promise<T>): Promise<T> {
  const until = systemClock.mono() + PATIENCE;
  for (let told = false; ; told = true) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Error) || !isUnreachable(error) || systemClock.mono() > until)
        throw error;
      if (!told)
        tell(
          `canary: NOT ABORTED YET: ${error.message}\n  nothing here says what is to be undone; trying again for ${PATIENCE / 60_000} minutes\n` +
            "  to roll back without the store: canary abort --bundle FILE --reason …\n" +
            "  without a bundle either, traffic to 0 and flags off: canary abort --plan FILE --reason …",
        );
    }
    await sleep(systemClock, PAUSE);
  }
}

import type { Sample } from "../../core/sample.ts";
import { errorSample, wordsOf } from "./sample-of.ts";

/**
 * Waits for a sample no longer than the signal allows, and turns a throw into an error: a file on a hanging network
 * disk cannot be cut, but nobody has to wait for it.
 */
export async function withinSignal(signal: AbortSignal, asked: Promise<Sample>): Promise<Sample> {
  const { promise: cut, resolve } = Promise.withResolvers<Sample>();
  const stop = (): void => {
    const reason: unknown = signal.reason;
    const late = reason instanceof Error && reason.name === "TimeoutError";
    resolve(errorSample(late ? "no answer in time" : "interrupted"));
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([cut, asked]);
  } catch (error) {
    return errorSample(wordsOf(error));
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

import type { Millis } from "../core/units.ts";
import type { Answer } from "../drivers/driver.ts";
import type { Run } from "./run.ts";

/** How long a driver that hears its signal has to say what it knows, in milliseconds. */
const GRACE = 250;

/**
 * Runs a driver call under a signal that ends with its timeout, and answers `unknown` even when the driver ignores the
 * signal: nothing waits for a driver longer than its bound. A driver that throws is a bug, reported as `unknown`, because
 * the call may have happened; a missing secret is not, and nothing was sent.
 */
export async function bounded<T>(
  run: Run,
  timeout: Millis,
  outer: AbortSignal,
  call: (signal: AbortSignal) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  if (outer.aborted) return { kind: "failed", why: "interrupted before the call" };
  const own = new AbortController();
  const cut = Promise.withResolvers<Answer<T>>();
  const stop = (why: string, reason: unknown): void => {
    // A moment for a driver that listens to its signal: its own answer says more.
    run.engine.clock.after(GRACE, () => cut.resolve({ kind: "unknown", why }));
    own.abort(reason);
  };
  const cancelTimer = run.engine.clock.after(timeout, () =>
    stop(`no answer within ${timeout} ms`, new Error("timeout")),
  );
  // Not `AbortSignal.any`: node keeps one that is listened to for ever, and all that its listeners know with it.
  const interrupt = (): void => stop("interrupted", outer.reason);
  outer.addEventListener("abort", interrupt, { once: true });
  try {
    return await Promise.race([attempt(call, own.signal), cut.promise]);
  } finally {
    cancelTimer();
    outer.removeEventListener("abort", interrupt);
  }
}

async function attempt<T>(
  call: (signal: AbortSignal) => Promise<Answer<T>>,
  signal: AbortSignal,
): Promise<Answer<T>> {
  try {
    return await call(signal);
  } catch (error) {
    return { kind: "unknown", why: error instanceof Error ? error.message : String(error) };
  }
}

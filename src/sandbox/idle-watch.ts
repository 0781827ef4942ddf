/** Tells when nobody needs the sandbox any more. */
export interface IdleWatch {
  /** Somebody asked something: the clock starts again. */
  touch(): void;
  stop(): void;
}

/**
 * Calls `onIdle` once, `idleMs` after the last `touch`, but never while `isHeld()` says that the runner is there: a
 * held rollout may be silent for hours. The clock also starts again when the runner has gone.
 */
export function watchIdle(idleMs: number, isHeld: () => boolean, onIdle: () => void): IdleWatch {
  const everyMs = Math.max(10, Math.min(1000, idleMs / 4));
  let last = performance.now();
  const timer = setInterval(() => {
    if (isHeld()) last = performance.now();
    else if (performance.now() - last >= idleMs) {
      clearInterval(timer);
      onIdle();
    }
  }, everyMs);
  return {
    touch: () => {
      last = performance.now();
    },
    stop: () => clearInterval(timer),
  };
}

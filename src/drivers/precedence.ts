/**
 * What only observes lets the first change go first: loading it takes the time in which the undo could be written, and read
 * back.
 */
export interface Precedence {
  /** A call of an action has been answered, or the read-back of a write; or there is none to come. */
  readonly changed: () => void;
  /** Resolves then, or when that takes too long to wait for. */
  readonly turn: () => Promise<void>;
}

/** How long what observes stands back, in milliseconds: an undo that hangs must not keep it. */
const STAND_BACK = 1000;

/**
 * For `count` rollouts that are undone at once: each call gives the precedence of one, and what observes any of them stands
 * back until all of them changed.
 */
export function createPrecedence(count: number): () => Precedence {
  const { promise, resolve } = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  let left = count;
  const turn = (): Promise<void> => {
    timer ??= setTimeout(resolve, STAND_BACK);
    return promise.finally(() => clearTimeout(timer));
  };
  return () => {
    let isDone = false;
    const changed = (): void => {
      if (isDone) return;
      isDone = true;
      left -= 1;
      if (left === 0) resolve();
    };
    return { changed, turn };
  };
}

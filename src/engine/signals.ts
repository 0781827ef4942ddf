/** What a person at the terminal wants after a Ctrl-C. */
export type SignalAnswer = "roll-back" | "detach" | "go-on";

export interface SignalQuestion {
  /** What a guard would do with the rollout, in words; null while none watches. May change while the person thinks. */
  readonly guard: () => string | null;
  /** Aborted when there is nothing to ask any more: the rollout goes back, or this process lost it. */
  readonly over: AbortSignal;
}

/** The process's signals, so that tests can send their own. */
export interface SignalPort {
  /** Calls with the signal's name and how many have come; the returned function stops listening. */
  onSignal(call: (name: string, nth: number) => void): () => void;
  /** Somebody starts the process again that was told to leave, as a Job does: it leaves, and what it left is run on. */
  readonly startsAgain?: true;
  /**
   * Asks the person who sent this signal what to do; nobody who answers in time wants to roll back. Null where nobody can
   * be asked, at once; resolves to null when the question is over.
   */
  readonly ask?: (name: string, question: SignalQuestion) => Promise<SignalAnswer | null> | null;
}

const WATCHED = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** SIGINT, SIGTERM and SIGHUP of this process. */
export const processSignals: SignalPort = {
  onSignal(call) {
    let count = 0;
    const listeners = WATCHED.map((name) => {
      const listener = (): void => {
        count += 1;
        call(name, count);
      };
      process.on(name, listener);
      return () => process.off(name, listener);
    });
    return () => {
      for (const stop of listeners) stop();
    };
  },
};

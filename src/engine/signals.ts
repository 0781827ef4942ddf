/** The process's signals, so that tests can send their own. */
export interface SignalPort {
  /** Calls with the signal's name and how many have come; the returned function stops listening. */
  onSignal(call: (name: string, nth: number) => void): () => void;
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

import type { Clock } from "./ports.ts";

/** setTimeout fires at once beyond this many milliseconds, so longer waits are taken in parts. */
const LONGEST = 2_147_000_000;

/** The machine's clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => Math.round(performance.now()),
  after(ms, call) {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      timer = setTimeout(
        () => (left > LONGEST ? wait(left - LONGEST) : call()),
        Math.min(left, LONGEST),
      );
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};

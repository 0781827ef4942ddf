/** A source of numbers in [0, 1). */
export type Rng = () => number;

/**
 * A small seeded generator (mulberry32): the same seed gives the same world, which is all that the sandbox asks of it.
 * Not for secrets, not for statistics.
 */
export function createRng(seed: number): Rng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

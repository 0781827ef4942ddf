/** A duration in milliseconds; never negative. */
export type Millis = number;

/** A point in time: milliseconds since the Unix epoch, UTC. */
export type WallTime = number;

/** A reading of a process-local monotonic clock in milliseconds; comparable only within one process. */
export type MonoTime = number;

/** A share of traffic or users in percent, 0 to 100. */
export type Percent = number;

/** Any JSON value. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

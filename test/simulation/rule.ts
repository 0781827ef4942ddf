import type { History } from "./world.ts";

/** What must be true of every run, whatever happened in it. `broken` says how it is not, or null. */
export interface Rule {
  readonly name: string;
  readonly broken: (history: History) => string | null;
}

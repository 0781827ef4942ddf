import type { Invariant } from "./invariant.ts";
import { onTheWayBack } from "./invariants-back.ts";
import { onEndings } from "./invariants-end.ts";
import { onTheWayForward } from "./invariants-forward.ts";
import { inStages } from "./invariants-stages.ts";

/** Every rule of the machine, by name. */
export const invariants: readonly Invariant[] = [
  ...onTheWayForward,
  ...inStages,
  ...onTheWayBack,
  ...onEndings,
];

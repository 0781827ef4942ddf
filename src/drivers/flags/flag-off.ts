import type { FlagTarget } from "./flag-input.ts";

/** The same flag switched off, whatever it was before; null where the action switches it off itself. */
export function offOf<I extends FlagTarget>(input: I): I | null {
  if (input.share !== undefined) return { ...input, share: "0%" };
  return input.enabled === true ? { ...input, enabled: false, everyone: undefined } : null;
}

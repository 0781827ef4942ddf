import type { TakeOverRequest } from "../engine/take-over.ts";
import type { Elsewhere } from "./ended-elsewhere.ts";

/**
 * What a takeover has to heed where the other folders of its rollout say nothing: the claims on its targets then decide whether
 * it has them still. Says what was not read.
 */
export function contestedBy(
  elsewhere: Elsewhere | null,
  say: (text: string, more: readonly string[]) => void,
): Pick<TakeOverRequest, "contested"> {
  if (elsewhere?.kind !== "unknown") return {};
  const told = new Set<string>();
  say("not read: whether it was rolled back elsewhere the claims on its targets say", [
    ...elsewhere.unread,
  ]);
  return {
    contested: (why) => {
      if (!told.has(why)) say("nor could the claims on its targets be read", [why]);
      told.add(why);
    },
  };
}

import type { Action, Stage } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import type { Loading } from "../loading.ts";
import { normalizeActions } from "./actions.ts";
import type { Names } from "./names.ts";

/** Actions that hold for as long as the rollout does, and what ends them when it is promoted. */
export interface During {
  readonly begin: readonly Action[];
  readonly end: readonly Action[];
}

const PATH = ["during"];

/**
 * `during`: on before the first stage, undone at every end. On the way back they are undone like every action; a promotion
 * ends with their undo, last done first: fields get the values that were captured, calls their stated undo.
 */
export function normalizeDuring(loading: Loading, list: Json | undefined, names: Names): During {
  const begin = normalizeActions(loading, { list, path: PATH, owner: "during" }, names, null);
  const end = begin.toReversed().flatMap((action) => endOf(loading, action));
  return { begin, end };
}

/** The stages with what is on during all of them in front. */
export function withDuring(stages: readonly Stage[], { begin }: During): readonly Stage[] {
  const [first, ...rest] = stages;
  if (first === undefined || begin.length === 0) return stages;
  return [{ ...first, actions: [...begin, ...first.actions] }, ...rest];
}

function endOf(loading: Loading, action: Action): readonly Action[] {
  const { undo } = action;
  if (undo === "none") return [];
  const id = `${action.id}/end`;
  loading.sourceOf.set(`action:${id}`, loading.sourceOf.get(`action:${action.id}`) ?? PATH);
  if (undo !== "auto") return [{ ...undo, id, undo: "none" }];
  const title = `end of: ${action.title}`;
  return [{ ...action, id, title, role: "release", releases: action.id, outputs: {} }];
}

import { nearest } from "../nearest.ts";
import { habit } from "./habits.ts";

const MOST = 12;

/** What to write instead of a name that does not exist: the nearest one, or the list of those that do. */
export function unknownName(name: string, allowed: readonly string[]): string | null {
  const close = nearest(name, allowed) ?? habit(name, allowed);
  if (close !== null) return `did you mean ${close}?`;
  if (allowed.length === 0) return null;
  const list = allowed.slice(0, MOST).join(", ");
  return `there is ${list}${allowed.length > MOST ? ", …" : ""}`;
}

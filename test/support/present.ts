/** A value that must be there; `why` is told when it is not. */
export function present<T>(value: T | null | undefined, why = "there is none"): T {
  if (value === null || value === undefined) throw new Error(why);
  return value;
}

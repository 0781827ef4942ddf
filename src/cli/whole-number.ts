import { UsageError } from "./usage-error.ts";

/** A whole number of an option, within bounds. */
export function wholeNumber(
  option: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const value = Number(text);
  if (!/^\d+$/u.test(text) || value < least || value > most)
    throw new UsageError(`${option} ${text}`, `write a whole number from ${least} to ${most}`);
  return value;
}

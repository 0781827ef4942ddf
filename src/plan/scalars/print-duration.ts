import type { Millis } from "../../core/units.ts";

const UNITS: readonly (readonly [string, Millis])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

/** A duration as the plan language writes it: `1h30m`, `90s` as `1m30s`, 0 as `0s`. */
export function printDuration(ms: Millis): string {
  let rest = ms;
  let text = "";
  for (const [unit, size] of UNITS) {
    const count = unit === "ms" ? rest : Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === "" ? "0s" : text;
}

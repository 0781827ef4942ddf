import type { WallTime } from "../core/units.ts";
import type { Freeze } from "./policy.ts";
import { isInWeek } from "./week.ts";

/** The freezes that a tier is under at a time. */
export function freezesInForce(
  freezes: readonly Freeze[],
  tier: string,
  now: WallTime,
): readonly Freeze[] {
  return freezes.filter(
    ({ when, tiers }) => (tiers.length === 0 || tiers.includes(tier)) && covers(when, now),
  );
}

function covers(when: Freeze["when"], now: WallTime): boolean {
  if (when.kind === "between") return now >= when.from && now < when.to;
  return isInWeek(now, when, when.zone);
}

/** When a freeze is, in words. */
export function describeFreeze({ name, when }: Freeze): string {
  if (when.kind === "weekly") return `${name} (${when.text}, ${when.zone})`;
  return `${name} (until ${new Date(when.to).toISOString()})`;
}

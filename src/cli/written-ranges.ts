import type { Plan } from "../core/plan.ts";
import type { DriverCatalog } from "../plan/driver-catalog.ts";
import { formatDuration } from "../report/format-duration.ts";

/**
 * Names the metrics whose queries write out how far back they look (`[5m]`): shortened time does not reach into them. Null
 * where there are none.
 */
export function writtenRanges(plan: Plan, { metrics }: DriverCatalog): string | null {
  const named = Object.values(plan.metrics).flatMap(({ name, driver, query }) => {
    const written = metrics.get(driver)?.window(query) ?? 0;
    return written > 0 ? [`${name} (${formatDuration(written)})`] : [];
  });
  if (named.length === 0) return null;
  return (
    `warning: --time-scale does not shorten what queries write out: ${named.join(", ")}\n` +
    "  these look back as far as they say; to have them shortened: `window: 5m`, and [${window}] in the query"
  );
}

import type { Millis, WallTime } from "../core/units.ts";
import type { DriverContext } from "./driver.ts";

/** How long rate limits are waited out altogether: a write has 30 s, and must still be sent in them. */
const PATIENCE: Millis = 15_000;
const LEAST_WAIT: Millis = 50;

type Headers = Readonly<Record<string, string>>;

/**
 * Waits until a rate limit is over, given the headers of a 429: such a request was never acted on and may be sent again.
 * Null when it has waited; a text says why it has not: the service names no time, or too long a one, or it was interrupted.
 */
export function patientWith(
  context: Pick<DriverContext, "now" | "sleep">,
): (headers: Headers) => Promise<string | null> {
  let patience = PATIENCE;
  return async (headers) => {
    const wait = waitOf(headers, context.now());
    if (wait === null) return "rate limited, without a word until when";
    if (wait > patience) return `rate limited for ${Math.ceil(wait / 1000)} s, too long to wait`;
    patience -= wait;
    try {
      await context.sleep(wait);
      return null;
    } catch {
      return "interrupted while it waited for a rate limit";
    }
  };
}

/**
 * How long a rate limit lasts, by `Retry-After` (seconds or a date) or `X-Ratelimit-Reset` (milliseconds since 1970);
 * null when neither says so.
 */
function waitOf(headers: Headers, now: WallTime): Millis | null {
  const after = headers["retry-after"];
  const reset = headers["x-ratelimit-reset"];
  const waits: number[] = [];
  if (after !== undefined && /^\d+(\.\d+)?$/.test(after)) waits.push(Number(after) * 1000);
  else if (after !== undefined && !Number.isNaN(Date.parse(after)))
    waits.push(Date.parse(after) - now);
  // Others count seconds here, from now or since 1970: what is not clearly milliseconds says nothing.
  if (reset !== undefined && /^\d{13}$/.test(reset)) waits.push(Number(reset) - now);
  return waits.length === 0 ? null : Math.max(LEAST_WAIT, ...waits);
}

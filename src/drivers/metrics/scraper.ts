import type { WallTime } from "../../core/units.ts";
import type { DriverContext } from "../driver.ts";
import { parseExposition, type Exposed } from "./parse-exposition.ts";
import { errorSample, wordsOf, type NoValue } from "./sample-of.ts";
import { askSource, describeStatus, firstWords, type SignIn } from "./source-request.ts";

export interface Scrape {
  readonly kind: "scrape";
  readonly at: WallTime;
  readonly samples: readonly Exposed[];
}

export type ScrapeTarget = SignIn & { readonly url: string };
export type Scraper = (target: ScrapeTarget, context: DriverContext) => Promise<Scrape | NoValue>;

interface Finished {
  readonly result: Scrape | NoValue;
  /** Whether it ended because the one who asked was interrupted. */
  readonly cut: boolean;
}

const ACCEPT = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";

/**
 * Scrapes one endpoint for all who ask: those who ask while a scrape is under way share it, so the metrics of a tick see
 * the same values and the endpoint sees one request. `onScrape` is called once for each that succeeded.
 */
export function createScraper(onScrape: (scrape: Scrape) => void): Scraper {
  let running: Promise<Finished> | null = null;
  let lastAt: WallTime | null = null;

  async function once(target: ScrapeTarget, context: DriverContext): Promise<Finished> {
    try {
      const result = await scrapeTarget(target, context);
      if (result.kind === "scrape") {
        lastAt = result.at;
        onScrape(result);
        return { result, cut: false };
      }
      return { result: withAge(result, lastAt, context.now()), cut: context.signal.aborted };
    } catch (error) {
      return { result: errorSample(wordsOf(error)), cut: context.signal.aborted };
    }
  }

  return scrape;

  async function scrape(target: ScrapeTarget, context: DriverContext): Promise<Scrape | NoValue> {
    if (running !== null) {
      const { result, cut } = await running;
      // Another one's scrape may have been cut by that one's own bound: then it is ours to try.
      return cut && !context.signal.aborted ? await scrape(target, context) : result;
    }
    running = once(target, context);
    try {
      return (await running).result;
    } finally {
      running = null;
    }
  }
}

async function scrapeTarget(
  target: ScrapeTarget,
  context: DriverContext,
): Promise<Scrape | NoValue> {
  const answer = await askSource(
    { url: target.url, method: "GET", accept: ACCEPT },
    target,
    context,
  );
  if (answer.kind === "noAnswer") return errorSample(answer.why);
  if (answer.status !== 200)
    return errorSample(`the metrics endpoint ${describeStatus(answer.status, answer.body)}`);
  if (answer.body.trim() === "")
    return errorSample("the metrics endpoint answered 200 with nothing");
  const format = /^application\/openmetrics-text/i.test(answer.type) ? "openmetrics" : "text";
  const parsed = parseExposition(answer.body, format);
  if (parsed.kind === "error")
    return errorSample(`the metrics endpoint answered no metrics: ${firstWords(parsed.why)}`);
  return { kind: "scrape", at: context.now(), samples: parsed.samples };
}

function withAge(sample: NoValue, lastAt: WallTime | null, now: WallTime): NoValue {
  return lastAt === null
    ? sample
    : {
        ...sample,
        why: `${sample.why} (it last answered ${Math.round((now - lastAt) / 1000)} s ago)`,
      };
}

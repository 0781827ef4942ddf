import { startLoopbackServer } from "./loopback-server.ts";
import { ask } from "./split-world.ts";

/** How many of the last answers a share is of: a round of every router has come by in them. */
const KEPT = 400;

export interface Load extends AsyncDisposable {
  /** Tells as JSON which share of the last answers came from the canary, by router. */
  readonly url: string;
  /** What it tells as the rate of errors. */
  errors: number;
  shareOf(router: string): number;
}

/** Sends requests through routers all the time, and counts who answers. */
export async function startLoad(routers: Readonly<Record<string, string>>): Promise<Load> {
  const answers = new Map<string, string[]>(Object.keys(routers).map((name) => [name, []]));
  const shareOf = (name: string): number => {
    const last = answers.get(name) ?? [];
    return last.filter((answer) => answer === "canary").length / Math.max(1, last.length);
  };
  const told = { errors: 0 };
  const server = await startLoopbackServer(() => ({
    status: 200,
    body: JSON.stringify({
      errors: told.errors,
      ...Object.fromEntries(
        [...answers].map(([name, { length }]) => [
          name,
          { share: shareOf(name), requests: length },
        ]),
      ),
    }),
  }));
  const stop = new AbortController();
  const loads = Object.entries(routers).map(async ([name, url]) => {
    while (!stop.signal.aborted) {
      const got = await Promise.all(Array.from({ length: 20 }, () => ask(url)));
      answers.set(name, [...(answers.get(name) ?? []), ...got].slice(-KEPT));
      // Leaves the processor to the routers and to what is tested.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  return {
    url: server.url,
    get errors() {
      return told.errors;
    },
    set errors(rate) {
      told.errors = rate;
    },
    shareOf,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(loads);
      await server[Symbol.asyncDispose]();
    },
  };
}

import { http } from "../../src/drivers/checks/http.ts";
import type { DriverContext } from "../../src/drivers/driver.ts";
import { posthog } from "../../src/drivers/flags/posthog.ts";
import { builtInSinks } from "../../src/sinks/built-in-sinks.ts";
import { everySource } from "../drivers/metrics/no-data/every-source.ts";
import { createRandom } from "../simulation/random.ts";
import { notice, trySink } from "../sinks/support/try-sink.ts";
import { driverContext } from "../support/driver-context.ts";
import { rawServer } from "../support/raw-server.ts";
import { answering, type WireAnswer } from "./http-fuzz.ts";

/** Somebody who asks a server and says how that went. */
interface Client {
  readonly name: string;
  readonly ask: (url: string) => Promise<object>;
  /** Kinds of answer that claim that all went well. */
  readonly claims: readonly string[];
}

/** How all clients fared with servers that answer anything. */
export interface Fared {
  /** Every kind of answer that was given. */
  readonly kinds: readonly string[];
  readonly wrong: readonly string[];
}

/** Nobody waits: what a server asks to be left alone for is over at once. */
const context = (connection: DriverContext["connection"] = {}): DriverContext => ({
  ...driverContext({ connection, signal: AbortSignal.timeout(20_000) }),
  sleep: () => Promise.resolve(),
});

const sources: readonly Client[] = everySource.flatMap(({ source: name, http: asked }) =>
  asked === undefined
    ? []
    : [
        {
          name,
          claims: ["value"],
          async ask(url: string) {
            const { driver, query, config = {}, window = 60_000 } = asked;
            const opened = driver.open(driver.config.parse({ url, ...config }));
            try {
              return await opened.sample(driver.query.parse(query), window, context());
            } finally {
              opened.close();
            }
          },
        },
      ],
);

const token = "t";
const SINKS: Readonly<Record<string, (url: string) => object>> = {
  webhook: (url) => ({ url }),
  slack: (url) => ({ token, channel: "#deploys", api: `${url}/api` }),
  pagerduty: (url) => ({ key: "k", url }),
  grafana: (url) => ({ url, token }),
  github: (url) => ({ url, token, repo: "acme/shop", ref: "v1" }),
  statuspage: (url) => ({ url, token, page: "pg1", components: ["c1"] }),
};

const sinks: readonly Client[] = [...builtInSinks()].flatMap(([name, sink]) => {
  const config = SINKS[name];
  if (config === undefined) return [];
  const options: Readonly<Record<string, string>> =
    name === "statuspage" ? { status: "investigating", impact: "minor" } : {};
  const told = notice({ event: "started" });
  const ask = (url: string) =>
    trySink(sink, told, {
      config: { ...config(url) },
      options,
      signal: AbortSignal.timeout(20_000),
    });
  return [{ name, claims: ["delivered"], ask }];
});

const others: readonly Client[] = [
  {
    name: "http check",
    claims: ["pass"],
    ask: (url) => http.run(http.input.parse({ http: `${url}/healthz` }), context()),
  },
  {
    name: "posthog",
    claims: ["ok"],
    ask: (url) =>
      posthog.changes(
        { input: { flag: "checkout", project: 1 }, share: 5, connectionName: "hog" },
        context({ url, bearer: token }),
      ),
  },
];

/** Lets every client that ships ask such servers `runs` times. */
export async function fuzzHttp(seed: number, runs: number): Promise<Fared> {
  const kinds = new Set<string>();
  const wrong: string[] = [];
  for (let run = 0; run < runs; run += 1) {
    for (const [index, client] of [...sources, ...sinks, ...others].entries()) {
      const own = (seed + run) * 100 + index;
      const { serve, given } = answering(createRandom(own));
      await using server = await rawServer(serve);
      const answer = await client.ask(server.url).catch((error: unknown) => error);
      const how = judge(client, answer, given);
      if (how !== null) wrong.push(`${client.name}, seed ${own}: ${how}`);
      if (answer !== null && typeof answer === "object" && "kind" in answer)
        kinds.add(String(answer.kind));
    }
  }
  return { kinds: [...kinds], wrong };
}

/** What is wrong with what a client made of the answers that it was given; null for nothing. */
function judge(client: Client, answer: unknown, given: readonly WireAnswer[]): string | null {
  if (answer instanceof Error) return `it threw ${answer.stack ?? answer.message}`;
  const { kind = "", value } = answer as { readonly kind?: string; readonly value?: unknown };
  const text = JSON.stringify(answer);
  if (/TypeError|RangeError|\\n\s+at |undefined is not|Cannot read/u.test(text))
    return `it says ${text}`;
  if (kind === "value" && typeof value === "number" && !Number.isFinite(value))
    return `it measured ${value}`;
  if (client.claims.includes(kind) && !given.some(({ isSuccess }) => isSuccess))
    return `it claims ${text} of ${given.map(({ bytes }) => bytes.toString().slice(0, 200)).join(" | ")}`;
  return null;
}

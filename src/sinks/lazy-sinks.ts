import type { SinkDriver } from "./sink.ts";

interface LazySink {
  readonly load: () => Promise<SinkDriver>;
  readonly closes: SinkDriver["closes"];
}

const sinks: Readonly<Record<string, LazySink>> = {
  slack: { load: async () => (await import("./slack.ts")).slack, closes: null },
  pagerduty: { load: async () => (await import("./pagerduty.ts")).pagerduty, closes: "reason" },
  grafana: { load: async () => (await import("./grafana.ts")).grafana, closes: "end" },
  statuspage: { load: async () => (await import("./statuspage.ts")).statuspage, closes: null },
  email: { load: async () => (await import("./email.ts")).email, closes: null },
  webhook: { load: async () => (await import("./webhook.ts")).webhook, closes: null },
  github: { load: async () => (await import("./github.ts")).github, closes: "end" },
};

/**
 * The sinks, each loaded at its first message and without its schema. `turn` resolves when what observes may load: the
 * first write of an abort goes before its first message.
 */
export function lazySinks(turn: () => Promise<void>): ReadonlyMap<string, SinkDriver> {
  return new Map(Object.entries(sinks).map(([type, sink]) => [type, lazySink(type, sink, turn)]));
}

function lazySink(type: string, { load, closes }: LazySink, turn: () => Promise<void>): SinkDriver {
  return {
    type,
    description: "",
    get config() {
      return notLoaded(type);
    },
    secrets: [],
    options: null,
    closes,
    async deliver(notice, context) {
      await turn();
      return (await load()).deliver(notice, context);
    },
  };
}

/** What a plan is written against was asked for on the way back: a bug. */
function notLoaded(type: string): never {
  throw new Error(`the schema of ${type} is not loaded on the way back`);
}

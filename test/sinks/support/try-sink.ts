import { createHttp } from "../../../src/drivers/http.ts";
import type { Delivery, Notice, Receipt, SinkDriver } from "../../../src/sinks/sink.ts";

export const ROLLOUT = "01kaj0000000000000000abcde";

/** A notice as the outbox makes it. */
export function notice(more: Partial<Notice> = {}): Notice {
  const event = more.event ?? "stage-started";
  const pilot = { name: "pilot", share: 5, state: "running", began: 1_760_000_000_000 } as const;
  return {
    key: `${ROLLOUT}/1.17/${event}/1`,
    event,
    asked: true,
    at: 1_760_000_060_000,
    rollout: ROLLOUT,
    plan: "checkout",
    owner: "team checkout",
    links: { dashboard: "https://grafana.example/d/x", runbook: "./RUNBOOK.md" },
    subject: "checkout: stage pilot began, 5 %",
    text: "",
    tone: "info",
    needsPerson: false,
    isOver: false,
    isEnd: false,
    stage: pilot,
    progress: [pilot, { name: "full", share: 100, state: "to come", began: null }],
    ...more,
  };
}

export interface Trial {
  readonly config: Readonly<Record<string, unknown>>;
  readonly receipt?: Receipt;
  readonly options?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** One try of a sink, over real HTTP. The config is validated as a plan's would be. */
export function trySink(sink: SinkDriver, told: Notice, trial: Trial): Promise<Delivery> {
  return sink.deliver(told, {
    config: sink.config.parse(trial.config),
    options: trial.options ?? {},
    http: createHttp({ rollout: told.rollout, epoch: 1 }),
    signal: trial.signal ?? AbortSignal.timeout(10_000),
    receipt: trial.receipt ?? {},
    now: () => Date.now(),
  });
}

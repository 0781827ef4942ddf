import type { Event } from "../../../src/core/event.ts";
import type { Plan } from "../../../src/core/plan.ts";
import type { Hold } from "../../../src/core/state.ts";
import type { JournalEntry } from "../../../src/engine/ports.ts";
import type { Scene } from "../../../src/report/scene.ts";

export const ROLLOUT = "01kaj0000000000000000abcde";

const owner = { host: "h", pid: 1, startTime: "1", bootId: "b" };
const cause = { kind: "trigger", text: "error_rate = 0.3 (> 0.2)", by: "canary" } as const;
const hold: Hold = { id: "h1.1", kind: "blind", why: "no data", clears: "self", since: 0 };

/** One event of each kind: a new kind without one does not compile. */
export const everyEvent: { readonly [K in Event["kind"]]: Extract<Event, { kind: K }> } = {
  claimed: {
    kind: "claimed",
    rollout: ROLLOUT,
    plan: "checkout",
    digest: "abc",
    mode: "start",
    cause: null,
    by: "ana",
    owner,
    end: null,
  },
  "preflight-finished": {
    kind: "preflight-finished",
    effect: "1.1",
    problems: [],
    outputs: { stable: "v1" },
  },
  "baseline-captured": {
    kind: "baseline-captured",
    effect: "1.2",
    problems: [],
    locked: false,
    fields: { a: "hash" },
    metrics: { p95: 0.1 },
  },
  "read-back-finished": {
    kind: "read-back-finished",
    effect: "1.3",
    differences: [{ field: "a", label: "router share", expected: "10", live: "12" }],
    unreadable: null,
  },
  "action-intended": { kind: "action-intended", effect: "1.4", action: "pilot/1-http", fields: {} },
  "action-finished": {
    kind: "action-finished",
    effect: "1.4",
    action: "pilot/1-http",
    result: "failed",
    why: "the server said no",
    outputs: { id: 7 },
  },
  "check-finished": {
    kind: "check-finished",
    effect: "1.5",
    check: "health",
    result: "fail",
    detail: "status 500",
    outputs: {},
  },
  measured: {
    kind: "measured",
    effect: "1.6",
    key: "p95",
    sample: { kind: "value", value: 0.2, samples: 10, observedAt: null },
  },
  collected: {
    kind: "collected",
    effect: "1.7",
    taken: ["a.txt"],
    missing: ["b.txt"],
    missingRequired: ["c.txt"],
  },
  "timer-fired": { kind: "timer-fired", effect: "1.8" },
  "word-received": {
    kind: "word-received",
    word: {
      kind: "confirm",
      by: "ana",
      reason: "looks good",
      check: "go-live",
      yes: true,
      stage: null,
      hold: null,
    },
    place: 3,
  },
  interrupted: { kind: "interrupted", by: "ana", reason: "SIGINT" },
  "journal-lost": { kind: "journal-lost", why: "no space left" },
  "undo-intended": { kind: "undo-intended", effect: "1.9", group: "traffic", fields: ["a"] },
  "undo-stalled": { kind: "undo-stalled", undo: "1.9" },
  "undo-finished": {
    kind: "undo-finished",
    effect: "1.9",
    group: "traffic",
    results: [{ field: "a", label: "router share", result: "foreign", why: "it is 12" }],
  },
  secured: { kind: "secured", effect: "1.10", certain: false, how: "the old runner is elsewhere" },
  searched: {
    kind: "searched",
    effect: "2.4",
    actions: ["pilot/1-set-flag"],
    why: "beta is true, and no line of it says so",
    left: [],
  },
  superseded: { kind: "superseded", byEpoch: 2 },
  started: { kind: "started" },
  "stage-started": { kind: "stage-started", stage: "pilot", share: 10 },
  "soak-started": { kind: "soak-started", stage: "pilot", soak: 90_000 },
  "soak-restarted": { kind: "soak-restarted", stage: "pilot", why: "a gate was red" },
  detached: { kind: "detached", by: "ana", reason: "SIGTERM received" },
  "gate-judged": { kind: "gate-judged", gate: "p95 < 200ms", outcome: "fail", detail: "p95 = 0.3" },
  compared: {
    kind: "compared",
    place: "gate",
    condition: "error_rate <= 2x stable",
    detail: "error_rate: canary 2 of 400 (0.5%), stable 9 of 4000 (0.225%): 2.22x stable",
  },
  triggered: { kind: "triggered", trigger: "errors", does: "rollback", detail: "error_rate = 0.3" },
  warned: { kind: "warned", trigger: "slow", detail: "p95 = 0.3" },
  paged: { kind: "paged", trigger: "slow", detail: "p95 = 0.3" },
  held: { kind: "held", hold },
  resumed: { kind: "resumed", hold: "h1.1", by: "ana" },
  "playbook-finished": { kind: "playbook-finished", playbook: "limits", problem: null },
  "word-skipped": { kind: "word-skipped", place: 2, why: "it is no file" },
  "word-refused": { kind: "word-refused", by: "ana", why: "nothing holds" },
  "word-counted": {
    kind: "word-counted",
    about: "confirm go-live",
    by: "ana",
    missing: "1 more of council",
  },
  "gate-overridden": {
    kind: "gate-overridden",
    gate: "pilot/p95 < 200ms",
    by: ["ana", "bo"],
    reason: "a known outlier",
  },
  "stage-passed": { kind: "stage-passed", stage: "pilot" },
  stopping: { kind: "stopping", cause },
  "rolling-back": { kind: "rolling-back", cause },
  "stepped-down": { kind: "stepped-down", share: 5 },
  "capture-taken": { kind: "capture-taken", path: "stages/01-pilot/a.txt", sha256: "ab" },
  "undo-retried": {
    kind: "undo-retried",
    field: "a",
    label: "router share",
    wanted: "0",
    found: "10",
    why: "written, and it reads back as 10",
    byHand: ['PUT /router {"canary":0}'],
    left: 300_000,
  },
  signalled: { kind: "signalled", by: "ana", reason: "SIGTERM received" },
  restored: { kind: "restored" },
  verified: { kind: "verified" },
  delivered: {
    kind: "delivered",
    reaction: "stage-passed/1/slack",
    of: "1.17",
    to: "slack",
    receipt: { ts: "1.2" },
  },
  "not-delivered": {
    kind: "not-delivered",
    reaction: "stage-passed/1/slack",
    of: "1.17",
    to: "slack",
    receipt: {},
    why: "no answer within 10000 ms",
    tries: 5,
  },
};

/** An entry at a time in seconds. */
export function entryOf(event: Event, second = 0): JournalEntry {
  return { at: second * 1000, mono: second * 1000, epoch: 1, seq: 1, actor: "ana", event };
}

/** A plan with one stage that waits for a person. */
export const plan: Plan = {
  apiVersion: "canary/v1",
  kind: "Plan",
  name: "checkout",
  about: { owner: null, tier: null, links: {} },
  params: {},
  connections: {},
  metrics: {},
  checks: {
    "go-live": {
      name: "go-live",
      driver: "confirm",
      connection: null,
      input: { question: "product says go" },
      interval: null,
      initialDelay: 0,
      timeout: 1000,
      failureThreshold: 1,
      successThreshold: 1,
      retries: 0,
      as: null,
    },
  },
  preflight: [],
  stages: [
    {
      name: "pilot",
      folder: "01-pilot",
      share: 10,
      actions: [
        {
          id: "pilot/1-http",
          title: "http PUT /router",
          driver: "http",
          connection: null,
          role: "traffic",
          share: 10,
          input: {},
          timeout: 30_000,
          ready: 60_000,
          reversible: true,
          undo: "auto",
          onUnknown: "hold",
          outputs: {},
        },
      ],
      checks: ["go-live"],
      soak: 90_000,
      within: 180_000,
      interval: 5000,
      tolerate: 0,
      gates: [
        {
          id: "g1",
          condition: { kind: "confirmed", text: "go-live confirmed", check: "go-live" },
        },
      ],
      evidence: [],
    },
  ],
  finish: [],
  triggers: [],
  rollback: {
    actions: [],
    gradual: null,
    verify: { wait: 0, within: 600_000, interval: 5000, checks: [], gates: [] },
  },
  onRunnerLost: "rollback",
  maxBlind: 600_000,
  interval: 5000,
};

export const scene: Scene = { plan, rollout: ROLLOUT, evidence: "/e/x" };

export interface SinkNote {
  /** A connection, and lines of `on:` that use it, as lines of YAML. */
  readonly connection: readonly string[];
  readonly lines: readonly string[];
  /** Below `test/`. */
  readonly test: string;
  readonly against: string;
  /** The least that the credential must be allowed. */
  readonly rights: string;
  readonly more: readonly string[];
}

export const sinkNotes: Readonly<Record<string, SinkNote>> = {
  slack: {
    connection: ['slack: { type: slack, token: "${env:SLACK_TOKEN}", channel: "#deploys" }'],
    lines: ["started: [{ to: slack }]", "stage-passed: [{ to: slack }]"],
    test: "sinks/slack.test.ts",
    against: "a contract fake of the Web API and of an incoming webhook",
    rights: "a bot token with `chat:write`, and the bot in the channel (or `chat:write.public`)",
    more: [
      "The first message of a rollout becomes the living one: `chat.update` shows in it the stages and what happened last.",
      "Every later event is told in its thread, and in the channel too when a person is needed. A living message that was",
      "removed is written anew. With `url` instead of `token` it goes through an incoming webhook, which can neither change",
      "a message nor thread: each event is a message. What a target said cannot mention a channel: its `<`, `>` and `&`",
      "are escaped.",
    ],
  },
  pagerduty: {
    connection: ['duty: { type: pagerduty, key: "${env:PD_KEY}" }'],
    lines: [
      "stage-passed: [{ to: duty }]",
      "held: [{ to: duty }]",
      "rollback-failed: [{ to: duty }]",
    ],
    test: "sinks/pagerduty.test.ts",
    against: "a contract fake of the Events API v2",
    rights: "the integration key of one service (Events API v2)",
    more: [
      "Steps are change events: shown beside incidents, they page nobody. An incident is opened only when a person is",
      "needed: `paged`, a hold that waits for a person's decision, `rollback-failed`, `halted`. Planned confirmations and",
      "holds that clear themselves call nobody. There is one incident for each rollout (its `dedup_key`); it is resolved",
      "when the hold is over or the rollout ends well, also where no line of `on` says so.",
    ],
  },
  grafana: {
    connection: [
      'grafana: { type: grafana, url: "https://grafana.example.com", token: "${env:GRAFANA_TOKEN}" }',
    ],
    lines: [
      "stage-started: [{ to: grafana }]",
      "stage-passed: [{ to: grafana }]",
      "warned: [{ to: grafana }]",
    ],
    test: "sinks/grafana.test.ts",
    against: "a contract fake of the annotations API",
    rights:
      "a service account token with `annotations:create`, `annotations:write`, `annotations:read`",
    more: [
      "With `stage-started` a stage is a region that grows; with `stage-passed` or `rolling-back` alone it is drawn whole at",
      "its end. Everything else is a mark. Grafana colours by annotation query: make one for each of the tags",
      "`canary:passed` (green), `canary:rolled-back` and `canary:stopped` (red), `canary:running` (blue) and `canary:warned`",
      "(yellow). Every annotation also has the tags `canary`, `plan:NAME` and `rollout:ID`. The connection also serves the",
      "evidence item [`panel`](drivers.md#evidence-panel).",
    ],
  },
  statuspage: {
    connection: [
      'status: { type: statuspage, page: abc123, token: "${env:STATUSPAGE_TOKEN}", components: [c1] }',
    ],
    lines: [
      "rolling-back:",
      "  - to: status",
      "    status: investigating",
      "    component: degraded_performance",
      "    subject: Degraded performance",
      "rolled-back: [{ to: status, status: resolved, component: operational }]",
    ],
    test: "sinks/statuspage.test.ts",
    against: "a contract fake of the incidents API",
    rights: "an API key of the page",
    more: [
      "The page is public, so nothing is shown on it that a line does not state: a line that tells it must have a `status`.",
      "The first line opens the incident of the rollout, the next ones change it, `resolved` ends it. None is closed by",
      "itself. Subscribers are told only with `subscribers: true`.",
    ],
  },
  email: {
    connection: [
      "ops:",
      "  type: email",
      "  host: smtp.example.com",
      "  from: canary@example.com",
      "  to: [ops@example.com]",
      "  user: canary",
      '  password: "${env:SMTP_PASSWORD}"',
    ],
    lines: ["rolled-back: [{ to: ops }]"],
    test: "sinks/email.test.ts",
    against: "a real SMTP server (smtp-server), with STARTTLS, TLS and sign-in",
    rights: "to send as `from`",
    more: [
      "TLS is required unless the server is on this machine and `tls: none` says so. The mails of a rollout are one",
      "conversation, and the id of a mail comes from what it tells: one that arrives twice is known as one. A recipient that",
      "the server refuses while it takes others is in the journal; the others are not written to again.",
    ],
  },
  webhook: {
    connection: [
      'hook: { type: webhook, url: "https://example.com/canary", secret: "${env:HOOK_SECRET}" }',
    ],
    lines: ["promoted: [{ to: hook }]"],
    test: "sinks/webhook.test.ts",
    against: "a real HTTP server; signatures by the library of Standard Webhooks",
    rights: "none, or those of `bearer`",
    more: [
      "A POST of `{ type, timestamp, data }`, where `type` is `rollout.` and the event. With `secret` it is signed by the",
      "[Standard Webhooks](https://www.standardwebhooks.com) scheme: `webhook-id` is the same at each try and is the",
      "idempotency key, `webhook-timestamp` is that of the try. Only 2xx is taken as received; redirects are not followed.",
    ],
  },
  github: {
    connection: [
      "github:",
      "  type: github",
      "  repo: acme/shop",
      '  token: "${env:GITHUB_TOKEN}"',
      '  ref: "${params.version}"',
      "  status: canary/production",
    ],
    lines: ["started: [{ to: github }]", "promoted: [{ to: github }]"],
    test: "sinks/github.test.ts",
    against: "a contract fake of deployments and statuses",
    rights: "`deployments: write`; with `status` also `statuses: write`",
    more: [
      "The first line makes the deployment of the rollout, each later one its state: `in_progress`, then `success`, `failure`",
      "(rolled back) or `error` (a person is needed). It gets its last state also where no line says so. `status` sets a",
      "commit status of that context beside it. An `http` action, check or evidence item that names the connection goes to the",
      "repository with its token: `http: { connection: github, PATCH: /actions/variables/FREEZE, … }`.",
    ],
  },
};

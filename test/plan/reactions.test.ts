import { describe, expect, test } from "vitest";

import { builtInDrivers } from "../../src/drivers/registry.ts";
import { loadPlan } from "../../src/plan/load-plan.ts";
import { lint } from "./support/lint.ts";
import { marks } from "./support/marks.ts";

const HEAD = `apiVersion: canary/v1
name: shop
connections:
  prometheus: { type: prometheus, url: "http://localhost:9090" }
  hook: { type: webhook, url: "http://localhost:8080/hook", secret: "\${env:HOOK_SECRET}" }
  hook2: { type: webhook, url: "\${env:HOOK_URL}" }
metrics:
  p95: { unit: s, query: 'histogram_quantile(0.95, rate(latency_bucket[5m]))' }
checks:
  handled: { confirm: somebody looks after it }
  health: { http: "http://localhost:8080/health" }
traffic:
  - http: { PUT: "http://localhost:8080/share", json: { share: "\${traffic}" }, read: { GET: "http://localhost:8080/share", json: share } }
stages:
  - { name: pilot, traffic: 5%, soak: 15m, checks: [ health ], gates: [ p95 < 200ms ] }
  - { name: full, traffic: 100%, soak: 15m, gates: [ p95 < 200ms ] }
triggers:
  rollback: [ { name: slow, when: p95 > 400ms } ]
  warn: [ { name: rather slow, when: p95 > 300ms } ]
rollback:
  verify: { gates: [ p95 < 200ms ] }
`;

function found(yaml: string): readonly string[] {
  return lint(HEAD + yaml).map(({ code, line }) => `${code}@${line}`);
}

function expectMarks(yaml: string): void {
  expect(found(yaml)).toEqual(marks(HEAD + yaml));
}

const GOOD = `
messages:
  incident:
    subject: Service degradation detected
    text: "\${rollout.plan} goes back: \${event.reason}"
    to: [ hook2 ]
on:
  started: [ { to: hook } ]
  stage-passed: [ { to: [ hook, hook2 ], text: "\${stage.name} passed at \${stage.traffic} %" } ]
  warned: [ { to: hook, trigger: rather slow } ]
  rolling-back:
    - { message: incident, ask: [ handled ] }
    - { to: hook2, after: 15m, unless: handled confirmed }
    - { message: incident, every: 30m, until: rolled-back }
  in-progress: [ { to: hook, every: 1h } ]
  rolled-back: [ { record: "rollback_\${event.time}.txt", text: "why: \${event.reason}" } ]
  promoted: [ { run: [ git, tag, "\${rollout.plan}" ] } ]
  halted: [ { evidence: [ { run: [ date ], as: when.txt }, { metric: p95, as: p95.txt } ] } ]
`;

describe("a plan with `on`", () => {
  test("lints clean, and every place that is told is a line of its own", () => {
    expect(found(GOOD)).toEqual([]);
    const options = { catalog: builtInDrivers(), useExamples: true, set: {} };
    const { plan } = loadPlan({ path: "plan.yaml", text: HEAD + GOOD }, options);
    expect(plan?.reactions?.map(({ id }) => id)).toEqual([
      "started/1/hook",
      "stage-passed/1/hook",
      "stage-passed/1/hook2",
      "warned/1/hook",
      "rolling-back/1/hook2",
      "rolling-back/2/hook2",
      "rolling-back/3/hook2",
      "in-progress/1/hook",
      "rolled-back/1",
      "promoted/1",
      "halted/1",
    ]);
    expect(plan?.reactions?.[4]).toMatchObject({
      subject: "Service degradation detected",
      text: "${rollout.plan} goes back: ${event.reason}",
    });
    expect(plan?.reactions?.[4]?.asks).toEqual(["handled"]);
    expect(plan?.reactions?.[5]).toMatchObject({ after: 900_000, unless: { kind: "confirmed" } });
  });

  test("scales its times with the plan's", () => {
    const options = { catalog: builtInDrivers(), useExamples: true, set: {}, timeScale: 2 };
    const { plan } = loadPlan({ path: "plan.yaml", text: HEAD + GOOD }, options);
    expect(plan?.reactions?.[5]?.after).toBe(1_800_000);
    expect(plan?.reactions?.[7]?.every).toBe(7_200_000);
  });
});

test("a plan without `on` is what it was", () => {
  const options = { catalog: builtInDrivers(), useExamples: true, set: {} };
  const yaml = HEAD.replace("  handled: { confirm: somebody looks after it }\n", "");
  const { plan } = loadPlan({ path: "plan.yaml", text: yaml }, options);
  expect(plan).not.toBeNull();
  expect(Object.keys(plan ?? {})).not.toContain("reactions");
});

const used = "  rolling-back: [ { to: hook, after: 1m, unless: handled confirmed } ]\n";

test.each([
  ["an event that does not exist", `  stage-pased: [ { to: hook } ] # !unknown-event\n`],
  ["a connection that does not exist", `  started: [ { to: hok } ] # !unknown-connection\n`],
  [
    "one of several connections that does not exist",
    `  started: [ { to: [ hook, hok ] } ] # !unknown-connection\n`,
  ],
  [
    "a connection that takes no messages",
    `  started: [ { to: prometheus } ] # !which-connection\n`,
  ],
  [
    "a message that does not exist",
    `  started: [ { to: hook, message: hello } ] # !unknown-message\n`,
  ],
  [
    "a field that no event has",
    `  started: [ { to: hook, text: "\${event.resaon}" } ] # !placeholder\n`,
  ],
  [
    "a parameter that does not exist",
    `  started: [ { to: hook, text: "\${params.x}" } ] # !unknown-param\n`,
  ],
  [
    "a secret in a message",
    `  started: [ { to: hook, text: "\${env:TOKEN}" } ] # !placeholder-misplaced\n`,
  ],
  [
    "a secret in a command",
    `  promoted: [ { run: [ curl, "\${env:TOKEN}" ] } ] # !placeholder-misplaced\n`,
  ],
  [
    "a window in a message",
    `  started: [ { to: hook, text: "\${window}" } ] # !placeholder-misplaced\n`,
  ],
  ["a command as text", `  promoted: [ { run: git tag } ] # !wrong-value\n`],
  ["a line that does nothing", `  promoted: [ { text: yes } ] # !missing-key\n`],
  ["a line that does two things", `  promoted: [ { to: hook, run: [ ls ] } ] # !two-kinds\n`],
  ["a record of nothing", `  promoted: [ { record: a.txt } ] # !missing-key\n`],
  ["a record in another folder", `  promoted: [ { record: ../a.txt, text: a } ] # !wrong-value\n`],
  [
    "evidence of a kind that does not exist",
    `  halted: [ { evidence: [ { lgo: a, as: a.txt } ] } ] # !unknown-key\n`,
  ],
  [
    "evidence under a name that is taken",
    `  halted: [ { evidence: [ { run: [ date ], as: a.txt }, { run: [ id ], as: a.txt } ] } ] # !evidence-name-twice\n`,
  ],
  [
    "evidence of a secret in an argument",
    `  halted: [ { evidence: [ { run: [ curl, "\${env:T}" ], as: a.txt } ] } ] # !secret-in-argv\n`,
  ],
  ["evidence and a message at once", `  warned: [ { to: hook, evidence: [] } ] # !two-kinds\n`],
  ["an unknown key", `  promoted: [ { to: hook, chanel: x } ] # !unknown-key\n`],
  ["a question to nobody", `  held: [ { ask: [ handled ] } ] # !missing-key\n`],
  [
    "a question after the end",
    `  promoted: [ { to: hook, ask: [ handled ] } ] # !reaction-never\n`,
  ],
  [
    "a question that does not exist",
    `  held: [ { to: hook, ask: [ handld ] } ] # !unknown-check\n`,
  ],
  ["a test as a question", `  held: [ { to: hook, ask: [ health ] } ] # !unknown-check\n`],
  ["`in-progress` without `every`", `  in-progress: [ { to: hook } ] # !missing-key\n`],
  ["a trigger that does not exist", `  warned: [ { to: hook, trigger: slw } ] # !reaction-never\n`],
  ["a trigger of another kind", `  warned: [ { to: hook, trigger: slow } ] # !reaction-never\n`],
  [
    "a trigger where there is none",
    `  started: [ { to: hook, trigger: slow } ] # !reaction-never\n`,
  ],
  ["a stage that does not exist", `  started: [ { to: hook, stage: pilt } ] # !reaction-never\n`],
  ["`unless` with a metric", `  warned: [ { to: hook, unless: p95 < 1s } ] # !unless-word\n`],
  [
    "`until` something unknown",
    `  warned: [ { to: hook, every: 1m, until: over } ] # !wrong-value\n`,
  ],
  ["no list", `  started: { to: hook } # !wrong-type\n`],
])("%s is told at its line", (_, line) => {
  expectMarks(`on:\n${used}${line}`);
});

test("a message that nobody uses is told at its name", () => {
  expectMarks(`messages:\n  hello: { text: hi } # !message-unused\non:\n${used}`);
});

test("a mistake in a message is told once, in the message", () => {
  expectMarks(
    `messages:\n  hello: { text: "\${event.reson}" } # !placeholder\non:\n${used}  started: [ { to: hook, message: hello } ]\n  promoted: [ { to: hook, message: hello } ]\n`,
  );
});

test.each([
  ["unknown-event", "  stage-pased: [ { to: hook } ]\n", "did you mean stage-passed?"],
  ["unknown-event", "  aborted: [ { to: hook } ]\n", "did you mean rolling-back?"],
  ["unknown-connection", "  started: [ { to: hok } ]\n", "did you mean hook?"],
  ["which-connection", "  started: [ { to: prometheus } ]\n", "write hook or hook2"],
  [
    "placeholder",
    '  started: [ { to: hook, text: "${event.resaon}" } ]\n',
    "did you mean ${event.reason}?",
  ],
  [
    "placeholder",
    '  started: [ { to: hook, text: "${rollout.stags}" } ]\n',
    "did you mean ${rollout.stages}?",
  ],
  [
    "reaction-never",
    "  warned: [ { to: hook, trigger: rather slo } ]\n",
    "did you mean rather slow?",
  ],
])("%s comes with what to write: %s", (code, line, fix) => {
  const [first] = lint(`${HEAD}on:\n${used}${line}`);
  expect(first).toMatchObject({ code, fix });
});

describe("a sink with keys of its own", () => {
  const status =
    '  page: { type: statuspage, page: a, token: "${env:PAGE_TOKEN}" }\n  hook: { type: webhook, url: "${env:HOOK_URL}" }\n';
  const plan = (line: string): string =>
    `${HEAD.replace(/ {2}hook: .*\n/u, status)}on:\n${used}  rolled-back: [ ${line} ]\n`;

  test("takes them, beside a sink that has none", () => {
    const line = "{ to: [ page, hook ], status: resolved, component: operational }";
    expect(lint(plan(line))).toEqual([]);
    const options = { catalog: builtInDrivers(), useExamples: true, set: {} };
    const loaded = loadPlan({ path: "plan.yaml", text: plan(line) }, options).plan;
    expect(loaded?.reactions?.slice(1).map(({ options }) => options)).toEqual([
      { status: "resolved", component: "operational" },
      {},
    ]);
  });

  test.each([
    ["{ to: page }", "missing-key", "add `status: …`"],
    ["{ to: page, status: operational }", "wrong-value", "resolved"],
    ["{ to: hook, status: resolved }", "unknown-key", null],
  ])("%s is wrong", (line, code, fix) => {
    const [first, ...rest] = lint(plan(line));
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ code, line: 25 });
    if (fix !== null) expect(first?.fix).toContain(fix);
  });
});

test("a secret of a sink that is written out is told, whatever its key is called", () => {
  const duty = HEAD.replace(/hook: .*\n/u, "hook: { type: pagerduty, key: abc }\n");
  const codes = lint(`${duty}on:\n${used}  started: [ { to: hook2 } ]\n`).map(({ code }) => code);
  expect(codes).toEqual(["secret-literal"]);

  const yaml = HEAD.replace('secret: "${env:HOOK_SECRET}"', "secret: whsec_abc");
  expect(lint(`${yaml}on:\n${used}`).map(({ code }) => code)).toEqual(["secret-literal"]);
});

test("what only messages may hold is misplaced elsewhere", () => {
  const yaml = HEAD.replace(
    '"http://localhost:8080/health"',
    '"http://localhost/${rollout.started}"',
  );
  expect(lint(`${yaml}on:\n${used}`).map(({ code }) => code)).toEqual(["placeholder-misplaced"]);
});

const JUNK = [
  "null",
  "{}",
  "[]",
  "[ [] ]",
  "[ null ]",
  "[ {} ]",
  "5",
  "true",
  "''",
  "[ { to: [ null ] } ]",
  "[ { to: { a: b } } ]",
  "[ { run: [ null ] } ]",
  "[ { evidence: { a: b } } ]",
  "[ { ask: { a: b }, to: hook } ]",
  "[ { unless: [ x ], to: hook } ]",
  "[ { to: hook, message: [ x ] } ]",
  "[ { to: constructor, message: __proto__ } ]",
  "{ __proto__: [ { to: hook } ] }",
  '"${event.}"',
  '"${params.none}"',
];

test("whatever stands in `on` and `messages`, it is told, and at a place in the file", () => {
  const lines = GOOD.split("\n");
  const total = (HEAD + GOOD).split("\n").length + 1;
  let told = 0;
  for (const [index, line] of lines.entries()) {
    const colon = line.indexOf(":");
    if (colon === -1) continue;
    // Every other one at each line: all of them meet all kinds of lines.
    for (const junk of JUNK.filter((_, nth) => nth % 2 === index % 2)) {
      const broken = lines.with(index, `${line.slice(0, colon)}: ${junk}`).join("\n");
      for (const each of lint(HEAD + broken)) {
        told += 1;
        expect(each.message, broken).not.toMatch(/\[object|undefined/u);
        expect(each.line, broken).toBeGreaterThan(0);
        expect(each.line, broken).toBeLessThanOrEqual(total);
      }
    }
  }
  expect(told).toBeGreaterThan(150);
});

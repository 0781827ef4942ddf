import { expect, test } from "vitest";

import { eachAlone, failingChecks, oneByOne, saidNo } from "../../support/broken-metrics.ts";
import { rehearsePlan } from "../../support/rehearse-plan.ts";
import { breakRunbook, type BrokenCase } from "../../support/runbook.ts";

const NAME = "onering-webhooks";
const QUICKLY = ["soak=10m"];
const FOREVER = 1000;

/** A hold ends when a person has looked and aborts. */
const words = [{ stage: "delivery", after: "4m", abort: "not today" }];
const held = (line: string, playbook: string) =>
  eachAlone("delivery", 2, 31, [line], { words, says: [`canary playbook ${playbook} rehearsal`] });

/** A count that was over its limit before everything was killed, and goes on growing. */
function grown(
  metric: string,
  [before, later]: readonly [string, string],
  ...gate: readonly string[]
): readonly BrokenCase[] {
  const flag = gate.find((text) => text.endsWith("== false"))?.split(" ")[0];
  return [
    {
      breaks: `gate any of ${gate.map((text) => `\`${text}\``).join(", ")}`,
      what: `${metric} grows from ${before} to ${later}`,
      set: ["by=re-enable"],
      broken: {
        metrics: {
          [metric]: [
            { after: "0s", value: before },
            { stage: "webhooks-again", after: "2m", value: later },
          ],
          ...(flag === undefined ? {} : { [flag]: [{ after: "0s", value: true }] }),
        },
      },
      exit: 30,
      says: ["stage api-again passed"],
    },
  ];
}

breakRunbook(NAME, [
  ...[
    ...held(`dead_exceeded|true|false|${FOREVER}|trigger dead letters`, "dead-letters"),
    ...held(`dead_exceeded|true|false|${FOREVER}|gate dead_exceeded == false`, "dead-letters"),
    ...held(`replay_exceeded|true|false|${FOREVER}|trigger replay rejections`, "replay-rejections"),
    ...held(
      `replay_exceeded|true|false|${FOREVER}|gate replay_exceeded == false`,
      "replay-rejections",
    ),
    ...held(`latency_exceeded|true|false|${FOREVER}|trigger slow deliveries`, "not-delivered"),
    ...held(
      `latency_exceeded|true|false|${FOREVER}|gate latency_exceeded == false`,
      "not-delivered",
    ),
    ...held(`rate_limits|101|0|${FOREVER}|trigger rate-limit hits`, "rate-limits"),
    ...held(`rate_limits|101|0|${FOREVER}|gate rate_limits <= 100`, "rate-limits"),
    ...eachAlone("external-api", 2, 30, [
      `auth_failures|51|0|${FOREVER}|gate auth_failures <= 50`,
      `log_errors|1|0|${FOREVER}|gate log_errors over stage == 0`,
    ]),
    ...oneByOne("external-api", ["auth_failures|51|0|3|trigger auth failures"]),
    ...eachAlone("webhooks", 2, 30, [
      `delivered|3|0|${FOREVER}|gate any of \`delivered <= 1x baseline\`, \`delivered < 1\``,
    ]),
    {
      breaks: "gate any of `delivered > 0`, `retrying > 0`, `dead > 0`",
      what: "nothing at all is delivered",
      broken: {
        metrics: Object.fromEntries(
          ["delivered", "retrying", "dead"].map((metric) => [
            metric,
            [{ stage: "delivery", after: "0s", value: 0 }],
          ]),
        ),
      },
      exit: 30,
    },
    ...eachAlone("delivery", 2, 30, [`latency_p90|6s|1s|${FOREVER}|gate latency_p90 <= 5s`]),
    {
      breaks: "trigger backend is gone",
      what: "the backend does not answer for a while",
      broken: {
        checks: {
          backend: [
            { stage: "delivery", after: "2m", result: "fail" },
            { stage: "delivery", after: "250s", result: "pass" },
          ],
        },
      },
      exit: 30,
    },
    {
      breaks: "gate worker passes",
      what: "the worker dies in the last stage",
      broken: { checks: { worker: [{ stage: "production", after: "2m", result: "fail" }] } },
      exit: 30,
    },
    {
      breaks: "gate events-logged passes",
      what: "no event is logged",
      broken: { checks: { "events-logged": [{ stage: "webhooks", after: "0s", result: "fail" }] } },
      exit: 30,
    },
    ...failingChecks("external-api", 30, ["me"]),
    ...failingChecks("delivery", 30, ["smoke"]),
    ...failingChecks(null, 20, [
      "pgvector",
      "redis",
      "migrated",
      "columns",
      "backend",
      "rq",
      "consumer",
      "gate-full",
      "pytest",
      "vitest",
    ]),
    ...saidNo(null, "0s", 20, ["docs-ready", "signed-off"]),
    {
      breaks: "way back backend",
      what: "the backend stays gone after the rollback",
      broken: { checks: { backend: [{ stage: "delivery", after: "2m", result: "fail" }] } },
      exit: 40,
    },
  ].map((one) => ({ ...one, set: QUICKLY })),
  // Carefully on again, what is counted over a day being what it was: it may not grow.
  ...grown("auth_failures", ["60", "61"], "auth_failures <= 50", "auth_failures <= 1x baseline"),
  ...grown("rate_limits", ["120", "121"], "rate_limits <= 100", "rate_limits <= 1x baseline"),
  ...grown("dead", ["12", "13"], "dead_exceeded == false", "dead <= 1x baseline", "dead <= 10"),
  ...grown(
    "replays",
    ["30", "31"],
    "replay_exceeded == false",
    "replays <= 1x baseline",
    "replays <= 20",
  ),
  ...grown("latency_p90", ["6s", "7s"], "latency_exceeded == false", "latency_p90 <= 1x baseline"),
]);

test.for(["stages", "canary-launch"])("nothing is broken, by %s: promoted", async (by) => {
  const { exit, text } = await rehearsePlan(NAME, [...QUICKLY, `by=${by}`], {});
  expect(exit, text).toBe(0);
  expect(text).toContain("disable the canary key");
});

test("carefully on again: the API, webhooks, delivery, ten minutes each, and nothing else", async () => {
  const { exit, text, plan, files } = await rehearsePlan(NAME, ["by=re-enable"], {});
  expect(exit, text).toBe(0);
  expect(plan.stages.map(({ name, soak }) => [name, soak])).toEqual(
    ["api-again", "webhooks-again", "delivery-again"].map((name) => [name, 600_000]),
  );
  expect(text).not.toContain("canary key");
  expect([...files.keys()].some((path) => path.endsWith("/pytest.txt"))).toBe(false);
});

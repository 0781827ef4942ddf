import { expect, it } from "vitest";

import { stated } from "../../../src/drivers/traffic/stated.ts";
import { lint } from "../../plan/support/lint.ts";
import { driverContext } from "../../support/driver-context.ts";

const plan = (action: string): string => `apiVersion: canary/v1
kind: Plan
name: beta
connections:
  app: { type: openmetrics, url: "http://localhost:1/metrics" }
metrics:
  errors: { bad: a_total, total: b_total, minSamples: 10, window: 1m }
traffic:
  - stated: ${action}
stages:
  - { name: friends, traffic: 1%, soak: 5m, gates: [ errors < 1% ] }
  - { name: half, traffic: 50%, soak: 5m, gates: [ errors < 1% ] }
rollback:
  verify: { within: 10m, gates: [ errors < 1% ] }
`;

it("takes the place of traffic, and changes nothing", async () => {
  expect(lint(plan("by invitation, 50 testers"))).toEqual([]);
  const request = {
    input: stated.input.parse("by invitation"),
    share: 5,
    connectionName: null,
  };
  const context = driverContext();
  expect(await stated.changes(request, context)).toEqual({ kind: "ok", value: [] });
  expect(await stated.permissions(request, context)).toEqual([]);
  expect(stated.preview(request)[0]?.does).toBe("nothing: 5 % is as stated, by invitation");
  expect(stated.input.parse(request.input)).toEqual(request.input);
});

it("wants words", () => {
  for (const nothing of ['""', "5", "{ text: ' ' }", "{ note: x }"]) {
    const [first] = lint(plan(nothing));
    expect(first).toMatchObject({ severity: "error", line: 9 });
  }
});

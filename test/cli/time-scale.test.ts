import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { requireLoopback } from "../../src/cli/time-scale.ts";
import { writtenRanges } from "../../src/cli/written-ranges.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { Json } from "../../src/core/units.ts";
import { builtInDrivers } from "../../src/drivers/registry.ts";
import { scaleInterval } from "../../src/plan/normalize/scale-interval.ts";
import { folderForTest } from "../e2e/support/run-canary.ts";

/** As much of a plan as is looked at: one connection, and something that uses it. */
function planWith(type: string, config: Readonly<Record<string, Json>>, uses = "it"): Plan {
  const connections = { it: { name: "it", type, config } };
  const metrics = { errors: { connection: uses } };
  return { connections, metrics } as unknown as Plan;
}

function kubeconfig(server: string): string {
  const path = join(folderForTest(), "kubeconfig");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
    clusters: [{ name: "k", cluster: { server } }],
    users: [{ name: "u", user: {} }],
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

test("addresses of this machine may be rolled out to in shortened time", () => {
  for (const plan of [
    planWith("http", { url: "http://localhost:8080" }),
    planWith("prometheus", { url: "http://[::1]:9090" }),
    planWith("ssh", { host: "root@127.0.0.1" }),
    planWith("kubectl", { kubeconfig: kubeconfig("https://127.0.0.1:6443") }),
    // Nothing of the plan uses it.
    planWith("http", { url: "https://prod.example.com" }, "another"),
  ])
    expect(() => requireLoopback(plan)).not.toThrow();
});

test("others may not, wherever their address stands", () => {
  process.env["CANARY_TEST_AWAY"] = "https://prod.example.com";
  onTestFinished(() => void delete process.env["CANARY_TEST_AWAY"]);
  for (const [type, config] of [
    ["http", { url: "https://prod.example.com" }],
    ["http", { url: "${env:CANARY_TEST_AWAY}" }],
    ["http", { url: "https://127.example.com" }],
    ["ssh", { host: "deploy@prod.example.com" }],
    ["kubectl", { kubeconfig: kubeconfig("https://prod.example.com:6443") }],
    ["kubectl", { kubeconfig: "/nowhere" }],
  ] as const)
    expect(() => requireLoopback(planWith(type, config)), JSON.stringify(config)).toThrow(
      "--time-scale with the connection it",
    );
});

test("intervals are divided as far as a machine can keep up, and never become longer", () => {
  expect(scaleInterval(60_000, 1 / 10)).toBe(6000);
  expect(scaleInterval(60_000, 1 / 600)).toBe(2000);
  expect(scaleInterval(500, 1 / 10)).toBe(500);
});

test("ranges that queries write out are named, since nothing shortens them", () => {
  const metric = (name: string, query: Readonly<Record<string, Json>>) => [
    name,
    { name, driver: "prometheus", query },
  ];
  const metrics = Object.fromEntries([
    metric("p95", { query: "max_over_time(latency[5m])" }),
    metric("errors", { bad: "sum(increase(bad[1h]))", total: "sum(increase(all[30m]))" }),
    metric("open", { query: "max_over_time(latency[${window}])" }),
    metric("now", { query: "up" }),
  ]) as Plan["metrics"];
  const said = writtenRanges({ metrics } as unknown as Plan, builtInDrivers());
  expect(said).toContain("p95 (5m), errors (1h)\n");
  expect(said).toContain("[${window}]");
  expect(said).not.toMatch(/open|now/u);
  const none = { metrics: { now: metrics["now"] } } as unknown as Plan;
  expect(writtenRanges(none, builtInDrivers())).toBeNull();
});

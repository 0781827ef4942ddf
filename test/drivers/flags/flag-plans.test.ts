import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { describe, expect, it } from "vitest";

import { builtInDrivers } from "../../../src/drivers/registry.ts";
import { loadPlan, type Loaded } from "../../../src/plan/load-plan.ts";

const path = join(import.meta.dirname, "plans/flags.yaml");
const text = readFileSync(path, "utf8");

const DARK = text.split("\n").find((line) => line.includes("type: launchdarkly")) ?? "";

function lint(changed: string, set: Record<string, string> = {}): Loaded {
  return loadPlan({ path, text: changed }, { catalog: builtInDrivers(), set, useExamples: true });
}

function told(changed: string): readonly string[] {
  return lint(changed).diagnostics.map(({ message, fix }) => `${message}; ${fix ?? ""}`);
}

describe("a plan that drives flags", () => {
  it.each(["unleash", "launchdarkly", "flagd"])("lints clean by %s", (by) => {
    const { plan, diagnostics } = lint(text, { by });
    expect(diagnostics).toEqual([]);
    const drivers = plan?.stages.flatMap(({ actions }) =>
      actions.filter(({ role }) => role === "traffic"),
    );
    expect(drivers?.map(({ driver }) => driver)).toEqual([by, by]);
  });

  it("is what docs/flags.md shows", () => {
    const page = readFileSync(resolve(import.meta.dirname, "../../../docs/flags.md"), "utf8");
    const [shown, routed, checks] = [...page.matchAll(/```yaml\n(.*?)```/gsu)].map(
      ([, yaml]) => yaml ?? "",
    );
    const around = `apiVersion: canary/v1
kind: Plan
name: shown
metrics: { errors: { connection: prom, unit: ratio, query: "max(errors)" } }
everyStage: { soak: 10m, gates: [errors < 1%] }
triggers: { rollback: [errors > 5%] }
`;
    const prom = "connections:\n  prom: { type: prometheus, url: http://localhost:9090 }";
    const whole = `${around}${shown?.replace("connections:", prom)}${checks}`;
    expect(lint(whole).diagnostics).toEqual([]);
    expect(lint(whole).plan?.stages.map(({ share }) => share)).toEqual([5, 100]);
    const changed = whole.replace(/traffic:\n {2}- unleash: [^\n]*\n/u, routed ?? "");
    expect(changed).toContain("attribute:");
    expect(lint(changed).diagnostics).toEqual([]);
  });

  it.each<[string, string, string, string]>([
    ["a flag without its name", "{ unleash: { flag: webhooks }", "{ unleash: {}", "flag"],
    ["a share over the whole", "share: 100%", "share: 101%", "100"],
    [
      "a share and a switch",
      "enabled: true }",
      "enabled: true, share: 5% }",
      "leave out `enabled`",
    ],
    [
      "everyone without a switch",
      "share: 100%",
      "share: 100%, everyone: true",
      "belongs to `enabled: true`",
    ],
    ["a share without its sign", "share: 100%", "share: 100", 'a share is written with %: "100%"'],
    ["a misspelt key", "flag: webhooks-log", "flags: webhooks-log", "flag"],
    ["no connection", DARK, "", "no connection of type launchdarkly is there"],
    ["no environment", "environment: production,", "", "environment"],
    ["a token written out", '"${env:LD_TOKEN}"', "api-123", "the value of token is written out"],
    [
      "routes of a flag that has none",
      "unleash: { flag: webhooks }",
      "unleash: { flag: webhooks, routes: [] }",
      "make a strategy with the constraint in Unleash and write `targeted: true`",
    ],
    ["no file", "file: /etc/flagd/flags.json, flag: webhooks-old", "flag: webhooks-old", "file"],
  ])("is told of %s", (_, from, to, words) => {
    expect(text).toContain(from);
    const found = told(text.replace(from, to));
    expect(found.length).toBeGreaterThan(0);
    expect(found.join("\n")).toContain(words);
  });
});

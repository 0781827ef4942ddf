import { expect, test } from "vitest";

import { explainBug } from "../../src/cli/explain-bug.ts";

const args = ["start", "secret-plan.yaml", "--set", "token=hunter2", "--by=ana", "--json"];

test("a bug says that it is one, what to do about the rollout, and what to report", () => {
  const text = explainBug(new TypeError("x is not a function"), args);
  expect(text).toContain("this is a bug in canary, not in your plan (exit 1)");
  expect(text).toContain("canary abort --reason bug");
  expect(text).toContain("TypeError: x is not a function");
  expect(text).toContain(`node ${process.versions.node}`);
});

test("values of options and arguments stay out of what is meant to be pasted", () => {
  const text = explainBug("thrown text", args);
  expect(text).toContain("  canary start --set --by --json\n");
  expect(text).toContain("thrown text");
  expect(text).not.toMatch(/hunter2|=ana|secret-plan/u);
});

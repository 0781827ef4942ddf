import { expect, test } from "vitest";

import { fillArm } from "../../src/engine/fill-arm.ts";

const query = { bad: "errors{${arm}}[${window}]", total: "all{${arm}}" };
const connection = { arms: { canary: 'version="$&"', stable: 'version="1"' } };

test("each arm gets its own name, other placeholders stay", () => {
  expect(fillArm(query, connection, "canary")).toEqual({
    bad: 'errors{version="$&"}[${window}]',
    total: 'all{version="$&"}',
  });
  expect(fillArm(query, connection, "stable")).toMatchObject({ total: 'all{version="1"}' });
});

test("a stable arm that is not named, or not asked for, is never the canary", () => {
  expect(() => fillArm(query, { arms: { canary: "x" } }, "stable")).toThrow("`arms`");
  expect(() => fillArm({ query: "up" }, connection, "stable")).toThrow("${arm} in its query");
  expect(fillArm({ query: "up" }, connection, "canary")).toEqual({ query: "up" });
});

test("what was escaped stays so for the source, which fills last", () => {
  const escaped = { query: "up{a='$${env:X}'}[${window}]" };
  expect(fillArm(escaped, connection, "canary")).toEqual(escaped);
  expect(fillArm({ query: "{${arm}}" }, { arms: { canary: "${env:X}" } }, "canary")).toEqual({
    query: "{$${env:X}}",
  });
});

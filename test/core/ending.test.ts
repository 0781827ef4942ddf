import { expect, it } from "vitest";

import { exitCode, freesTargets, type End } from "../../src/core/ending.ts";

const ENDS: readonly (readonly [End, number, boolean])[] = [
  [{ kind: "promoted" }, 0, true],
  [{ kind: "refused", problems: ["no"], locked: false }, 20, true],
  [{ kind: "refused", problems: ["held"], locked: true }, 21, true],
  [{ kind: "rolled-back", by: "machine" }, 30, true],
  [{ kind: "rolled-back", by: "abort" }, 31, true],
  [{ kind: "rollback-failed", certain: true, why: "" }, 40, false],
  [{ kind: "rollback-failed", certain: false, why: "" }, 41, false],
  [{ kind: "halted", why: "" }, 42, false],
];

it.each(ENDS)("the end %o has the exit code %i, and frees its targets: %s", (end, code, frees) => {
  expect(exitCode(end)).toBe(code);
  expect(freesTargets(end)).toBe(frees);
});

import { expect, test } from "vitest";

import { drillAnswer } from "../../src/engine/drilled.ts";

const DAY = 86_400_000;
const NOW = Date.parse("2026-06-30T12:00:00Z");
const mine = { wayBack: "now", at: "2026-06-01T12:00:00Z", by: "ana", seconds: 4.2 };
const other = { wayBack: "before", at: "2026-06-29T12:00:00Z", by: "bo", seconds: 3 };

test.for([
  ["none is known at all", null, "fail", "the way back was never drilled"],
  ["there is none", [], "fail", "the way back was never drilled"],
  ["the newest is of another way back", [other], "fail", "as it is now, was never drilled"],
  ["an older one is of this", [other, mine], "pass", "at 2026-06-01T12:00:00Z by ana"],
  ["it is of this", [mine], "pass", "everything back in 4.2 s"],
] as const)("%s", ([, drills, kind, detail]) => {
  const known = drills === null ? null : { v: 1 as const, wayBack: "now", drills };
  const answer = drillAnswer(known, 30 * DAY, NOW);
  expect(answer.kind).toBe(kind);
  expect(answer.detail).toContain(detail);
});

test("a drill counts until it is as old as the plan says, and no longer", () => {
  const known = { v: 1 as const, wayBack: "now", drills: [mine] };
  expect(drillAnswer(known, 29 * DAY, NOW).kind).toBe("pass");
  const late = drillAnswer(known, 29 * DAY, NOW + 1);
  expect(late.kind).toBe("fail");
  expect(late.detail).toContain("too long ago");
});

test("a plan that is no plan has no way back that could have been drilled", () => {
  const known = { v: 1 as const, wayBack: null, drills: [mine] };
  expect(drillAnswer(known, 30 * DAY, NOW).kind).toBe("fail");
});

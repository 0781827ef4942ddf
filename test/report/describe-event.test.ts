import { expect, test } from "vitest";

import type { End } from "../../src/core/ending.ts";
import { exitCode } from "../../src/core/ending.ts";
import type { Hold } from "../../src/core/state.ts";
import { describeEnd } from "../../src/report/describe-end.ts";
import { describeEvent } from "../../src/report/describe-event.ts";
import { describeHold } from "../../src/report/describe-hold.ts";
import { everyEvent, plan, ROLLOUT, scene } from "./support/every-event.ts";

test("every event has a sentence of its own, on one line, without a machine's leftovers", () => {
  const texts = Object.values(everyEvent).map((event) => describeEvent(event, scene).text);
  expect(new Set(texts).size).toBe(texts.length);
  for (const text of texts) {
    expect(text).toMatch(/^[A-Za-z].{8,}$/u);
    expect(text).not.toMatch(/undefined|null|NaN|\[object/u);
  }
});

test("every event has its sentence before the plan is known, too", () => {
  for (const event of Object.values(everyEvent)) {
    const { text, more } = describeEvent(event, { ...scene, plan: null });
    expect([text, ...more].join(" ")).not.toMatch(/undefined|null|NaN/u);
  }
});

function said(kind: keyof typeof everyEvent): string {
  const { text, more } = describeEvent(everyEvent[kind], scene);
  return [text, ...more].join("\n");
}

test("the words carry the figures that matter", () => {
  expect(said("claimed")).toContain(`canary abort ${ROLLOUT} --reason`);
  expect(said("action-finished")).toBe(
    "traffic 10 %: http PUT /router: failed, the server said no",
  );
  expect(said("stage-started")).toBe("stage 1 of 1: pilot, 10 %");
  expect(said("soak-started")).toContain("1m30s");
  expect(said("triggered")).toContain("rolling back");
  expect(said("read-back-finished")).toContain("router share is 12, not 10");
  expect(said("undo-finished")).toContain("someone else changed it: it is 12");
  expect(said("collected")).toContain("missing: c.txt (required), b.txt");
  expect(said("word-received")).toBe("ana says yes to go-live (looks good)");
});

const kinds: readonly Hold["kind"][] = [
  "person",
  "trigger",
  "blind",
  "inconclusive",
  "waiting",
  "differs",
  "unknown",
  "evidence",
];

test.for(kinds)("a hold of kind %s says why, and which commands end it", (kind) => {
  const { text, more } = describeHold(
    { id: "h1", kind, why: "because", clears: "person", since: 0 },
    scene,
  );
  expect(text).toBe("HELD: because");
  expect(more.join("\n")).toContain(`canary abort ${ROLLOUT} --reason`);
  const forward = kind === "blind" ? "by itself" : kind === "waiting" ? "promote" : "resume";
  expect(more.join("\n")).toContain(forward);
});

test("a hold that waits names each confirmation, what it asks, and the command", () => {
  const { more } = describeHold(
    { id: "h1", kind: "waiting", why: "waiting for go-live", clears: "self", since: 0 },
    scene,
  );
  expect(more[0]).toBe(`to confirm go-live (product says go): canary confirm ${ROLLOUT} go-live`);
});

const ends: readonly End[] = [
  { kind: "promoted" },
  { kind: "rolled-back", by: "abort" },
  { kind: "rolled-back", by: "machine" },
  { kind: "rollback-failed", certain: true, why: "the router says no" },
  { kind: "rollback-failed", certain: false, why: "no answer" },
  { kind: "halted", why: "the migration ran" },
  { kind: "refused", problems: ["no permission"], locked: false },
  { kind: "refused", problems: ["held by x"], locked: true },
];

test.for(ends)("the end %o says its exit code", (end) => {
  expect(describeEnd(end, scene).text).toContain(`(exit ${exitCode(end)})`);
});

test.for(ends.filter((end) => end.kind === "rollback-failed" || end.kind === "halted"))(
  "the end %o says why, that a person is needed, and how to try again",
  (end) => {
    const { more } = describeEnd(end, scene);
    expect(more).toContain(`why: ${end.why}`);
    expect(more.join("\n")).toContain("a person is needed now");
    expect(more.join("\n")).toContain(`canary abort ${ROLLOUT}`);
  },
);

test.for(ends.filter((end) => end.kind === "refused"))("the end %o lists its problems", (end) => {
  expect(describeEnd(end, scene).more).toEqual(end.problems.map((problem) => `- ${problem}`));
});

test("a rehearsal's end names no command: there is no rollout to act on", () => {
  for (const end of ends) {
    const { more } = describeEnd(end, { plan, rollout: "rehearsal", evidence: null });
    expect(more.join("\n")).not.toContain("canary ");
  }
});

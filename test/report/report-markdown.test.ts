import { expect, test } from "vitest";

import type { Event } from "../../src/core/event.ts";
import { idle, type State } from "../../src/core/state.ts";
import { renderReport } from "../../src/report/report-markdown.ts";
import { entryOf, everyEvent, plan, ROLLOUT } from "./support/every-event.ts";

const state: State = { ...idle, rollout: ROLLOUT };

function reportOf(events: readonly Event[], changed: Partial<State> = {}): string {
  const entries = events.map((event, second) => entryOf(event, second * 10));
  return renderReport({ plan, digest: "abc", entries, state: { ...state, ...changed } });
}

test("the report says how it ended and why, before anything else", () => {
  const text = reportOf([everyEvent.claimed], {
    phase: { kind: "ended", end: { kind: "rolled-back", by: "machine" } },
    cause: { kind: "trigger", text: "error_rate = 0.3 (> 0.2)", by: "canary" },
  });
  const [title, , verdict] = text.split("\n");
  expect(title).toBe("# Rollout of checkout");
  expect(verdict).toContain("Rolled back: the old version serves everything");
  expect(verdict).toContain("(exit 30)");
  expect(verdict).toContain("error\\_rate = 0.3 (\\> 0.2) (trigger, by canary)");
});

test("a stage shows share, time, gates and result; one that was not reached says so", () => {
  const passed = reportOf([
    everyEvent["stage-started"],
    everyEvent["gate-judged"],
    { ...everyEvent["gate-judged"], outcome: "pass", detail: "p95 = 0.1" },
    everyEvent["stage-passed"],
  ]);
  expect(passed).toContain("| pilot | 10 % | 00:00:00 | 30s | pass: p95 = 0.1 | passed |");
  expect(reportOf([everyEvent["stage-started"], everyEvent.stopping])).toContain("rolled back |");
  expect(reportOf([])).toContain("| pilot | 10 % | - | - | - | not reached |");
});

test("every event but measurements and timers is in the timeline, with its time", () => {
  const text = reportOf(Object.values(everyEvent));
  expect(text.match(/^- `\d\d:\d\d:\d\d\.\d{3}` /gmu)).toHaveLength(
    Object.keys(everyEvent).length - 2,
  );
});

test("text from outside stays text", () => {
  const evil = "<img src=x> | `code` [link](http://x)\n# title";
  const text = reportOf([{ ...everyEvent.warned, detail: evil }]);
  expect(text).not.toMatch(/(?<!\\)<img/u);
  expect(text).not.toMatch(/^# title/mu);
  expect(text).toContain("\\<img src=x\\> \\| \\`code\\` \\[link\\]");
});

import { expect, test } from "vitest";

import type { Sample } from "../../src/core/sample.ts";
import { describeEvent } from "../../src/report/describe-event.ts";
import { renderReport } from "../../src/report/report-markdown.ts";
import { renderStatus } from "../../src/report/status-view.ts";
import { startMachine } from "../support/machine.ts";
import { metric, MINUTE, plan, SECOND, stage } from "../support/plan-builder.ts";

const EVIDENCE =
  /canary \d+ of \d+ \([\d.]+%\), stable \d+ of \d+ \([\d.]+%\): [\d.]+x stable.*not settled at 95%: [\d.]+% sure so far that it is more than 1\.1x, about \d+ more requests at the canary would/u;

test("the live view, the status and the report show how a comparison stands before it is settled", () => {
  const compared = plan({
    metrics: [metric("rate", { unit: "ratio", window: 10 * SECOND, confidence: 0.95 })],
    stages: [stage("pilot", 10, { gates: ["rate <= 3x stable"], soak: 5 * MINUTE })],
    triggers: { rollback: ["rate > 1.1x stable"] },
  });
  const machine = startMachine(compared);
  machine.until(({ phase }) => phase.kind === "observing");
  const counts = (events: number, total: number): Sample => ({
    kind: "value",
    value: events / total,
    samples: total,
    observedAt: null,
  });
  machine.run(2 * MINUTE, {
    sample: (key) => (key.includes("@stable") ? counts(10, 10_000) : counts(1.2, 600)),
  });
  const state = machine.state();
  const scene = { plan: compared, rollout: "r", evidence: null };
  const lines = machine
    .notes()
    .filter(({ kind }) => kind === "compared")
    .map((note) => describeEvent(note, scene).text);
  expect(
    lines.filter((text) => text.startsWith("trigger rate > 1.1x stable: rate: ")).length,
  ).toBeGreaterThan(2);
  // Seldom: after 1, 2, 4, 8 looks.
  expect(lines.length).toBeLessThanOrEqual(8);
  expect(lines.some((text) => EVIDENCE.test(text))).toBe(true);
  const read = { plan: compared, digest: "d", entries: [], state, problems: [] } as never;
  expect(renderStatus({ read, scene, runner: "alive", now: 0 })).toMatch(
    new RegExp(String.raw`compared {2}trigger rate > 1\.1x stable: rate: ${EVIDENCE.source}`, "u"),
  );
  const report = renderReport({ plan: compared, digest: "d", entries: [], state });
  expect(report).toContain("## Comparisons with stable\n\n- gate rate");
  expect(report.replaceAll("\\", "")).toMatch(EVIDENCE);
});

import type { Effect } from "../core/effect.ts";
import type { Check } from "../core/plan.ts";
import { redactPersonal } from "../evidence/redact-personal.ts";
import { attemptCheck } from "./attempt-check.ts";
import type { Attempt } from "./attempt-test.ts";
import { fillName } from "./driver-context.ts";
import type { Run } from "./run.ts";
import { saveCapture } from "./save-capture.ts";

type CheckEffect = Extract<Effect, { kind: "check" }>;

/** Pause between attempts when the check states no interval, in milliseconds. */
const PAUSE = 1000;

/** Runs a check: one attempt for a probe, else until its thresholds decide. */
export async function performCheck(
  run: Run,
  effect: CheckEffect,
  cancel: AbortSignal,
): Promise<void> {
  const check = run.plan.checks[effect.check];
  if (check === undefined) throw new Error(`the plan has no check ${effect.check}`);
  const result =
    effect.mode === "probe"
      ? await attemptCheck(run, check, cancel)
      : await runCheck(run, check, cancel);
  if (cancel.aborted) return;
  if (check.as !== null) await saveCapture(run, fillName(run, check.as), result.body);
  await run.record({
    kind: "check-finished",
    effect: effect.id,
    check: check.name,
    result: result.kind,
    // It may hold a line of a log, which is no place to look for people.
    detail: redactPersonal(run.redactor.redact(result.detail)).slice(0, 500),
    ...outputsOf(result),
  });
}

/** Only where there are some: most checks give none. */
function outputsOf({ outputs }: Attempt): Partial<Pick<Attempt, "outputs">> {
  return Object.keys(outputs).length === 0 ? {} : { outputs };
}

/** Runs a check until successThreshold passes in a row, or until its failures are more than it may have. */
export async function runCheck(run: Run, check: Check, cancel: AbortSignal): Promise<Attempt> {
  const allowed = Math.max(check.failureThreshold, check.retries + 1);
  let passes = 0;
  let failures = 0;
  if (check.initialDelay > 0) await pause(run, check.initialDelay);
  for (;;) {
    const result = await attemptCheck(run, check, cancel);
    if (result.kind === "pass") {
      passes += 1;
      if (passes >= check.successThreshold) return result;
    } else {
      passes = 0;
      failures += 1;
      if (failures >= allowed) return result;
    }
    if (cancel.aborted) return { ...result, kind: "error", detail: "interrupted" };
    await pause(run, check.interval ?? PAUSE);
  }
}

function pause(run: Run, ms: number): Promise<void> {
  return new Promise((resolve) => run.engine.clock.after(ms, resolve));
}

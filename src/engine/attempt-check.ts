import type { Check } from "../core/plan.ts";
import { attemptAnnounced } from "./attempt-announced.ts";
import { attemptSteps, type Progress } from "./attempt-steps.ts";
import { attemptTest, within, type Attempt } from "./attempt-test.ts";
import { attemptDrilled } from "./drilled.ts";
import type { Run } from "./run.ts";
import { startServices } from "./start-services.ts";

/** Makes a check once, within its timeout: starts its services, makes it or each of its steps, stops its services. */
export async function attemptCheck(run: Run, check: Check, outer: AbortSignal): Promise<Attempt> {
  if (check.driver === "announced") return attemptAnnounced(run, check);
  if (check.driver === "drill") return attemptDrilled(run, check);
  const { services = [] } = check;
  if (services.length === 0 && check.steps === undefined)
    return await attemptTest(run, { ...check, outputs: check.outputs ?? {} }, outer);
  const started = startServices(run, services);
  const progress: Progress = { at: "its services", body: "" };
  let outputs: Attempt["outputs"] = {};
  try {
    const result = await within(run, check.timeout, outer, async (signal) => {
      const problem = await started.up(signal);
      if (problem !== null) return { kind: "error", detail: problem, body: "" };
      const attempt = await attemptParts(run, check, progress, signal);
      outputs = attempt.outputs;
      const lost = started.lost();
      return lost === null ? attempt : { kind: "error", detail: lost, body: attempt.body };
    });
    const isCut = result.body === "" && progress.body !== "";
    const detail = isCut ? `${result.detail}, in ${progress.at}` : result.detail;
    const body = joined(isCut ? progress.body : result.body, await started.stop());
    return { ...result, detail, body, outputs };
  } finally {
    await started.stop();
  }
}

/** What services printed begins on a line of its own. */
function joined(answer: string, printed: string): string {
  const needsBreak = answer !== "" && printed !== "" && !answer.endsWith("\n");
  return `${answer}${needsBreak ? "\n" : ""}${printed}`;
}

function attemptParts(
  run: Run,
  check: Check,
  progress: Progress,
  signal: AbortSignal,
): Promise<Attempt> {
  const { steps, outputs = {} } = check;
  return steps === undefined
    ? attemptTest(run, { ...check, outputs }, signal)
    : attemptSteps(run, steps, progress, signal);
}

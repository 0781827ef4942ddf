import type { CheckStep } from "../core/plan.ts";
import type { Json } from "../core/units.ts";
import type { CheckMemory } from "../drivers/driver.ts";
import { attemptTest, type Attempt } from "./attempt-test.ts";
import { driverContext, fillPublic } from "./driver-context.ts";
import type { Run } from "./run.ts";

/** How far the steps have come, for what is said and kept when they are cut. */
export interface Progress {
  /** The step under way. */
  at: string;
  /** What the steps before it were answered. */
  body: string;
}

/** Makes the steps of a check one after another, up to the first that does not pass. */
export async function attemptSteps(
  run: Run,
  steps: readonly CheckStep[],
  progress: Progress,
  signal: AbortSignal,
): Promise<Attempt> {
  const memory: CheckMemory = new Map();
  for (const step of steps) await beginStep(run, step, memory, signal);
  const outputs: Record<string, Json> = {};
  for (const [index, step] of steps.entries()) {
    const title = `${index + 1} of ${steps.length}, ${titleOf(step)}`;
    progress.at = `step ${title}`;
    const result = await attemptStep(run, step, memory, signal);
    Object.assign(outputs, result.outputs);
    progress.body += transcript(title, result);
    if (result.kind === "pass") continue;
    const detail = `step ${title}: ${result.detail}`;
    return { kind: result.kind, detail, body: progress.body, outputs };
  }
  const detail = `all ${steps.length} steps passed`;
  return { kind: "pass", detail, body: progress.body, outputs };
}

/** Notes how things are before the first step, e.g. where a log ends. */
async function beginStep(
  run: Run,
  step: CheckStep,
  memory: CheckMemory,
  signal: AbortSignal,
): Promise<void> {
  if (step.kind === "wait") return;
  const driver = run.engine.catalog.checks.get(step.driver);
  try {
    const input = fillPublic(run, step.input, null);
    await driver?.begin?.(input, driverContext(run, step.connection, signal), memory);
  } catch {
    // What it goes through may need a value that an earlier step takes: it is looked at when it is its turn.
  }
}

async function attemptStep(
  run: Run,
  step: CheckStep,
  memory: CheckMemory,
  signal: AbortSignal,
): Promise<Attempt> {
  if (signal.aborted) return { kind: "error", detail: "interrupted", body: "", outputs: {} };
  if (step.kind === "test") return await attemptTest(run, step, signal, memory);
  try {
    await driverContext(run, null, signal).sleep(step.ms);
    return { kind: "pass", detail: `waited ${step.ms / 1000} s`, body: "", outputs: {} };
  } catch {
    return { kind: "error", detail: "interrupted", body: "", outputs: {} };
  }
}

function titleOf(step: CheckStep): string {
  if (step.kind === "wait") return step.title === "" ? "wait" : step.title;
  return step.title ?? step.driver;
}

/** What the evidence keeps of a step: how it ended, and what it was answered. */
function transcript(title: string, { kind, detail, body }: Attempt): string {
  const answer = body === "" || body.endsWith("\n") ? body : `${body}\n`;
  return `--- step ${title}: ${kind}: ${detail}\n${answer}`;
}

import type { Check, Output } from "../core/plan.ts";
import type { Json, Millis } from "../core/units.ts";
import type { CheckMemory, CheckResult } from "../drivers/driver.ts";
import { driverContext, fillPublic } from "./driver-context.ts";
import type { Run } from "./run.ts";
import { answerJson, takeOutputs } from "./take-outputs.ts";

/** A check without steps, or one step of a check. */
export interface Test extends Pick<Check, "driver" | "connection" | "input" | "timeout"> {
  readonly outputs: Readonly<Record<string, Output>>;
}

/** How an attempt ended, with the values that were taken and are not secret. */
export type Attempt = CheckResult & { readonly outputs: Readonly<Record<string, Json>> };

/** Makes a test once, within its timeout. Never throws: what hangs has failed, what cannot be made is an error. */
export async function attemptTest(
  run: Run,
  test: Test,
  outer: AbortSignal,
  memory?: CheckMemory,
): Promise<Attempt> {
  const result = await within(run, test.timeout, outer, (signal) => {
    const driver = run.engine.catalog.checks.get(test.driver);
    if (driver === undefined) throw new Error(`no check driver ${test.driver}`);
    const input = fillPublic(run, test.input, null);
    return driver.run(input, driverContext(run, test.connection, signal), memory);
  });
  if (result.kind !== "pass" || Object.keys(test.outputs).length === 0)
    return { ...result, outputs: {} };
  const outputs = takeOutputs(run, test.outputs, answerJson(result.answer ?? result.body));
  return outputs instanceof Error
    ? { kind: "error", detail: outputs.message, body: result.body, outputs: {} }
    : { ...result, outputs };
}

/** Runs `make` under a signal that ends with the bound, and does not wait for what ignores it. */
export async function within<T extends CheckResult>(
  run: Run,
  timeout: Millis,
  outer: AbortSignal,
  make: (signal: AbortSignal) => Promise<T>,
): Promise<T | CheckResult> {
  const own = new AbortController();
  const cancelTimer = run.engine.clock.after(timeout, () => own.abort());
  const late = new Promise<CheckResult>((resolve) => {
    const detail = `no result within ${timeout} ms`;
    own.signal.addEventListener("abort", () => resolve({ kind: "fail", detail, body: "" }), {
      once: true,
    });
  });
  try {
    return await Promise.race([make(AbortSignal.any([own.signal, outer])), late]);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { kind: "error", detail, body: "" };
  } finally {
    cancelTimer();
  }
}

import type { Effect } from "../core/effect.ts";
import type { Action } from "../core/plan.ts";
import { driverContext } from "./driver-context.ts";
import { requestOf } from "./perform-apply.ts";
import { runCheck } from "./perform-check.ts";
import type { Run } from "./run.ts";

/** Asks everything that can be asked before the first change; reads only. All problems at once. */
export async function performPreflight(
  run: Run,
  effect: Extract<Effect, { kind: "preflight" }>,
  cancel: AbortSignal,
): Promise<void> {
  const { plan } = run;
  const actions = [
    ...plan.stages.flatMap((stage) => stage.actions),
    ...plan.finish,
    ...plan.rollback.actions,
  ];
  const found: (readonly string[])[] = await Promise.all([
    ...plan.preflight.map((name) => checked(run, name, cancel)),
    ...actions
      .flatMap((action) => (typeof action.undo === "string" ? [action] : [action, action.undo]))
      .map((action) => permitted(run, action, cancel)),
  ]);
  if (found.flat().length === 0) found.push(...(await confirmed(run, cancel)));
  const problems = [...new Set(found.flat())].map((problem) => run.redactor.redact(problem));
  await run.record({ kind: "preflight-finished", effect: effect.id, problems });
}

async function checked(run: Run, name: string, cancel: AbortSignal): Promise<readonly string[]> {
  const check = run.plan.checks[name];
  if (check === undefined) throw new Error(`the plan has no check ${name}`);
  if (check.driver === "confirm") return [];
  const result = await runCheck(run, check, cancel);
  return result.kind === "pass" ? [] : [`check ${name}: ${result.detail}`];
}

async function permitted(
  run: Run,
  action: Action,
  cancel: AbortSignal,
): Promise<readonly string[]> {
  const driver = run.engine.catalog.actions.get(action.driver);
  if (driver === undefined || action.role === "release") return [];
  try {
    const missing = await driver.permissions(
      requestOf(run, action),
      driverContext(run, action.connection, cancel),
    );
    return missing.map((problem) => `${action.title}: ${problem}`);
  } catch (error) {
    return [`${action.title}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** How often a start that waits for a person looks whether the word has come, in milliseconds. */
const LOOK = 250;

/** Waits for the words that the preflight asks for, after everything else was found good. Nothing is touched meanwhile. */
async function confirmed(run: Run, cancel: AbortSignal): Promise<readonly (readonly string[])[]> {
  const names = run.plan.preflight.filter((name) => run.plan.checks[name]?.driver === "confirm");
  while (!cancel.aborted && names.some((name) => run.state.confirmations[name] === undefined))
    await new Promise<void>((resolve) => run.engine.clock.after(LOOK, resolve));
  return names.map((name) => {
    const word = run.state.confirmations[name];
    return word?.yes === false ? [`${name} was answered with no by ${word.by}`] : [];
  });
}

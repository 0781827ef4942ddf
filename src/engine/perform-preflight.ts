import type { Effect } from "../core/effect.ts";
import type { Action, Check } from "../core/plan.ts";
import { playbookActions } from "../core/playbook.ts";
import { makesOutputs, preflightOrder } from "../core/preflight-order.ts";
import type { Json } from "../core/units.ts";
import type { Attempt } from "./attempt-test.ts";
import { driverContext, fillName } from "./driver-context.ts";
import { looksPermitted } from "./looks-permitted.ts";
import { requestOf } from "./perform-apply.ts";
import { runCheck } from "./perform-check.ts";
import type { Run } from "./run.ts";
import { saveCapture } from "./save-capture.ts";

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
    ...playbookActions(plan),
  ];
  const checks = preflightOrder(plan).flatMap((name) => plan.checks[name] ?? []);
  const found: (readonly string[])[] = [];
  const outputs: Record<string, Json> = {};
  // Others may use what these read, so they come before them, one after another.
  for (const check of checks.filter(makesOutputs)) {
    const made = await checked(run, check, cancel);
    Object.assign(outputs, made.outputs);
    found.push(made.problems);
  }
  const rest = await Promise.all([
    ...checks
      .filter((check) => !makesOutputs(check))
      .map(async (check) => (await checked(run, check, cancel)).problems),
    ...actions
      .flatMap((action) => (typeof action.undo === "string" ? [action] : [action, action.undo]))
      .map((action) => permitted(run, action, cancel)),
  ]);
  found.push(...rest, await looksPermitted(run, cancel));
  if (found.flat().length === 0) found.push(...(await confirmed(run, cancel)));
  const problems = [...new Set(found.flat())].map((problem) => run.redactor.redact(problem));
  const kept = Object.keys(outputs).length === 0 ? {} : { outputs };
  await run.record({ kind: "preflight-finished", effect: effect.id, problems, ...kept });
}

interface Checked {
  readonly problems: readonly string[];
  readonly outputs: Attempt["outputs"];
}

async function checked(run: Run, check: Check, cancel: AbortSignal): Promise<Checked> {
  if (check.driver === "confirm") return { problems: [], outputs: {} };
  const { kind, detail, body, outputs } = await runCheck(run, check, cancel);
  if (check.as !== null) await saveCapture(run, fillName(run, check.as), body);
  return { problems: kind === "pass" ? [] : [`check ${check.name}: ${detail}`], outputs };
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

import type { Change } from "../core/field.ts";
import type { Action } from "../core/plan.ts";
import { playbookActions } from "../core/playbook.ts";
import type { Reading } from "../drivers/driver.ts";
import { bounded } from "./bounded.ts";
import { driverContext } from "./driver-context.ts";
import { requestOf } from "./perform-apply.ts";
import type { Run } from "./run.ts";

/** Bound of one read, in milliseconds. */
const CALL = 30_000;

/** A value that an action would set, and the one that is there. */
export interface Planned {
  readonly action: Action;
  readonly change: Change;
  readonly reading: Reading;
}

export interface Gathered {
  readonly planned: readonly Planned[];
  readonly problems: readonly string[];
}

/** Reads what every action would change, with its value as it is now. Writes nothing. */
export async function gatherChanges(run: Run, cancel: AbortSignal): Promise<Gathered> {
  const actions = [
    ...run.plan.stages.flatMap((stage) => stage.actions),
    ...run.plan.finish,
    // A person may run them at any time: what they change has to be undone with the rest.
    ...playbookActions(run.plan),
  ];
  const problems: string[] = [];
  const planned: Planned[] = [];
  for (const action of actions) {
    const found = await changesOf(run, action, cancel);
    if (typeof found === "string") problems.push(found);
    else planned.push(...found);
  }
  return { planned, problems };
}

async function changesOf(
  run: Run,
  action: Action,
  cancel: AbortSignal,
): Promise<readonly Planned[] | string> {
  const driver = run.engine.catalog.actions.get(action.driver);
  if (action.role === "release") return [];
  if (driver === undefined) throw new Error(`no driver ${action.driver}`);
  const request = requestOf(run, action);
  if (driver.style(request.input) === "call") return [];
  const changes = await bounded(run, CALL, cancel, (signal) =>
    driver.changes(request, driverContext(run, action.connection, signal)),
  );
  if (changes.kind !== "ok") return `${action.title}: ${changes.why}`;
  const fields = changes.value.map(({ field }) => field);
  const readings = await bounded(run, CALL, cancel, (signal) =>
    driver.read(fields, driverContext(run, action.connection, signal)),
  );
  if (readings.kind !== "ok")
    return `${action.title}: its baseline could not be read: ${readings.why}`;
  return changes.value.flatMap((change) => {
    const reading = readings.value.find(({ field }) => field.key === change.field.key);
    return reading === undefined ? [] : [{ action, change, reading }];
  });
}

import { bounded } from "./bounded.ts";
import { fieldsOf } from "./bundle.ts";
import { driverContext } from "./driver-context.ts";
import type { Run } from "./run.ts";

const CALL = 15_000;

/**
 * Takes the marks of the fence off every target that this rollout wrote, after its end was claimed: what did not exist
 * before is gone again. A mark that cannot be taken off stays, hinders nobody, and is told.
 */
export async function releaseMarks(run: Run): Promise<readonly string[]> {
  if (run.bundle === null) return [];
  const fields = fieldsOf(run.bundle, run.state.intended, run.state.intended).map(
    ({ field }) => field,
  );
  const targets = Map.groupBy(fields, ({ driver, target }) => `${driver} ${target}`);
  const never = new AbortController().signal;
  const left = [...targets.values()].map(async (group): Promise<readonly string[]> => {
    const first = group[0];
    const driver = first === undefined ? undefined : run.engine.catalog.actions.get(first.driver);
    if (first === undefined || driver?.release === undefined) return [];
    const release = driver.release.bind(driver);
    const answer = await bounded(run, CALL, never, (signal) =>
      release(group, driverContext(run, first.connection, signal)),
    );
    return answer.kind === "ok"
      ? []
      : [`the mark on ${first.target} is still there: ${answer.why}`];
  });
  return (await Promise.all(left)).flat();
}

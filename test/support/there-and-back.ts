import type { Change } from "../../src/core/field.ts";
import type { ActionDriver, Request } from "../../src/drivers/driver.ts";
import type { KubeWorld } from "./kube-world.ts";
import { must } from "./must.ts";

/** The changes that undo a request: its fields with the values of now. */
export async function captured<I>(
  driver: ActionDriver<I>,
  request: Request<I>,
  world: KubeWorld,
): Promise<readonly Change[]> {
  const changes = must(await driver.changes(request, world.context()));
  const fields = changes.map(({ field }) => field);
  const readings = must(await driver.read(fields, world.context()));
  return readings.map(({ field, value }) => ({ field, value }));
}

/** Finds and writes the changes of a request. */
export async function applied<I>(
  driver: ActionDriver<I>,
  request: Request<I>,
  world: KubeWorld,
): Promise<readonly Change[]> {
  const changes = must(await driver.changes(request, world.context()));
  must(await driver.write(changes, world.context()));
  return changes;
}

/** Writes the values before and takes the mark off, as the end of a rollout does. */
export async function undone<I>(
  driver: ActionDriver<I>,
  undo: readonly Change[],
  world: KubeWorld,
): Promise<void> {
  must(await driver.write(undo, world.context()));
  const fields = undo.map(({ field }) => field);
  must((await driver.release?.(fields, world.context())) ?? { kind: "ok", value: null });
}

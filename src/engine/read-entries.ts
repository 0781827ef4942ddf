import type { Reading } from "../drivers/driver.ts";
import { bounded } from "./bounded.ts";
import type { BundleField } from "./bundle.ts";
import { driverContext } from "./driver-context.ts";
import type { Run } from "./run.ts";
import { sleep } from "./sleep.ts";

/** Bound of one read, and the pause before the next try, in milliseconds: half a minute at worst for all together. */
const CALL = 9000;
const PAUSE = 1000;
const TRIES = 3;

/** A field as it is now; `why` says why it could not be read, and is null where it was. */
export interface EntryRead {
  readonly entry: BundleField;
  readonly reading: Reading | null;
  readonly why: string | null;
}

/** Reads fields as they are now, all targets at once, each tried a few times. Writes nothing. */
export async function readEntries(
  run: Run,
  entries: readonly BundleField[],
  cancel: AbortSignal,
): Promise<readonly EntryRead[]> {
  const targets = Map.groupBy(entries, ({ field }) => `${field.driver} ${field.target}`);
  const reads = [...targets.values()].map((target) => readTarget(run, target, cancel));
  return (await Promise.all(reads)).flat();
}

async function readTarget(
  run: Run,
  entries: readonly BundleField[],
  cancel: AbortSignal,
): Promise<readonly EntryRead[]> {
  const fields = entries.map(({ field }) => field);
  const [first] = fields;
  const driver = first === undefined ? undefined : run.engine.catalog.actions.get(first.driver);
  const unread = (why: string): readonly EntryRead[] =>
    entries.map((entry) => ({ entry, reading: null, why }));
  if (first === undefined || driver === undefined) return unread("no driver for it");
  let why = "interrupted";
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (cancel.aborted) break;
    if (tries > 0) await sleep(run.engine.clock, PAUSE);
    const answer = await bounded(run, CALL, cancel, (signal) =>
      driver.read(fields, driverContext(run, first.connection, signal)),
    );
    if (answer.kind === "ok") return entries.map((entry) => found(entry, answer.value));
    why = answer.why;
  }
  return unread(why);
}

function found(entry: BundleField, readings: readonly Reading[]): EntryRead {
  const { field } = entry;
  const gone: Reading = { field, value: { present: false }, mark: null };
  return {
    entry,
    reading: readings.find((each) => each.field.key === field.key) ?? gone,
    why: null,
  };
}

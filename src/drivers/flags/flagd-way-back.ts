import { hostname } from "node:os";

import type { Change, Field } from "../../core/field.ts";
import { failed, ok, unknown } from "../answer.ts";
import type { Answer, DriverContext, Failure, Reading } from "../driver.ts";
import { editFile, readText } from "../edit-file.ts";
import type { WayBack } from "../lazy-driver.ts";
import { editFlagdText } from "./flagd-edit.ts";
import { flagdRefOf, valueOfEntry, type FlagdRef } from "./flagd-flag.ts";
import { findFlagdEntry } from "./flagd-text.ts";

/** How flags of a flag file are read and written back, without the schemas of a plan. */
export const flagdWayBack: WayBack = {
  read: readFlags,
  write: writeFlags,
  settle: () => Promise.resolve(ok(null)),
  call: () => Promise.resolve(failed("a flag is not called, it is set")),
};

async function readFlags(fields: readonly Field[]): Promise<Answer<readonly Reading[]>> {
  const texts = new Map<string, string>();
  const readings: Reading[] = [];
  for (const field of fields) {
    const ref = flagdRefOf(field);
    const wrong = elsewhere(ref);
    if (wrong !== null) return wrong;
    const known = texts.get(ref.file);
    const file = known === undefined ? await readText(ref.file) : ok({ text: known });
    if (file.kind !== "ok") return file;
    texts.set(ref.file, file.value.text);
    const entry = findFlagdEntry(file.value.text, ref.flag);
    if (entry.kind !== "ok") return failed(`${ref.file}: ${entry.why}`);
    readings.push({ field, value: valueOfEntry(entry.value, ref), mark: null });
  }
  return ok(readings);
}

/** All changes of one file in one edit: a reader sees the flags before or after, and nothing between. */
async function writeFlags(
  changes: readonly Change[],
  context: DriverContext,
): Promise<Answer<null>> {
  const files = Map.groupBy(changes, ({ field }) => flagdRefOf(field).file);
  let done = 0;
  for (const [file, group] of files) {
    const wrong = elsewhere(flagdRefOf((group[0] as Change).field));
    if (wrong !== null) return wrong;
    const answer = await editFile(file, (text) => editFlagdText(text, file, group), context.signal);
    if (answer.kind !== "ok") return done > 0 ? unknown(answer.why) : answer;
    done += 1;
  }
  return ok(null);
}

function elsewhere({ host, file }: FlagdRef): Failure | null {
  return host === hostname()
    ? null
    : failed(`${file} lies on ${host}, and this is ${hostname()}: run this there`);
}

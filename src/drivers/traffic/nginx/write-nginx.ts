import type { Change } from "../../../core/field.ts";
import { failed, ok, unknown } from "../../answer.ts";
import { describeArgv } from "../../describe-argv.ts";
import type { Answer, DriverContext } from "../../driver.ts";
import { runReload } from "../../env/reload.ts";
import { machineOf, type Machine } from "../../machine/machine.ts";
import { lastWords, runCommand } from "../../run-command.ts";
import { placeName, writePlace } from "./conf-places.ts";
import { refOf, valuesOf, type NginxRef } from "./nginx-field.ts";
import { wrongHost } from "./read-nginx.ts";

/**
 * Edits the file, tests the configuration, and tells nginx. What the test refuses is taken back before anybody could load
 * it. nginx is told also when the file reads so already: an earlier write may have died between the two.
 */
export async function writeNginx(
  changes: readonly Change[],
  context: DriverContext,
): Promise<Answer<null>> {
  let wrote = false;
  for (const change of changes) {
    const answer = await writeOne(change, context);
    if (answer.kind !== "ok") return wrote ? unknown(answer.why) : answer;
    wrote = true;
  }
  return ok(null);
}

async function writeOne(change: Change, context: DriverContext): Promise<Answer<null>> {
  const ref = refOf(change.field);
  const machine = machineOf(context);
  const wrong = wrongHost(ref, machine);
  if (wrong !== null) return wrong;
  const before = await machine.readText(ref.file);
  if (before.kind !== "ok") return before;
  const edited = await machine.editFile(ref.file, (text) => edit(text, change, ref));
  if (edited.kind !== "ok") return edited;
  const tested = await testConfiguration(ref, machine);
  if (tested.kind !== "ok") {
    // The signal may be cut by now; this must happen all the same.
    const uncut = machineOf({ ...context, signal: new AbortController().signal });
    return takeBack(ref, before.value, tested.why, uncut);
  }
  const told = await runReload(ref.reload, machine.context);
  return told.kind === "ok" ? told : unknown(`${ref.file} is written, but ${told.why}`);
}

function edit(text: string, { value }: Change, ref: NginxRef): Answer<string> {
  const values = valuesOf(value);
  let edited = text;
  for (const place of ref.places) {
    const next = writePlace(edited, place, values[placeName(place)] ?? null);
    if (next instanceof Error) return failed(`${ref.file}: ${next.message}`);
    edited = next;
  }
  return ok(edited);
}

/** Whether nginx accepts the configuration as it is on disk. */
export async function testConfiguration(
  ref: Pick<NginxRef, "test">,
  machine: Machine,
): Promise<Answer<null>> {
  const result = await runCommand({ argv: ref.test }, machine.context);
  if (result.exitCode === 0) return ok(null);
  const how = result.why ?? `ended with ${result.exitCode}`;
  return failed(`${describeArgv(ref.test)} ${how}${lastWords(result)}`);
}

async function takeBack(
  ref: NginxRef,
  text: string,
  why: string,
  machine: Machine,
): Promise<Answer<null>> {
  const back = await machine.editFile(ref.file, () => ok(text));
  return back.kind === "ok"
    ? failed(`${why}; the file is as before`)
    : unknown(`${why}; and ${ref.file} could not be taken back: ${back.why}`);
}

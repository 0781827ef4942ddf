import type { Change, Field } from "../../core/field.ts";
import { failed, ok, unknown } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { machineOf, type Machine } from "../machine/machine.ts";
import { envRefOf, reloadsOf, wrongHost, type EnvChange, type EnvRef } from "./env-field.ts";
import { envKeyProblem, readEnvKey, removeEnvKey, setEnvKey } from "./env-text.ts";
import { runReload } from "./reload.ts";
import { revealSecret } from "./secret-copy.ts";

/**
 * Writes the keys of each file in one step, then tells its service, also when the file already reads so: an earlier
 * write may have died between the two.
 */
export async function writeEnv(
  changes: readonly Change[],
  context: DriverContext,
): Promise<Answer<null>> {
  const all = changes.map((change): EnvChange => ({ change, ref: envRefOf(change.field) }));
  const machine = machineOf(context);
  let wrote = false;
  for (const group of Map.groupBy(all, ({ ref }) => ref.file).values()) {
    const answer = await writeFile(group, machine);
    if (answer.kind !== "ok") return wrote ? unknown(answer.why) : answer;
    wrote = true;
  }
  for (const reload of reloadsOf(all.map(({ ref }) => ref))) {
    const answer = await runReload(reload, machine.context);
    if (answer.kind !== "ok") return unknown(`the file is written, but ${answer.why}`);
  }
  return ok(null);
}

/** Removes the copies of old secrets that are in force again; one whose values are not back is still needed. */
export async function releaseCopies(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<null>> {
  const machine = machineOf(context);
  const refs = fields.map(envRefOf).filter(({ secret }) => secret !== null);
  for (const [copy, group] of Map.groupBy(refs, (ref) => ref.copy)) {
    const old = await machine.readText(copy);
    const live = await machine.readText(group[0]?.file ?? "");
    if (old.kind !== "ok" || live.kind !== "ok") continue;
    const back = group.every(
      ({ key }) => readEnvKey(old.value, key) === readEnvKey(live.value, key),
    );
    if (!back) continue;
    const removed = await machine.removeFile(copy);
    if (removed.kind !== "ok") return removed;
  }
  return ok(null);
}

async function writeFile(group: readonly EnvChange[], machine: Machine): Promise<Answer<null>> {
  const [first] = group;
  if (first === undefined) return ok(null);
  const wrong = wrongHost(first.ref, machine);
  if (wrong !== null) return wrong;
  const texts = new Map<string, string | null>();
  for (const { change, ref } of group) {
    const raw = await rawOf(change, ref, machine);
    if (raw.kind !== "ok") return raw;
    texts.set(ref.key, raw.value);
  }
  const kept = await keepSecrets(group, texts, machine);
  if (kept.kind !== "ok") return kept;
  return await machine.editFile(first.ref.file, (text) => edited(text, texts));
}

/** The text that the file will have for this change; null removes the key. */
async function rawOf(
  { value }: Change,
  ref: EnvRef,
  machine: Machine,
): Promise<Answer<string | null>> {
  if (!value.present) return ok(null);
  if (typeof value.value === "string" && ref.secret === null) return ok(value.value);
  const hash = hashIn(value.value);
  return hash === null
    ? failed(`${ref.key} cannot hold ${JSON.stringify(value.value)}`)
    : await revealSecret(hash, ref, machine);
}

function hashIn(value: unknown): string | null {
  return typeof value === "object" &&
    value !== null &&
    "sha256" in value &&
    typeof value.sha256 === "string"
    ? value.sha256
    : null;
}

/** Before the first secret is replaced, the file is copied; a write of what is live already replaces nothing. */
async function keepSecrets(
  group: readonly EnvChange[],
  texts: ReadonlyMap<string, string | null>,
  machine: Machine,
): Promise<Answer<null>> {
  const secret = group.find(({ ref }) => ref.secret !== null);
  if (secret === undefined) return ok(null);
  const file = await machine.readText(secret.ref.file);
  if (file.kind !== "ok") return file;
  const replaces = group.some(({ ref }) => {
    const live = readEnvKey(file.value, ref.key);
    const wanted = texts.get(ref.key) ?? null;
    return ref.secret !== null && live !== null && wanted !== null && live !== wanted;
  });
  return replaces ? await machine.makeFile(secret.ref.copy, file.value) : ok(null);
}

function edited(text: string, texts: ReadonlyMap<string, string | null>): Answer<string> {
  let result = text;
  for (const [key, raw] of texts) {
    const problem = envKeyProblem(result, key);
    if (problem !== null) return failed(problem);
    result = raw === null ? removeEnvKey(result, key) : setEnvKey(result, key, raw);
  }
  return ok(result);
}

import { createHash } from "node:crypto";

import type { Change, Field, FieldValue } from "../../core/field.ts";
import { failed } from "../answer.ts";
import type { Failure } from "../driver.ts";
import type { Machine } from "../machine/machine.ts";
import type { Reload } from "./reload-input.ts";

/**
 * What a key of an env file needs to be read and written from any process on its host. A type rather than an interface:
 * only that is known to be plain JSON.
 */
export type EnvRef = {
  /** The machine's name. */
  readonly host: string;
  /** The real path. */
  readonly file: string;
  readonly key: string;
  readonly reload: Reload | null;
  /** The text with references that the plan sets, where it is secret: then only its hash is the field's value. */
  readonly secret: string | null;
  /** The copy beside the file that keeps old secret values, made before the first write. */
  readonly copy: string;
};

export interface EnvChange {
  readonly change: Change;
  readonly ref: EnvRef;
}

/**
 * The parsed `ref` of a field.
 * @throws when it is none: a damaged bundle.
 */
export function envRefOf(field: Field): EnvRef {
  const { ref } = field;
  if (!isEnvRef(ref)) throw new Error(`${field.key} is no key of an env file`);
  return ref;
}

function isEnvRef(ref: unknown): ref is EnvRef {
  if (typeof ref !== "object" || ref === null) return false;
  const { host, file, key, copy, secret, reload } = ref as Readonly<Record<string, unknown>>;
  return (
    [host, file, key, copy].every((each) => typeof each === "string") &&
    (secret === null || typeof secret === "string") &&
    typeof reload === "object"
  );
}

/** Says no on another machine: a file of the same name lies there too, but it is another file. */
export function wrongHost(
  ref: Pick<EnvRef, "host" | "file">,
  { name }: Pick<Machine, "name">,
): Failure | null {
  return ref.host === name
    ? null
    : failed(`${ref.file} lies on ${ref.host}, and this is ${name}: run this there`);
}

/** What the field holds for this text: the text, or its hash where the plan's value is secret (rule: never stored). */
export function valueOf(raw: string | null, ref: Pick<EnvRef, "secret">): FieldValue {
  if (raw === null) return { present: false };
  return { present: true, value: ref.secret === null ? raw : { sha256: sha256(raw) } };
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What has to be told after a change of these fields, each once. */
export function reloadsOf(refs: readonly EnvRef[]): readonly Reload[] {
  const all = new Map<string, Reload>();
  for (const { reload } of refs) if (reload !== null) all.set(JSON.stringify(reload), reload);
  return [...all.values()];
}

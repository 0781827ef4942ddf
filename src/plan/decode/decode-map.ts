import type { z } from "zod";

import type { Json } from "../../core/units.ts";
import type { Refusal } from "../../drivers/driver.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { isMap, type JsonMap } from "./is-map.ts";
import { laterKeys } from "./later-keys.ts";
import { show } from "./show.ts";
import { unknownName } from "./unknown-name.ts";
import { validate } from "./validate.ts";

export type Decoded<S extends z.core.$ZodShape> = {
  readonly [K in keyof S]?: Exclude<z.output<S[K]>, undefined>;
};

/**
 * Decodes a map key by key, so that one bad value hides no other: it is reported and left out. Unknown keys are reported;
 * `others` are those that somebody else decodes.
 */
export function decodeMap<S extends Readonly<Record<string, z.ZodType>>>(
  loading: Loading,
  shape: S,
  value: Json | undefined,
  path: SourcePath,
  others: readonly string[] | "any" = [],
): Decoded<S> {
  const map = expectMap(loading, value, path);
  if (map === null) return {};
  const decoded: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    const given = Object.hasOwn(map, key) ? map[key] : undefined;
    if (given === undefined) {
      if (!schema.safeParse(undefined).success)
        loading.report(path, {
          code: "missing-key",
          message: `\`${key}\` is missing`,
          fix: `add \`${key}: …\``,
          atKey: true,
        });
      continue;
    }
    const valid = validate(loading, schema, given, [...path, key]);
    if (valid !== null && valid.value !== undefined) decoded[key] = valid.value;
  }
  for (const key of Object.keys(map)) {
    if (others !== "any" && !Object.hasOwn(shape, key) && !others.includes(key))
      reportUnknownKey(loading, [...path, key], [...Object.keys(shape), ...others]);
  }
  return decoded as Decoded<S>;
}

/** The value as a map; null, and reported, where it is something else. */
export function expectMap(
  loading: Loading,
  value: Json | undefined,
  path: SourcePath,
): JsonMap | null {
  if (isMap(value)) return value;
  if (value !== undefined)
    loading.report(path, {
      code: "wrong-type",
      message:
        value === null && path.length > 0
          ? `\`${String(path.at(-1))}\` is empty`
          : `${show(value, loading.source.written(path))} is not a map`,
      fix:
        path.length === 0
          ? "begin with `apiVersion: canary/v1`, and write the keys of a plan"
          : value === null
            ? "write `key: value` lines below it, or remove it"
            : "write `key: value` lines below it, or { key: value }",
    });
  return null;
}

/** Reports a key that is unknown, one that its driver cannot have, or one that only later versions know. */
export function reportUnknownKey(
  loading: Loading,
  path: SourcePath,
  allowed: readonly string[],
  refused?: Refusal,
): void {
  const key = String(path.at(-1));
  if (refused !== undefined) {
    const message = `\`${key}\` is not possible here: ${refused.why}`;
    loading.report(path, { code: "not-supported", message, fix: refused.fix, atKey: true });
    return;
  }
  const later = Object.hasOwn(laterKeys, key) ? laterKeys[key] : undefined;
  loading.report(
    path,
    later === undefined
      ? {
          code: "unknown-key",
          message: `the key \`${key}\` is unknown here`,
          fix: unknownName(key, allowed),
          atKey: true,
        }
      : {
          code: "not-supported",
          message: `\`${key}\` (${later}) is not supported by this version`,
          fix: "remove it",
          atKey: true,
        },
  );
}

import type { z } from "zod";

import type { Json } from "../../core/units.ts";
import type { Refusal } from "../../drivers/driver.ts";
import { reportUnknownKey } from "../decode/decode-map.ts";
import { isMap, type JsonMap } from "../decode/is-map.ts";
import { schemaKeys } from "../decode/schema-keys.ts";
import { validate } from "../decode/validate.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";

interface Given {
  readonly schema: z.ZodType;
  readonly value: Json;
  readonly path: SourcePath;
  /** Keys beside the driver's own, which are decoded elsewhere. */
  readonly common: readonly string[];
  /** Keys that the driver cannot have, and why. */
  readonly refuses?: Readonly<Record<string, Refusal>> | undefined;
}

/**
 * Validates the part of a thing that belongs to its driver. Null, and reported, where it is wrong. Drivers take plain maps;
 * what their schema makes of the input is what they get.
 */
export function driverInput(loading: Loading, given: Given): JsonMap | null {
  const { schema, path, common, refuses } = given;
  let { value } = given;
  if (isMap(value)) {
    const own = schemaKeys(schema, []);
    const strange = own.length === 0 ? [] : Object.keys(value).filter((key) => !own.includes(key));
    const unknown = strange.filter((key) => !common.includes(key));
    for (const key of unknown)
      reportUnknownKey(loading, [...path, key], [...own, ...common], refusalOf(refuses, key));
    value = Object.fromEntries(
      Object.entries(value).filter(([key]) =>
        own.length === 0 ? !common.includes(key) : !strange.includes(key),
      ),
    );
  }
  const valid = validate(loading, schema, value, path);
  return valid === null ? null : (valid.value as JsonMap);
}

/** Why a driver cannot have a key, where it says so. */
export function refusalOf(
  refuses: Readonly<Record<string, Refusal>> | undefined,
  key: string,
): Refusal | undefined {
  return refuses !== undefined && Object.hasOwn(refuses, key) ? refuses[key] : undefined;
}

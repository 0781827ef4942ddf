import { createHash } from "node:crypto";

import type { FieldValue } from "../core/field.ts";

/** SHA-256 of a baseline value, for the journal: the value itself stands in the bundle alone. */
export function hashValue(value: FieldValue): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

import { createHash } from "node:crypto";

import type { Plan } from "../core/plan.ts";
import { canonicalJson } from "./canonical-json.ts";

/**
 * The SHA-256 of a normalized plan, in hex. Confirmations are over this: it changes with anything that changes what a
 * rollout does, and not with comments, key order, or the form in which a duration was written.
 */
export function digestPlan(plan: Plan): string {
  return createHash("sha256").update(canonicalJson(plan)).digest("hex");
}

import type { Diagnostic } from "./diagnostic.ts";
import { conditionCodes, loadCodes } from "./load-codes.ts";
import { ruleCodes } from "./rules/rule-codes.ts";

export interface CodeInfo {
  readonly severity: Diagnostic["severity"];
  /** What it asks for, in one sentence. */
  readonly about: string;
}

function errors(table: Readonly<Record<string, string>>): Readonly<Record<string, CodeInfo>> {
  return Object.fromEntries(
    Object.entries(table).map(([code, about]) => [code, { severity: "error", about }]),
  );
}

/** Every code that a diagnostic of a plan can have: those of reading, of conditions, and of the rules. */
export const codes: Readonly<Record<string, CodeInfo>> = {
  ...errors(loadCodes),
  ...errors(conditionCodes),
  ...ruleCodes,
};

import { ruleCodes, type RuleCode } from "./rule-codes.ts";

/** The sections of a plan that must be without errors for a problem of this code to be told; none for other codes. */
export function needsOf(code: string): readonly string[] {
  if (!isRuleCode(code)) return [];
  const info = ruleCodes[code];
  return "needs" in info ? info.needs : [];
}

function isRuleCode(code: string): code is RuleCode {
  return Object.hasOwn(ruleCodes, code);
}

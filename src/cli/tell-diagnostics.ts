import type { Diagnostic } from "../plan/diagnostic.ts";
import { renderDiagnostic } from "../plan/render-diagnostic.ts";
import { wantsColor } from "../report/color.ts";
import { tell } from "./print.ts";

/** Shows every problem of a plan on stderr, and how many there are. Gives whether one of them is an error. */
export function tellDiagnostics(
  path: string,
  text: string,
  diagnostics: readonly Diagnostic[],
): boolean {
  const colour = wantsColor(process.stderr.isTTY, process.env);
  for (const diagnostic of diagnostics) tell(`${renderDiagnostic(diagnostic, text, { colour })}\n`);
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  if (diagnostics.length > 0)
    tell(`${path}: ${count(errors, "error")}, ${count(warnings, "warning")}`);
  return errors > 0;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

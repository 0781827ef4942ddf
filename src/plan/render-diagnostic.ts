import { Chalk } from "chalk";

import { codeFrame } from "./code-frame.ts";
import type { Diagnostic } from "./diagnostic.ts";

/**
 * A diagnostic as people read it: place, message and stable code on the first line, the code frame, and the fix. No
 * line ends with spaces, and there is no newline at the end. Control signs of the source are not passed on.
 */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  text: string,
  { colour = false }: { readonly colour?: boolean } = {},
): string {
  const paint = new Chalk({ level: colour ? 1 : 0 });
  const { file, line, col, severity, code, message, fix } = diagnostic;
  const loud = severity === "error" ? paint.red : paint.yellow;
  const frame = codeFrame(text, diagnostic);
  const lines = [
    `${paint.bold(`${file}:${line}:${col}`)}: ${loud(severity)}: ${plain(message)} ${paint.dim(`[${code}]`)}`,
    ...frame.before.map((each) => `    ${paint.dim(each)}`),
    `  ${loud(">")} ${frame.line}`,
    `    ${loud(frame.carets)}`,
    ...frame.after.map((each) => `    ${paint.dim(each)}`),
    ...(fix === null ? [] : [`  ${paint.cyan("fix:")} ${plain(fix)}`]),
  ];
  return lines.join("\n");
}

/** A value of the plan inside a message must not drive the terminal. */
function plain(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, " ");
}

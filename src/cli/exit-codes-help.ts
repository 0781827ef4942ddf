import { exitCodes } from "./exit-codes.ts";

/** The table of exit codes as the help shows it. */
export function exitCodesHelp(): string {
  const rows = exitCodes.map(
    ({ code, means, production }) =>
      `  ${String(code).padStart(3)}  ${means.replaceAll("**", "")} (production: ${production})`,
  );
  return `Exit codes:\n${rows.join("\n")}\n`;
}

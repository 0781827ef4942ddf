import { Chalk, type ChalkInstance } from "chalk";

interface Asked {
  readonly isTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * A chalk at the level that was asked for: chalk itself does not know NO_COLOR. FORCE_COLOR goes before NO_COLOR, as in
 * Node; without either only a terminal that is not dumb gets colour.
 */
export function colorsFor({ isTerminal, env }: Asked): ChalkInstance {
  return new Chalk({ level: wantsColor(isTerminal, env) ? 1 : 0 });
}

/** Whether a stream gets colour. */
export function wantsColor(isTerminal: boolean, env: Asked["env"]): boolean {
  const force = env["FORCE_COLOR"] ?? env["CLICOLOR_FORCE"];
  if (force !== undefined) return force !== "0" && force !== "false";
  if ((env["NO_COLOR"] ?? "") !== "" || (env["CANARY_NO_COLOR"] ?? "") !== "") return false;
  return isTerminal && env["TERM"] !== "dumb";
}

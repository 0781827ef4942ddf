import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/**
 * The folder of this user's own records (index of rollouts, signing key): `CANARY_STATE_DIR`, else `canary` in
 * `XDG_STATE_HOME`, else `~/.local/state/canary`.
 */
export function stateDir(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const own = env["CANARY_STATE_DIR"];
  if (own !== undefined && own !== "") return resolve(own);
  const state = env["XDG_STATE_HOME"];
  // The XDG specification asks to ignore a relative path: it would mean another folder in every folder.
  if (state !== undefined && isAbsolute(state)) return join(state, "canary");
  return join(homedir(), ".local", "state", "canary");
}

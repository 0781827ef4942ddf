import { failed, ok, unknown } from "../../answer.ts";
import type { Answer } from "../../driver.ts";
import type { ExecPort } from "../../exec.ts";

/** A script ends so before it has said anything to the socket. */
const SAID_NOTHING = 64;

/** Brings its input to a socket, as HAProxy's documentation does. */
const ASK = `no() { echo "$1" >&2; exit ${SAID_NOTHING}; }
[ -e "$1" ] || no "there is no such socket: add \\\`stats socket … level admin\\\` to HAProxy's \\\`global\\\`"
[ -S "$1" ] || no "it is no socket"
[ -r "$1" ] && [ -w "$1" ] || no "$(id -un) may not use the socket: see its \\\`mode\\\` and \\\`group\\\` in HAProxy's \\\`global\\\`"
command -v socat >/dev/null || no "there is no socat there: install it"
exec socat -t 30 - "UNIX-CONNECT:$1"`;

/** Asks the Runtime API on another machine, by its path there. Nothing was sent where ssh or the socket was not reached. */
export async function askThere(
  socket: string,
  commands: readonly string[],
  exec: ExecPort,
  signal: AbortSignal,
): Promise<Answer<string>> {
  // The program there would take these for an end of the path.
  if (/[,:!"'\\]/.test(socket)) return failed(`${socket} is no path that socat can be told`);
  const input = `${commands.join(";")}\n`;
  const result = await exec(["sh", "-c", ASK, "canary", socket], { signal, input });
  const words = result.why ?? result.stderr.trim().split("\n").at(-1) ?? "";
  if (!result.started || result.exitCode === SAID_NOTHING) return failed(`${socket}: ${words}`);
  if (result.exitCode === 0)
    return result.stdout.endsWith("\n")
      ? ok(result.stdout)
      : unknown(`${socket} was closed before its answer was complete`);
  // It could not connect, so it has sent nothing.
  if (/connection refused/i.test(words))
    return failed(`${socket}: nothing listens there: is HAProxy running?`);
  return unknown(`${socket}: ${words === "" ? `asking it ended with ${result.exitCode}` : words}`);
}

import type { ExecOptions, ExecPort, ExecResult } from "../exec.ts";
import { shellQuote } from "./shell-quote.ts";
import type { SshConfig } from "./ssh-connection.ts";

/** How ssh itself ends, whatever the command would have ended with. */
const SSH_FAILED = 255;
/** What ssh says when it never came to the command. */
const NEVER_THERE =
  /connect to (?:host|address)|could not resolve|permission denied \(|host key verification failed|no route to host|connection refused|connection timed out|identity file .* not accessible|bad configuration|too many authentication failures|kex_exchange_identification/i;

/**
 * A port that runs each argv on another machine. Environment variables go through the input of a shell there, so that no
 * list of processes shows them, here or there. A cut leaves the outcome open: the command may go on without us.
 */
export function sshExec(exec: ExecPort, config: SshConfig): ExecPort {
  return async (argv, options) => {
    const { env, cwd, input, ...rest } = options;
    const there = cwd === undefined ? "" : `cd ${shellQuote([cwd])} && `;
    const variables = Object.entries(env ?? {});
    const command = `${there}exec ${shellQuote(argv)}`;
    const result =
      variables.length === 0
        ? await exec(sshArgv(config, command), withInput(rest, input))
        : await exec(sshArgv(config, "exec sh -s"), {
            ...rest,
            input: `${variables.map(([name, value]) => `export ${name}=${shellQuote([value])}\n`).join("")}${command} </dev/null\n`,
          });
    return told(result, config);
  };
}

function withInput(options: ExecOptions, input: string | undefined): ExecOptions {
  return input === undefined ? options : { ...options, input };
}

function sshArgv(
  { host, port, identity, knownHosts }: SshConfig,
  command: string,
): readonly string[] {
  const options = [
    // Nobody is there to type a password or to trust a key.
    "BatchMode=yes",
    "ConnectTimeout=10",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    ...(identity === undefined ? [] : ["IdentitiesOnly=yes"]),
    ...(knownHosts === undefined ? [] : [`UserKnownHostsFile=${knownHosts}`]),
  ];
  return [
    "ssh",
    ...options.flatMap((option) => ["-o", option]),
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(identity === undefined ? [] : ["-i", identity]),
    "--",
    host,
    command,
  ];
}

function told(result: ExecResult, { host }: SshConfig): ExecResult {
  if (result.exitCode !== SSH_FAILED) return result;
  const words = result.stderr.trim().split("\n").at(-1) ?? "";
  const why = `ssh to ${host}: ${words === "" ? "the connection was lost" : words}`;
  return { ...result, exitCode: null, why, started: !NEVER_THERE.test(result.stderr) };
}

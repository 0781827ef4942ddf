import { isAnyCallHanging } from "../evidence/reach-disk.ts";
import { packageVersion } from "./package-version.ts";
import { refuseSilentEnd } from "./refuse-silent-end.ts";
import { survivePipes } from "./survive-pipes.ts";
import { tellSignals } from "./tell-signals.ts";

survivePipes();
tellSignals();
const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  process.stdout.write(`${packageVersion()}\n`);
} else {
  const isDone = refuseSilentEnd(args);
  const { runProgram } = await import("./run-program.ts");
  process.exitCode = await runProgram(args);
  isDone();
  leaveSoon();
}

/** Everything is said and written: sockets that are kept alive for reuse must not keep the process. */
function leaveSoon(): void {
  setTimeout(leave, 300).unref();
}

/** Exiting waits for calls of the file system that never come back; becoming another program does not. */
function leave(): void {
  if (isAnyCallHanging() && process.execve !== undefined) {
    const code = String(process.exitCode ?? 0);
    // Node calls this one experimental, to whoever reads the terminal.
    process.removeAllListeners("warning");
    process.execve("/bin/sh", ["sh", "-c", `exit ${code}`], { PATH: "/usr/bin:/bin" });
  }
  process.exit();
}

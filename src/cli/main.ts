import { packageVersion } from "./package-version.ts";
import { survivePipes } from "./survive-pipes.ts";
import { tellSignals } from "./tell-signals.ts";

survivePipes();
tellSignals();
const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === "--version" || args[0] === "-V")) {
  process.stdout.write(`${packageVersion()}\n`);
} else {
  const { runProgram } = await import("./run-program.ts");
  process.exitCode = await runProgram(args);
  leaveSoon();
}

/** Everything is said and written: sockets that are kept alive for reuse must not keep the process. */
function leaveSoon(): void {
  setTimeout(() => process.exit(), 300).unref();
}

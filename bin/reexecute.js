// Old syntax on purpose, like canary.js.
import childProcess from "node:child_process";
import os from "node:os";

var SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
/** How long a signal may take to reach the child from the terminal before it is passed on, in milliseconds. */
var GRACE = 100;

/**
 * Runs the same command line under another Node, as if this process were that one: same terminal, same signals, same end.
 * A terminal sends its signals to both, `kill` to this one alone, and the second signal means "leave at once": so the child
 * says over the channel which it got by itself, and only the others are passed on.
 */
export function reexecute(binary, args) {
  var env = Object.assign({}, process.env, { CANARY_REEXECUTED: "1" });
  var child = childProcess.spawn(binary, args, {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: env,
  });
  var got = {};
  var owed = {};
  child.on("message", function (message) {
    if (message && message.signal) got[message.signal] = (got[message.signal] || 0) + 1;
  });
  SIGNALS.forEach(function (signal) {
    process.on(signal, function () {
      owed[signal] = (owed[signal] || 0) + 1;
      setTimeout(function () {
        if ((got[signal] || 0) < owed[signal]) child.kill(signal);
      }, GRACE);
    });
  });
  child.on("error", function (error) {
    process.stderr.write("canary could not start " + binary + ": " + error.message + "\n");
    process.exitCode = 1;
  });
  child.on("exit", function (code, signal) {
    if (signal === null) process.exit(code);
    SIGNALS.forEach(function (name) {
      process.removeAllListeners(name);
    });
    process.kill(process.pid, signal);
    // A signal that this process survives still has its code.
    setTimeout(function () {
      process.exit(128 + (os.constants.signals[signal] || 0));
    }, 1000);
  });
}

// Builds after `npm ci`. npm runs this for `npx canary` in a clone without its dependencies too, and a failure would leave
// npx's cache broken for this folder for good: without a compiler nothing is built, and canary says what to do.
// Old syntax on purpose, like bin/canary.js.
import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import url from "node:url";

var root = path.dirname(path.dirname(url.fileURLToPath(import.meta.url)));
var compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");

if (fs.existsSync(compiler)) {
  var built = childProcess.spawnSync(process.execPath, [compiler, "-b"], {
    cwd: root,
    stdio: "inherit",
  });
  process.exitCode = built.status === null ? 1 : built.status;
}

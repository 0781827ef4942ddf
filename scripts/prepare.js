// Builds after `npm ci`. npm runs this once for `npx canary` too, which needs no build when there is one, and whose cache for
// this folder is broken for good when this fails: then nothing is built, and canary itself says what to do.
// Old syntax on purpose, like bin/canary.js.
import childProcess from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import url from "node:url";

var root = path.dirname(path.dirname(url.fileURLToPath(import.meta.url)));
var compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
var isForNpx = process.env.npm_command === "exec";
var isBuilt = fs.existsSync(path.join(root, "dist", "bundle", "main.js"));

if (fs.existsSync(compiler) && !(isForNpx && isBuilt)) {
  var built = childProcess.spawnSync(process.execPath, [compiler, "-b", "src"], {
    cwd: root,
    stdio: "inherit",
  });
  if (!isForNpx) process.exitCode = built.status === null ? 1 : built.status;
  // A Node that is too old for this one only starts canary a little later.
  if (built.status === 0) {
    childProcess.spawnSync(process.execPath, [path.join(root, "scripts", "bundle.js")], {
      cwd: root,
      stdio: "ignore",
    });
  }
}

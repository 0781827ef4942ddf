#!/usr/bin/env node
// Old syntax on purpose: a Node that is too old must still be able to read this far and say what to install.
import fs from "node:fs";
import module from "node:module";
import path from "node:path";
import url from "node:url";

var root = path.dirname(path.dirname(fs.realpathSync(url.fileURLToPath(import.meta.url))));

// A dead disk keeps one thread of this pool for each call, and whatever else is to be read or written needs one too.
if (!process.env.UV_THREADPOOL_SIZE) process.env.UV_THREADPOOL_SIZE = "16";

if (isNewEnough(process.versions.node)) {
  if (typeof module.enableCompileCache === "function") module.enableCompileCache();
  start();
} else {
  startWith(localNode());
}

/** The lowest version is stated once, in package.json. */
function lowest() {
  var engines = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")).engines;
  return engines.node.replace(">=", "");
}

function isNewEnough(version) {
  var wanted = lowest().split(".");
  var given = version.split(".");
  for (var i = 0; i < wanted.length; i += 1) {
    if (Number(given[i]) !== Number(wanted[i])) return Number(given[i]) > Number(wanted[i]);
  }
  return true;
}

function start() {
  var main = program();
  if (!fs.existsSync(main)) return refuse(notBuilt());
  import(url.pathToFileURL(main).href).catch(function (error) {
    process.stderr.write(
      "canary did not start: " + (error && error.stack ? error.stack : error) + "\n",
    );
    process.exitCode = 1;
  });
}

/**
 * What to start: the modules packed into few files, which Node opens sooner; and where somebody compiled after these were
 * packed, the modules themselves, so that nobody tests what he did not write.
 */
function program() {
  var packed = path.join(root, "dist", "bundle", "main.js");
  var compiled = path.join(root, "dist", "cli", "main.js");
  var newest = Math.max(writtenAt("core.tsbuildinfo"), writtenAt("src.tsbuildinfo"));
  return writtenAt(path.join("bundle", "main.js")) > newest ? packed : compiled;
}

/** When a file of the build was written, in milliseconds since the epoch; 0 where there is none. */
function writtenAt(name) {
  var found = fs.statSync(path.join(root, "dist", name), { throwIfNoEntry: false });
  return found === undefined ? 0 : found.mtimeMs;
}

/** Its sources without what they need: `npm ci` was not run. */
function isClone() {
  return !fs.existsSync(path.join(root, "node_modules")) && fs.existsSync(path.join(root, "src"));
}

function notBuilt() {
  return "canary is not built: run `npm ci` (or `npm run build`) in " + root;
}

/** The binary of the npm package `node`, where one is installed beside canary or above it. */
function localNode() {
  var name = process.platform === "win32" ? "node.exe" : "node";
  for (var folder = root; ; folder = path.dirname(folder)) {
    var candidate = path.join(folder, "node_modules", "node", "bin", name);
    if (fs.existsSync(candidate)) return candidate;
    if (folder === path.dirname(folder)) return null;
  }
}

function startWith(binary) {
  // The mark stops an endless chain, should the local node be too old as well.
  if (binary === null && isClone()) return refuse(notBuilt());
  if (binary === null || process.env.CANARY_REEXECUTED === "1") {
    return refuse(
      "canary needs Node " +
        lowest() +
        " or newer, and this is " +
        process.versions.node +
        ".\nInstall one from https://nodejs.org, or beside canary: npm install --save-dev node@24",
    );
  }
  import("./reexecute.js").then(function (reexecute) {
    reexecute.reexecute(binary, process.argv.slice(1));
  });
}

function refuse(text) {
  process.stderr.write(text + "\n");
  process.exitCode = 2;
}

#!/usr/bin/env node
// Old syntax on purpose: a Node that is too old must still be able to read this far and say what to install.
import fs from "node:fs";
import module from "node:module";
import path from "node:path";
import url from "node:url";

var root = path.dirname(path.dirname(fs.realpathSync(url.fileURLToPath(import.meta.url))));

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
  var main = path.join(root, "dist", "cli", "main.js");
  if (!fs.existsSync(main))
    return refuse("canary is not built: run `npm ci` (or `npm run build`) in " + root);
  import(url.pathToFileURL(main).href).catch(function (error) {
    process.stderr.write(
      "canary did not start: " + (error && error.stack ? error.stack : error) + "\n",
    );
    process.exitCode = 1;
  });
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

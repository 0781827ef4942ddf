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
  if (typeof module.registerHooks === "function") findOwnFiles();
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
  if (!fs.existsSync(main)) return refuse(notBuilt());
  import(url.pathToFileURL(main).href).catch(function (error) {
    process.stderr.write(
      "canary did not start: " + (error && error.stack ? error.stack : error) + "\n",
    );
    process.exitCode = 1;
  });
}

/**
 * Our imports name files with their extension, so they are where they say: Node asks the disk several times for each, and
 * with some two hundred of them an abort would send its first write a fifth later.
 */
function findOwnFiles() {
  var own = url.pathToFileURL(path.join(root, "dist") + path.sep).href;
  function isOwn(address) {
    return typeof address === "string" && address.indexOf(own) === 0;
  }
  module.registerHooks({
    resolve: function (specifier, context, next) {
      if (specifier.charAt(0) !== "." || !isOwn(context.parentURL)) return next(specifier, context);
      var found = new url.URL(specifier, context.parentURL).href;
      return { url: found, format: "module", shortCircuit: true };
    },
    load: function (address, context, next) {
      if (!isOwn(address)) return next(address, context);
      var source = fs.readFileSync(url.fileURLToPath(address), "utf8");
      return { format: "module", source: source, shortCircuit: true };
    },
  });
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

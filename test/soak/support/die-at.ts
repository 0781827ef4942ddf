/**
 * Loaded before canary (`--import`): counts what it asks of the disk, of the network and of other processes, and kills it at
 * one of those calls, as a power cut would. `CANARY_DIE_AT` says at which, 0 for none; how many there were is written to the
 * file that `CANARY_CALLS` names.
 */
import childProcess from "node:child_process";
import fs from "node:fs";
import promises from "node:fs/promises";
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";

const at = Number(process.env["CANARY_DIE_AT"] ?? 0);
const told = process.env["CANARY_CALLS"] ?? "";
const tell = fs.writeFileSync;
let calls = 0;

/** Canary's own code is read before anything begins, and may come from wherever. */
const CODE = /\/(?:node_modules|dist)\//u;

function count(first: unknown): void {
  if (CODE.test(String(first))) return;
  calls += 1;
  if (calls === at) process.kill(process.pid, "SIGKILL");
}

type Call = (this: unknown, ...args: unknown[]) => unknown;

function watch(holder: object, names: readonly string[]): void {
  const methods = holder as Record<string, Call | undefined>;
  for (const name of names) {
    const own = methods[name];
    if (own === undefined) continue;
    methods[name] = function (...args) {
      count(args[0]);
      return own.apply(this, args);
    };
  }
}

const WRITES = ["open", "write", "writeFile", "appendFile", "mkdir", "rename", "link", "unlink"];
const MORE = ["rm", "rmdir", "chmod", "copyFile", "mkdtemp", "truncate", "symlink"];
const READS = ["readFile", "readdir", "stat", "lstat", "access", "realpath"];
const handle = await promises.open(process.execPath);
watch(Object.getPrototypeOf(handle) as object, [
  ...["write", "writev", "writeFile", "appendFile", "sync", "datasync", "truncate"],
  ...["read", "readFile", "stat", "close"],
]);
await handle.close();
watch(promises, [...WRITES, ...MORE, ...READS]);
watch(
  fs,
  [...WRITES, ...MORE].map((name) => `${name}Sync`),
);
watch(fs, ["fsyncSync", "fdatasyncSync", "readFileSync", "readSync", "readdirSync"]);
watch(http, ["request", "get"]);
watch(childProcess, ["spawn"]);
syncBuiltinESMExports();
calls = 0;
if (told !== "") process.on("exit", () => tell(told, String(calls)));

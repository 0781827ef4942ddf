import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { temporaryFolder } from "./temporary-folder.ts";

export interface FakeSystemctl extends AsyncDisposable {
  /** Every command line it was given, in order, without `show`. */
  told(): Promise<readonly string[]>;
  state(): Promise<string>;
  setState(state: "active" | "inactive" | "activating" | "failed" | "not-found"): Promise<void>;
  /** `denies`: like polkit does. `ignores`: says yes and does nothing. */
  setMood(mood: "fine" | "denies" | "fails" | "ignores" | "hangs"): Promise<void>;
}

const SCRIPT = `#!/usr/bin/env node
const fs = require("node:fs");
const { join } = require("node:path");
const at = (name) => join(__dirname, name);
const verb = process.argv.slice(2).find((word) => !word.startsWith("-"));
const state = fs.readFileSync(at("state"), "utf8");
const mood = fs.readFileSync(at("mood"), "utf8");
if (mood === "hangs") setInterval(() => {}, 1000);
else if (verb === "show") {
  const gone = state === "not-found";
  console.log("LoadState=" + (gone ? "not-found" : "loaded"));
  console.log("ActiveState=" + (gone ? "inactive" : state));
  if (state === "activating") fs.writeFileSync(at("state"), "active");
} else {
  fs.appendFileSync(at("told"), process.argv.slice(2).join(" ") + "\\n");
  if (mood === "denies") { console.error("Access denied"); process.exit(4); }
  if (mood === "fails") { console.error("Job failed."); process.exit(1); }
  if (state === "not-found") { console.error("Unit not found."); process.exit(5); }
  if (mood === "fine") fs.writeFileSync(at("state"), verb === "stop" ? "inactive" : "active");
}
`;

/** A `systemctl` in front of the PATH that knows one unit; for machines and containers without systemd. */
export async function fakeSystemctl(): Promise<FakeSystemctl> {
  const folder = await temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  const before = process.env["PATH"] ?? "";
  await writeFile(at("systemctl"), SCRIPT);
  await chmod(at("systemctl"), 0o755);
  for (const [name, text] of [
    ["state", "active"],
    ["mood", "fine"],
    ["told", ""],
  ] as const)
    await writeFile(at(name), text);
  process.env["PATH"] = `${folder.path}:${before}`;
  return {
    told: async () =>
      (await readFile(at("told"), "utf8")).split("\n").filter((line) => line !== ""),
    state: () => readFile(at("state"), "utf8"),
    setState: (state) => writeFile(at("state"), state),
    setMood: (mood) => writeFile(at("mood"), mood),
    async [Symbol.asyncDispose]() {
      process.env["PATH"] = before;
      await folder[Symbol.asyncDispose]();
    },
  };
}

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { commandTable } from "../../src/cli/command-table.ts";
import { completionScript, shells } from "../../src/cli/completion-script.ts";
import { folderForTest, runCanary } from "../e2e/support/run-canary.ts";

/** What bash offers after these words; the last one is being typed. */
function offered(words: readonly string[], folder = folderForTest()): readonly string[] {
  const script = completionScript("bash", commandTable);
  const line = `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _canary; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync(
    "bash",
    ["--norc", "-u", "-c", line, "bash", "canary", ...words],
    { encoding: "utf8", cwd: folder },
  );
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout.split("\n").filter((each) => each !== "");
}

test("bash completes commands", () => {
  expect(offered(["st"])).toEqual(["start", "status"]);
  expect(offered([""])).toEqual(expect.arrayContaining(commandTable.map(({ name }) => name)));
  expect(offered(["help", "ab"])).toEqual(["abort"]);
  expect(offered(["completion", ""])).toEqual([...shells]);
});

test("bash completes the options of the command, and their values", () => {
  expect(offered(["start", "--sa"])).toEqual(["--sandbox"]);
  expect(offered(["abort", "--past"])).toEqual(["--past-irreversible"]);
  expect(offered(["start", "plan.yaml", "--output", ""])).toEqual(["human", "plain", "ndjson"]);
  expect(offered(["list", "--output"])).toEqual([]);
});

test("bash completes files, also with a space in them", () => {
  const folder = folderForTest();
  mkdirSync(join(folder, "plans"));
  writeFileSync(join(folder, "plans/my plan.yaml"), "");
  expect(offered(["lint", "pl"], folder)).toEqual(["plans"]);
  expect(offered(["lint", "plans/m"], folder)).toEqual(["plans/my plan.yaml"]);
});

test("bash takes the script as the command prints it", async () => {
  const folder = folderForTest();
  const { code, stdout } = await runCanary(folder, ["completion", "bash"]);
  expect(code).toBe(0);
  writeFileSync(join(folder, "canary.bash"), stdout);
  const line = `source ${join(folder, "canary.bash")} && complete -p canary`;
  const taken = spawnSync("bash", ["--norc", "-c", line], { encoding: "utf8" });
  expect(taken.stdout).toContain("-F _canary canary");
});

test.for(shells)("%s has every command and option", (shell) => {
  const script = completionScript(shell, commandTable);
  for (const { name, options } of commandTable) {
    expect(script).toContain(name);
    for (const { flags } of options) {
      const long = flags.split(" ")[0] ?? "";
      expect(script).toContain(shell === "fish" ? `-l ${long.slice(2)}` : long);
    }
  }
});

test("zsh gets bash's script through its own bridge", () => {
  const script = completionScript("zsh", commandTable);
  expect(script).toMatch(/^#compdef canary\n.*bashcompinit/u);
});

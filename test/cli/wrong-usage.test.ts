import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { describe, expect, test } from "vitest";

import { commandTable } from "../../src/cli/command-table.ts";
import { runProgram } from "../../src/cli/run-program.ts";
import { wrongUsage } from "../../src/cli/wrong-usage.ts";
import { folderForTest, runCanary } from "../e2e/support/run-canary.ts";

const SCENARIO = resolve(import.meta.dirname, "../../plans/scenarios/error-spike.yaml");

test.for([
  ["frobnicate", "unknown command frobnicate", "`canary --help` says what there is"],
  ["strt plan.yaml", "unknown command strt", "did you mean `canary start`?"],
  ["rollback", "unknown command rollback", "did you mean `canary abort`?"],
  ["start --sndbox", "unknown option --sndbox", "did you mean --sandbox?"],
  ["help strt", "unknown command strt", "`canary --help`"],
  ["list one two", "too many arguments for list", "`canary help list`"],
  ["confirm", "nothing is named", "canary confirm [ROLLOUT] NAME"],
  ["start p.yaml --output xml", "there is no --output xml", "human, plain, ndjson"],
  [`lint ${SCENARIO}`, "is a scenario, not a plan", `canary rehearse PLAN --scenario ${SCENARIO}`],
  [`rehearse ${SCENARIO}`, "is a scenario, not a plan", "--scenario"],
  ["start", "no plan is named", "canary start PLAN"],
  ["rehearse", "no plan is named", "canary rehearse PLAN"],
  ["start nowhere.yaml", "there is no plan nowhere.yaml", "canary init nowhere.yaml"],
  ["lint folder", "folder is a folder", "name a plan file"],
  ["start a.yaml --plan b.yaml", "two plans: a.yaml and --plan b.yaml", "name one"],
  ["lint good.yaml --set x", "--set x has no name and value", "--set name=value"],
  ["start good.yaml --time-scale 2", "--time-scale 2", "1/60"],
  ["start good.yaml --sandbox nowhere", "--sandbox nowhere is no address", "http://127.0.0.1"],
  ["start good.yaml --json --output plain", "contradict each other", "keep one"],
  ["rehearse good.yaml --scenario nowhere", "there is no scenario nowhere", "--scenario FILE"],
  ["init no/where/plan.yaml", "there is no folder no/where", "mkdir -p no/where"],
  ["init good.yaml", "good.yaml is there already", "canary init ANOTHER.yaml"],
  ["schema plans", "there is no schema of plans", "canary schema plan, or policy"],
  ["completion tcsh", "there is no completion for tcsh", "bash, zsh, fish"],
  ["sandbox --port 70000", "--port 70000", "0 to 65535"],
  ["status", "no rollout is known here", "canary start PLAN"],
  ["verify", "no rollout is known here", "canary verify"],
  ["verify /no/where", "there is no folder /no/where", ""],
  ["report 01abcd", "no rollout 01abcd is known here", "canary list"],
  ["abort", "no rollout is active, so there is nothing to abort", "canary list"],
  ["abort --bundle nowhere.json", "there is no bundle", ""],
  ["watch 01abcd", "no rollout 01abcd is known here", "--evidence DIR"],
] as const)("canary %s: %s", async ([line, message, fix]) => {
  const folder = folderForTest();
  mkdirSync(join(folder, "folder"));
  const { stdout } = await runCanary(folder, ["init", "-"]);
  writeFileSync(join(folder, "good.yaml"), stdout.replaceAll("required: true", "default: v1"));
  const before = readdirSync(folder);
  const { code, stderr } = await runCanary(folder, line.split(" "));
  expect(code, stderr).toBe(2);
  expect(stderr).toMatch(/^canary: /mu);
  expect(stderr).toContain(message);
  expect(stderr).toContain(fix);
  expect(stderr).not.toMatch(/\n\s+at /u);
  expect(readdirSync(folder)).toEqual(before);
});

describe("help", () => {
  test("every command is in the help, with a help of its own", async () => {
    const folder = folderForTest();
    const all = await runCanary(folder, ["--help"]);
    expect(all).toMatchObject({ code: 0, stderr: "" });
    for (const { name, summary } of commandTable) {
      expect(all.stdout).toMatch(new RegExp(`^ {2}${name}\\b`, "mu"));
      expect(summary).toMatch(/^[a-z].*[^.]$/u);
    }
    const one = await runCanary(folder, ["abort", "--help"]);
    expect(one.code).toBe(0);
    expect(one.stdout).toContain("--past-irreversible");
  });

  test("no arguments: the help on stderr, and exit 2", async () => {
    const { code, stdout, stderr } = await runCanary(folderForTest(), []);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: canary");
  });
});

test("commander's words become ours", () => {
  expect(wrongUsage("error: unknown option '--x'\n(Did you mean one of --a, --b?)\n", "lint")).toBe(
    "canary: unknown option --x\n  did you mean --a, --b?\n",
  );
});

test("every name has an implementation", async () => {
  for (const { load } of commandTable) expect(await load()).toBeTypeOf("function");
  expect(await runProgram(["--version"])).toBe(0);
});

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { expect, test } from "vitest";

const SOURCE = pathToFileURL(resolve(import.meta.dirname, "../../src/cli/refuse-silent-end.ts"));

function run(code: string): { readonly status: number | null; readonly stderr: string } {
  const script = `import { refuseSilentEnd } from ${JSON.stringify(SOURCE.href)};
    const isDone = refuseSilentEnd(["start", "--set", "token=hunter2"]);
    ${code}`;
  return spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
}

test("a command that waits for what never comes does not end with 0, and says that it is a bug", () => {
  const ran = run("void new Promise(() => {}).then(isDone);");
  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain("this is a bug in canary, not in your plan (exit 1)");
  expect(ran.stderr).toContain("the command was not done");
  expect(ran.stderr).not.toContain("hunter2");
});

test("a command that is done ends with its own code, and silently", () => {
  expect(run("isDone();")).toMatchObject({ status: 0, stderr: "" });
  expect(run("process.exitCode = 31; isDone();")).toMatchObject({ status: 31, stderr: "" });
});

test("a process that is told to leave leaves with the code it was told", () => {
  expect(run("process.exit(32);")).toMatchObject({ status: 32, stderr: "" });
});

import { describe, expect, it } from "vitest";

import { run } from "../../../src/drivers/checks/run.ts";
import type { CheckResult } from "../../../src/drivers/driver.ts";
import { driverContext } from "../../support/driver-context.ts";

const node = (body: string, ...args: string[]): readonly string[] => ["node", "-e", body, ...args];

const check = async (
  input: object,
  parts: Parameters<typeof driverContext>[0] = {},
): Promise<CheckResult> => await run.run(run.input.parse(input), driverContext(parts));

describe("a run check", () => {
  it.each([
    [{ run: node("") }],
    [{ run: node("process.exit(3)"), expect: { exitCode: 3 } }],
    [{ run: node("console.log(' v2 ')"), expect: { stdout: "v2" } }],
    [{ run: node("console.log('ready: v2')"), expect: { stdout: "/^ready: v\\d$/" } }],
    [
      {
        run: node("process.stdout.write(process.env.MODE)"),
        env: { MODE: "x" },
        expect: { stdout: "x" },
      },
    ],
    [{ run: node("process.stdout.write(process.cwd())"), cwd: "/", expect: { stdout: "/" } }],
  ])("passes with %j", async (input) => {
    expect((await check(input)).detail).not.toContain("expected");
    expect((await check(input)).kind).toBe("pass");
  });

  it("fails with the exit code and the last words", async () => {
    expect(await check({ run: node("console.error('no route'); process.exit(2)") })).toEqual({
      kind: "fail",
      detail: expect.stringMatching(/ended with 2, expected 0: no route$/),
      body: "no route\n",
    });
  });

  it("fails with what it printed", async () => {
    const result = await check({ run: node("console.log('v1')"), expect: { stdout: "v2" } });
    expect(result.kind).toBe("fail");
    expect(result.detail).toContain("printed v1, expected v2");
    const never = { run: node("console.log('v1')"), expect: { stdout: "${outputs.none}" } };
    expect((await check(never)).kind).toBe("fail");
  });

  it("is an error when there is no such program, or it is killed, or a reference has no value", async () => {
    expect(await check({ run: ["no-such-program"] })).toMatchObject({
      kind: "error",
      detail: "no-such-program: no-such-program was not found on the PATH",
    });
    expect(await check({ run: node("process.kill(process.pid, 'SIGKILL')") })).toMatchObject({
      kind: "error",
      detail: expect.stringContaining("killed by SIGKILL"),
    });
    expect(await check({ run: node("", "${env:NONE}") })).toMatchObject({
      kind: "error",
      detail: expect.stringContaining("env:NONE has no value"),
    });
  });

  it("hands its arguments over as they are: no shell reads them", async () => {
    const args = ["$(id)", "a b", "*", "; exit 9"];
    const result = await check({
      run: node("process.stdout.write(JSON.stringify(process.argv.slice(1)))", ...args),
      expect: { stdout: JSON.stringify(args) },
    });
    expect(result.kind).toBe("pass");
  });

  it.each([
    [{ run: "node -e 1" }, "no shell here"],
    [{ run: [] }, "the command is empty"],
    [{ run: ["sleep", 1] }, 'write \\"1\\" in quotes'],
  ])("refuses %j", (input: object, words: string) => {
    const parsed = run.input.safeParse(input);
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toContain(words);
  });
});

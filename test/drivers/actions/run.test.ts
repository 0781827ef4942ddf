import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { run } from "../../../src/drivers/actions/run.ts";
import type { Answer, CallResult } from "../../../src/drivers/driver.ts";
import { contractOfCallDriver } from "../../support/contract-call-driver.ts";
import { driverContext } from "../../support/driver-context.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const requestOf = (input: unknown) => ({
  input: run.input.parse(input),
  share: null,
  connectionName: null,
});

const call = (
  input: unknown,
  parts: Parameters<typeof driverContext>[0] = {},
): Promise<Answer<CallResult>> => run.call(requestOf(input), driverContext(parts));

contractOfCallDriver("run", async () => {
  const folder = await temporaryFolder();
  const program = join(folder.path, "program");
  const become = async (does: string): Promise<void> => {
    const count = `require("fs").appendFileSync(${JSON.stringify(`${program}.calls`)}, "x");`;
    await writeFile(program, `#!/usr/bin/env node\n${count}${does}`, { mode: 0o755 });
  };
  await become("");
  const calls = (): Promise<string> => readFile(`${program}.calls`, "utf8").catch(() => "");
  return {
    driver: run,
    request: requestOf({ argv: [program, "now"], env: { TOKEN: "${env:TOKEN}" } }),
    context: (signal) => driverContext({ signal, references: { "env:TOKEN": "kept-to-itself" } }),
    calls: async () => (await calls()).length,
    secret: "kept-to-itself",
    break: {
      hang: () => become("setInterval(() => {}, 1000);"),
      fail: () => become("console.error('half'); process.exit(3);"),
      vanish: () => rm(program),
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
});

describe("a run action", () => {
  it("gives what it printed, as JSON where it is", async () => {
    expect(await call(["node", "-e", "console.log('{\"id\": 7}')"])).toEqual({
      kind: "ok",
      value: { body: { id: 7 } },
    });
    expect(await call(["node", "-e", "console.log('done')"])).toEqual({
      kind: "ok",
      value: { body: "done\n" },
    });
  });

  it("resolves references in arguments, environment and folder", async () => {
    const print =
      "console.log(JSON.stringify([process.argv[1], process.env.TOKEN, process.cwd()]))";
    const input = {
      argv: ["node", "-e", print, "v${outputs.version}"],
      env: { TOKEN: "${env:TOKEN}" },
      cwd: "${env:FOLDER}",
    };
    const references = { "outputs.version": "2", "env:TOKEN": "t", "env:FOLDER": "/" };
    expect(await call(input, { references })).toMatchObject({ value: { body: ["v2", "t", "/"] } });
  });

  it("is failed only when it never ran, and unknown when it ended badly: it may have done half", async () => {
    expect(await call(["no-such-program"])).toMatchObject({ kind: "failed" });
    expect(await call(["node", "${env:NONE}"])).toMatchObject({
      kind: "failed",
      why: "node ${env:NONE}: env:NONE has no value",
    });
    expect(await call(["node", "-e", "console.error('half'); process.exit(4)"])).toMatchObject({
      kind: "unknown",
      why: expect.stringMatching(/ended with 4: half$/),
    });
    expect(await call(["node", "-e", "process.kill(process.pid, 9)"])).toMatchObject({
      kind: "unknown",
      why: expect.stringContaining("killed by SIGKILL"),
    });
  });

  it("is unknown when it is cut, and its process is gone", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "pid");
    const cut = new AbortController();
    const hang = `require("fs").writeFileSync(process.argv[1], String(process.pid)); setInterval(() => {}, 1000)`;
    const calling = call(["node", "-e", hang, file], { signal: cut.signal });
    const pid = async (): Promise<number> => Number(await readFile(file, "utf8").catch(() => "0"));
    await expect.poll(pid).toBeGreaterThan(0);
    cut.abort();
    expect(await calling).toMatchObject({
      kind: "unknown",
      why: expect.stringContaining("interrupted"),
    });
    const child = await pid();
    expect(() => process.kill(child, 0)).toThrow("ESRCH");
  });

  it("says before the rollout that its program is not there", async () => {
    expect(await run.permissions(requestOf(["no-such-program"]), driverContext())).toEqual([
      "no-such-program was not found on the PATH",
    ]);
    expect(await run.permissions(requestOf(["./none"]), driverContext())).toEqual([
      expect.stringContaining("none is no executable file"),
    ]);
    expect(await run.permissions(requestOf(["node"]), driverContext())).toEqual([]);
  });

  it("previews what a person would type, secrets as references", () => {
    const input = { argv: ["psql", "-c", "select 1", "it's"], env: { PGPASSWORD: "${env:PG}" } };
    expect(run.preview(requestOf(input))).toEqual([
      { does: `psql -c 'select 1' 'it'\\''s'`, undo: "as the plan states" },
    ]);
  });

  it("takes its own input again, as a stored plan holds it", () => {
    const once = run.input.parse(["true"]);
    expect(run.input.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });
});

import { appendFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { log } from "../../../src/drivers/checks/log.ts";
import { run } from "../../../src/drivers/checks/run.ts";
import type { CheckMemory, CheckResult, DriverContext } from "../../../src/drivers/driver.ts";
import { logLines } from "../../../src/drivers/evidence/log.ts";
import { runOutput } from "../../../src/drivers/evidence/run.ts";
import { driverContext } from "../../support/driver-context.ts";
import { hasSshd, startSsh, type SshWorld } from "../../support/ssh-world.ts";
import { temporaryFolder, type TemporaryFolder } from "../../support/temporary-folder.ts";

describe.runIf(hasSshd())("checks and evidence of another machine", () => {
  let ssh: SshWorld;
  let folder: TemporaryFolder;
  let file: string;
  beforeAll(async () => {
    ssh = await startSsh();
    folder = await temporaryFolder();
    file = join(folder.path, "app.log");
    await writeFile(file, "attempt of yesterday\n");
  });
  afterAll(async () => {
    await ssh[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const context = (parts: object = {}): DriverContext =>
    driverContext({ connection: { ...ssh.connection, ...parts } });
  const watch = async (input: object, memory?: CheckMemory): Promise<CheckResult> =>
    await log.run(
      log.input.parse({ log: "app-log", for: "2s", ...input }),
      context({ file }),
      memory,
    );

  it("runs a command there, and looks at what it printed", async () => {
    const input = run.input.parse({ run: ["sh", "-c", "echo $SSH_CONNECTION"] });
    expect(await run.run(input, context())).toMatchObject({
      kind: "pass",
      answer: /^127\.0\.0\.1 /,
    });
    const evidence = runOutput.input.parse({ run: ["sh", "-c", "echo $WHO"], env: { WHO: "me" } });
    expect(await runOutput.take(evidence, context())).toEqual({ kind: "taken", content: "me\n" });
  });

  it("waits for lines since it began, over a rotation, and hands the rest to the next step", async () => {
    const memory: CheckMemory = new Map();
    const input = log.input.parse({ log: "app-log", lines: ["attempt"] });
    await log.begin?.(input, context({ file }), memory);
    await appendFile(file, "attempt 1/3\n");
    expect(await watch({ lines: ["attempt"] }, memory)).toMatchObject({
      kind: "pass",
      body: "attempt 1/3\n",
    });
    await appendFile(file, "attempt 2/3\n");
    await rename(file, `${file}.1`);
    await writeFile(file, "attempt 3/3\n");
    expect(await watch({ lines: ["attempt 2/3", "attempt 3/3"] }, memory)).toMatchObject({
      kind: "pass",
    });
    expect(await watch({ lines: ["attempt"], for: "600ms" }, memory)).toMatchObject({
      kind: "fail",
      detail: expect.stringContaining(`${file} on `),
    });
  });

  it("counts lines that are there already where it is told to, and keeps them as evidence", async () => {
    await writeFile(file, "one\ntwo\n");
    expect(await watch({ lines: ["two"], last: 1 })).toMatchObject({ kind: "pass" });
    expect(await watch({ lines: ["one"], last: 1, for: "600ms" })).toMatchObject({ kind: "fail" });
    const evidence = logLines.input.parse({ log: "app-log", match: "t" });
    expect(await logLines.take(evidence, context({ file }))).toEqual({
      kind: "taken",
      content: "two\n",
    });
  });

  it("is an error where nobody can sign in: what was there is nobody's guess", async () => {
    const nowhere = { file, port: 1 };
    const input = log.input.parse({ log: "app-log", never: ["PANIC"], for: "200ms" });
    expect(await log.run(input, context(nowhere))).toMatchObject({ kind: "error" });
    const command = run.input.parse({ run: ["true"] });
    expect(await run.run(command, context(nowhere))).toMatchObject({ kind: "error" });
  });

  it("waits for a log that is made later", async () => {
    const later = join(folder.path, "later.log");
    const memory: CheckMemory = new Map();
    const input = log.input.parse({ log: "app-log", lines: ["up"], for: "2s" });
    await log.begin?.(input, context({ file: later }), memory);
    await writeFile(later, "up\n");
    expect(await log.run(input, context({ file: later }), memory)).toMatchObject({ kind: "pass" });
  });
});

import { appendFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { log } from "../../../src/drivers/checks/log.ts";
import type { CheckResult, DriverContext } from "../../../src/drivers/driver.ts";
import { driverContext } from "../../support/driver-context.ts";
import { temporaryFolder, type TemporaryFolder } from "../../support/temporary-folder.ts";

describe("a log check", () => {
  let folder: TemporaryFolder;
  let file: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, "app.log");
    await writeFile(file, "attempt 1/3\nold failure\n");
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  /** Runs it on a clock whose every wait does the next thing that the world does, one second apart. */
  const watch = async (
    input: object,
    world: readonly (() => Promise<unknown>)[] = [],
    parts: Parameters<typeof driverContext>[0] = {},
  ): Promise<CheckResult> => {
    let seconds = 0;
    const context: DriverContext = {
      ...driverContext(parts),
      now: () => seconds * 1000,
      sleep: async () => {
        await world[seconds]?.();
        seconds += 1;
      },
    };
    return await log.run(log.input.parse({ log: file, ...input }), context);
  };
  const add = (text: string) => () => appendFile(file, text);

  it("passes as soon as the lines have come in their order, since it began", async () => {
    const result = await watch({ lines: ["attempt 1", "delivered: \\d+"] }, [
      add("attempt 1/3\nnoise\n"),
      add("delivered: 20"),
      add("0\n"),
      () => Promise.reject(new Error("it waited on")),
    ]);
    expect(result).toEqual({
      kind: "pass",
      detail: `${file} is as expected`,
      body: "attempt 1/3\nnoise\ndelivered: 200\n",
    });
  });

  it("does not take lines from before for its own, nor those in another order", async () => {
    expect(await watch({ lines: ["old failure"] })).toMatchObject({
      kind: "fail",
      detail: `${file} has no line old failure`,
    });
    expect(await watch({ lines: ["one", "two"] }, [add("two\none\n")])).toMatchObject({
      kind: "fail",
      detail: `${file} has no line two after one`,
    });
  });

  it("counts lines that are there already where it is told to", async () => {
    expect(await watch({ lines: ["attempt"], last: 2 })).toMatchObject({ kind: "pass" });
    expect(await watch({ lines: ["attempt"], last: 1 })).toMatchObject({ kind: "fail" });
    expect(await watch({ never: ["failure"], last: 1 })).toMatchObject({ kind: "fail" });
  });

  it("fails at once on a line that must not come, and passes only when the time is over", async () => {
    const red = await watch({ lines: ["a"], never: ["PANIC"] }, [
      add("a\n"),
      add("b\nPANIC: out of memory\n"),
      () => Promise.reject(new Error("it waited on")),
    ]);
    expect(red).toMatchObject({ kind: "fail", detail: `${file} has PANIC: out of memory` });
    let waits = 0;
    const count = () => Promise.resolve((waits += 1));
    expect(await watch({ never: ["PANIC"], for: "5s" }, Array(20).fill(count))).toMatchObject({
      kind: "pass",
    });
    expect(waits).toBe(5);
  });

  it("reads on after a rotation and after a truncation", async () => {
    const rotated = [
      async () => {
        await rename(file, `${file}.1`);
        await writeFile(file, "a\n");
      },
      add("b\n"),
    ];
    expect(await watch({ lines: ["a", "b"] }, rotated)).toMatchObject({ kind: "pass" });
    const truncated = [
      async () => {
        await truncate(file);
        await appendFile(file, "c\n");
      },
    ];
    expect(await watch({ lines: ["c"] }, truncated)).toMatchObject({ kind: "pass" });
  });

  it("waits for a log that is made later, and is an error when it is never there", async () => {
    await rm(file);
    expect(await watch({ lines: ["up"] }, [() => writeFile(file, "up\n")])).toMatchObject({
      kind: "pass",
    });
    await rm(file);
    expect(await watch({ never: ["PANIC"] })).toEqual({
      kind: "error",
      detail: `there is no file ${file}`,
      body: "",
    });
  });

  it("reads the file of its connection, and says what a bare name could be", async () => {
    const connection = { file };
    const through = { log: "app-log", lines: ["up"] };
    expect(await watch(through, [add("up\n")], { connection })).toMatchObject({ kind: "pass" });
    expect(await watch(through)).toMatchObject({
      kind: "error",
      detail: '"app-log" is no connection of type log, and no path: write ./app-log for a file',
    });
  });

  it("is an error when it is interrupted", async () => {
    const world = [() => Promise.reject(new Error("interrupted"))];
    expect(await watch({ lines: ["up"] }, world)).toMatchObject({ kind: "error" });
  });

  it.each([
    [{}, "say what to look for"],
    [{ lines: ["("] }, "does not parse"],
    [{ lines: [] }, "Too small"],
    [{ lines: ["a"], for: 10 }, "with its unit"],
    [{ lines: ["a"], for: "10" }, "with its unit"],
  ])("refuses %j", (input: object, words: string) => {
    const parsed = log.input.safeParse({ log: "/x.log", ...input });
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toContain(words);
  });
});

import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Json } from "../../../src/core/units.ts";
import { log } from "../../../src/drivers/checks/log.ts";
import type { CheckMemory, CheckResult, DriverContext } from "../../../src/drivers/driver.ts";
import { driverContext } from "../../support/driver-context.ts";
import { temporaryFolder, type TemporaryFolder } from "../../support/temporary-folder.ts";

const NOON = Date.UTC(2026, 0, 5, 12);

describe("a log check that measures and remembers", () => {
  let folder: TemporaryFolder;
  let file: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, "app.log");
    await writeFile(file, "2026-01-05 11:59:00 attempt 1/3\n");
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  const timed = { time: String.raw`^(\S+ \S+)` };

  /** A context one minute after noon, whose first wait writes `text`; every wait takes a second. */
  const contextOf = (text: string, connection: Readonly<Record<string, Json>>): DriverContext => {
    let now = NOON + 60_000;
    let written = false;
    return {
      ...driverContext({ connection }),
      now: () => now,
      sleep: async () => {
        if (!written) await appendFile(file, text);
        written = true;
        now += 1000;
      },
    };
  };
  const watch = async (
    input: object,
    text: string,
    connection: Readonly<Record<string, Json>> = timed,
    memory?: CheckMemory,
  ): Promise<CheckResult> =>
    await log.run(log.input.parse({ log: file, ...input }), contextOf(text, connection), memory);

  const RETRIES =
    "2026-01-05 12:00:01 attempt 1/3\n2026-01-05 12:00:01 attempt 2/3\nnoise\n2026-01-05 12:00:04 attempt 3/3\n";
  const retries = (second: string, third: string, tolerance?: string): object => ({
    lines: [
      "attempt 1/3",
      { line: "attempt 2/3", after: second },
      { line: "attempt 3/3", after: third, ...(tolerance === undefined ? {} : { tolerance }) },
    ],
  });

  it("passes where each line came as long after the one before as it should", async () => {
    expect(await watch(retries("0s", "2s"), RETRIES)).toMatchObject({ kind: "pass" });
    expect(await watch(retries("0s", "3s", "0s"), RETRIES)).toMatchObject({ kind: "pass" });
  });

  it("fails at once where one came too late or too early, and says how long it took", async () => {
    expect(await watch(retries("0s", "2s", "500ms"), RETRIES)).toMatchObject({
      kind: "fail",
      detail: `${file} has attempt 3/3 3s after attempt 2/3, expected 2s ± 0.5s`,
    });
    expect(await watch(retries("4s", "2s"), RETRIES)).toMatchObject({
      kind: "fail",
      detail: `${file} has attempt 2/3 0s after attempt 1/3, expected 4s ± 1s`,
    });
  });

  it("is blind, not red, where the lines state no time", async () => {
    const why = "states no time: state `time` at its connection, or leave out `after`";
    expect(await watch(retries("0s", "2s"), RETRIES, {})).toMatchObject({
      kind: "error",
      detail: `${file}: the line attempt 2/3 ${why}`,
    });
    const first = "attempt 1/3\n2026-01-05 12:00:01 attempt 2/3\n";
    expect(await watch(retries("0s", "2s"), first)).toMatchObject({
      kind: "error",
      detail: `${file}: the line attempt 1/3 ${why}`,
    });
  });

  it("counts from when its whole check began, and as a later step from where the earlier one ended", async () => {
    const memory: CheckMemory = new Map();
    const input = log.input.parse({ log: file, lines: ["attempt 1/3"] });
    const context = contextOf("", timed);
    await log.begin?.(input, context, memory);
    await appendFile(file, "attempt 1/3\ndelivered\nattempt 1/3\n");
    await log.begin?.(input, context, memory);
    expect(await watch({ lines: ["attempt 1/3"] }, "", timed, memory)).toMatchObject({
      kind: "pass",
    });
    expect(await watch({ lines: ["delivered", "attempt"] }, "", timed, memory)).toMatchObject({
      kind: "pass",
    });
    // Both are spent: a third one has to come.
    expect(await watch({ lines: ["attempt"] }, "", timed, memory)).toMatchObject({ kind: "fail" });
    expect(await watch({ lines: ["attempt"] }, "attempt 9/9\n", timed, memory)).toMatchObject({
      kind: "pass",
    });
  });

  it("keeps what a step that only forbids has read for the next one", async () => {
    const memory: CheckMemory = new Map();
    const never = { never: ["PANIC"], for: "3s" };
    expect(await watch(never, "delivered\n", timed, memory)).toMatchObject({ kind: "pass" });
    expect(await watch({ lines: ["delivered"] }, "", timed, memory)).toMatchObject({
      kind: "pass",
    });
    expect(await watch({ never: ["delivered"] }, "", timed, memory)).toMatchObject({
      kind: "pass",
    });
  });

  it("refuses a delay of the first line, which comes after no other", () => {
    const lines = [{ line: "attempt", after: "1s" }];
    const parsed = log.input.safeParse({ log: file, lines });
    expect(JSON.stringify(parsed.error?.issues)).toContain("leave out its `after`");
  });
});

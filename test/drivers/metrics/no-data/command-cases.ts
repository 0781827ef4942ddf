import type { Sample } from "../../../../src/core/sample.ts";
import { commandDriver, commandQuery } from "../../../../src/drivers/metrics/command.ts";
import { driverContext } from "../../../support/driver-context.ts";
import type { Situation, SourceCase, SourceCases } from "./source-cases.ts";

function ask(run: readonly string[], query: object = {}, timeout = 10_000): Promise<Sample> {
  const context = driverContext({ signal: AbortSignal.timeout(timeout) });
  return commandDriver.open({}).sample(commandQuery.parse({ run, ...query }), 0, context);
}

const node = (script: string, timeout?: number): Promise<Sample> =>
  ask([process.execPath, "-e", script], {}, timeout);

function printing(
  situation: Situation,
  [says, text]: readonly [string, string],
  becomes: SourceCase["becomes"],
  why: string,
  query: object = {},
): SourceCase {
  const script = `process.stdout.write(${JSON.stringify(text)})`;
  return { situation, says, becomes, why, ask: () => ask([process.execPath, "-e", script], query) };
}

export const commandCases: SourceCases = {
  source: "command",
  note: {
    connection: "{ type: command }",
    metrics: ["free: { connection: source, unit: bytes, run: [df, --output=avail, /data] }"],
    gates: ["free > 10GiB"],
    age: "as with `http-json`, where it prints JSON",
    rights: "to execute the program",
    proofs: [["command.test.ts", "real processes"]],
  },
  never: { partial: "a command ends with 0 or not" },
  cases: [
    printing("nothing", ["prints nothing", "\n"], "noData", "printed nothing"),
    printing("nothing", ["`null`", "null"], "noData", "is null"),
    printing("zeroByZero", ["`NaN`", "NaN"], "noData", "is NaN"),
    printing("byZero", ["`Infinity`", "Infinity"], "error", "divides by zero"),
    printing("several", ["two numbers", "1\n2\n"], "error", "not a number"),
    printing("errorInside", ["words, and ends with 0", "no route"], "error", "not a number"),
    {
      situation: "dead",
      says: "JSON whose `time` is older than `maxAge`",
      becomes: "stale",
      why: "the newest value is … s old",
      ask: () =>
        ask(
          [process.execPath, "-e", "console.log(JSON.stringify({ v: 1, at: Date.now() - 50000 }))"],
          { value: "v", time: "at" },
        ),
    },
    {
      situation: "hangs",
      says: "does not end",
      becomes: "error",
      why: "no answer in time",
      ask: () => node("setInterval(() => {}, 1000)", 300),
    },
    {
      situation: "gone",
      says: "no such program",
      becomes: "error",
      why: "not found",
      ask: () => ask(["no-such-command-here"]),
    },
    {
      situation: "refused",
      says: "a number, and ends with 3",
      becomes: "error",
      why: "ended with 3",
      ask: () => node("console.log(1); process.exit(3)"),
    },
    printing(
      "other",
      ["no JSON, where `value` is stated", "<html>"],
      "error",
      "did not print JSON",
      { value: "a" },
    ),
  ],
};

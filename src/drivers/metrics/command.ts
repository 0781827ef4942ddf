import { z } from "zod";

import type { Sample } from "../../core/sample.ts";
import type { Millis } from "../../core/units.ts";
import { argvInput, envInput } from "../argv-input.ts";
import { describeArgv } from "../describe-argv.ts";
import type { DriverContext, MetricDriver } from "../driver.ts";
import { jsonPathInput } from "../json-path-input.ts";
import { lastWords, runCommand } from "../run-command.ts";
import { escapeText } from "../template.ts";
import { prefillWindow } from "./fill-window.ts";
import { parseJson } from "./parse-json.ts";
import { answerShape, readAnswer, readValue } from "./read-answer.ts";
import { errorSample, noDataSample } from "./sample-of.ts";
import { firstWords } from "./source-request.ts";
import { withinSignal } from "./within-signal.ts";

export const commandConfig = z.strictObject({
  env: envInput.optional(),
  cwd: z.string().optional().describe("the folder its commands run in"),
});

export const commandQuery = z
  .strictObject({
    run: argvInput,
    value: jsonPathInput
      .optional()
      .describe("path of the value when it prints JSON; without it, it prints one number"),
    ...answerShape,
  })
  .superRefine((query, issues) => {
    for (const key of ["time", "samples"] as const) {
      if (query[key] !== undefined && query.value === undefined)
        issues.addIssue({
          code: "custom",
          path: [key],
          message: `\`${key}\` is a path into JSON: state the path of the \`value\` too`,
        });
    }
  });

export type CommandConfig = z.infer<typeof commandConfig>;
export type CommandQuery = z.infer<typeof commandQuery>;

/** What a command prints: one number, or JSON. `${window}` in its arguments is the asked window, like `300s`. */
export const commandDriver: MetricDriver<CommandConfig, CommandQuery> = {
  type: "command",
  description: "runs a command that prints a number or JSON",
  config: commandConfig,
  query: commandQuery,
  window: () => null,
  unit: () => null,
  over: "placeholder",
  counts: (query) => query.samples !== undefined,
  lint: () => [],
  open: (config) => ({
    sample: (query, window, context) =>
      withinSignal(context.signal, ask(config, query, window, context)),
    close: () => undefined,
  }),
};

async function ask(
  opened: CommandConfig,
  query: CommandQuery,
  window: Millis,
  context: DriverContext,
): Promise<Sample> {
  const config: CommandConfig = { ...opened, ...context.connection };
  const argv = query.run.map((text) => prefillWindow(text, window));
  const name = describeArgv(query.run);
  // What the connection says was filled already, its secrets too.
  const env = Object.entries(config.env ?? {}).map(([key, value]) => [key, escapeText(value)]);
  const cwd = config.cwd === undefined ? undefined : escapeText(config.cwd);
  const result = await runCommand({ argv, env: Object.fromEntries(env), cwd }, context);
  if (result.exitCode === null) return errorSample(`${name}: ${result.why ?? "it was killed"}`);
  if (result.exitCode !== 0)
    return errorSample(`${name} ended with ${result.exitCode}${lastWords(result)}`);
  const printed = result.stdout.trim();
  if (printed === "") return noDataSample(`${name} printed nothing`);
  if (query.value === undefined) return readValue(printed, `what ${name} printed`);
  const json = parseJson(printed);
  return json === undefined
    ? errorSample(`${name} did not print JSON: ${firstWords(printed)}`)
    : readAnswer(json, { ...query, value: query.value }, context.now());
}

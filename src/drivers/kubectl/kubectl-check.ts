import { z } from "zod";

import type { Json } from "../../core/units.ts";
import type { CheckDriver, CheckResult, DriverContext } from "../driver.ts";
import { jsonPathInput } from "../json-path-input.ts";
import { readJsonPath } from "../json-path.ts";
import { textPatternInput } from "../text-pattern-input.ts";
import { matcherOf } from "../text-pattern.ts";
import { missingNeeds } from "./can-i.ts";
import { kubectlConnection } from "./connection.ts";
import { sameJson } from "./kube-object.ts";
import { describeKubectl, kubectlArgv } from "./kubectl-argv.ts";
import { needsOfArgv } from "./needs-of-argv.ts";
import { isNotFound, readFailure } from "./read-failure.ts";
import { execKubectl } from "./run-kubectl.ts";

const kubectlCheckInput = z.strictObject({
  kubectl: kubectlArgv,
  expect: z
    .strictObject({
      stdout: textPatternInput
        .optional()
        .describe("what it prints, without the spaces around it, or /a pattern/ in it"),
      json: z
        .record(jsonPathInput, z.json())
        .refine((paths) => Object.keys(paths).length > 0, "name at least one path")
        .optional()
        .describe("values by path, as in { status.phase: Running }; asks kubectl for JSON"),
    })
    .optional(),
});

export type KubectlCheckInput = z.infer<typeof kubectlCheckInput>;

/** A kubectl command whose success and output tell. An API server that does not answer is an error: nothing was checked. */
export const kubectlCheck: CheckDriver<KubectlCheckInput> = {
  kind: "kubectl",
  description: "runs a kubectl command and looks at what it prints",
  connections: [kubectlConnection.type],
  input: kubectlCheckInput,
  preview: (input) => describeKubectl(argvOf(input)),
  permissions: ({ kubectl }, context) => missingNeeds(needsOfArgv(kubectl), context),
  run,
};

async function run(input: KubectlCheckInput, context: DriverContext): Promise<CheckResult> {
  const name = describeKubectl(input.kubectl);
  let argv: readonly string[];
  try {
    argv = argvOf(input).map((each) => context.resolve(each));
  } catch (error) {
    return {
      kind: "error",
      detail: error instanceof Error ? error.message : String(error),
      body: "",
    };
  }
  const result = await execKubectl(argv, context);
  const body = result.stdout === "" ? result.stderr : result.stdout;
  if (result.exitCode !== 0) {
    const { why } = readFailure(result);
    return {
      kind: isTold(why, result.exitCode) ? "fail" : "error",
      detail: `${name}: ${why}`,
      body,
    };
  }
  const problem = unexpected(input, result.stdout, context);
  return problem === null
    ? { kind: "pass", detail: `${name} is as expected`, body }
    : { kind: "fail", detail: `${name}: ${problem}`, body };
}

/** Whether the command got an answer, and the answer is no: what it looks for is not there, waited in vain, or failed inside. */
function isTold(why: string, exitCode: number | null): boolean {
  if (exitCode === null) return false;
  return (
    isNotFound(why) || /command terminated with|timed out waiting for|No resources found/.test(why)
  );
}

function unexpected(
  { expect }: KubectlCheckInput,
  stdout: string,
  context: DriverContext,
): string | null {
  const printed = stdout.trim();
  if (expect?.stdout !== undefined && matcherOf(context.resolve(expect.stdout))?.(printed) !== true)
    return `printed ${printed.slice(0, 120) || "nothing"}, expected ${expect.stdout}`;
  if (expect?.json === undefined) return null;
  let json: Json;
  try {
    json = JSON.parse(stdout) as Json;
  } catch {
    return `printed no JSON: ${printed.slice(0, 120) || "nothing"}`;
  }
  for (const [path, wanted] of Object.entries(expect.json)) {
    const value = typeof wanted === "string" ? context.resolve(wanted) : wanted;
    const found = readJsonPath(json, path);
    if (!found.found) return found.why;
    if (!sameJson(found.value, value))
      return `${path} is ${JSON.stringify(found.value)}, expected ${JSON.stringify(value)}`;
  }
  return null;
}

/** With paths expected the output is JSON, without anybody having to say so. */
function argvOf({ kubectl, expect }: KubectlCheckInput): readonly string[] {
  const has = kubectl.some((word) => /^(?:-o|--output)/.test(word));
  return expect?.json === undefined || has ? kubectl : ["--output=json", ...kubectl];
}

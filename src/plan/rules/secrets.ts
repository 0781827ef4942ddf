import type { Rule } from "../located-plan.ts";
import { findPlaceholders } from "../placeholders.ts";
import { placedActions } from "./placed-actions.ts";
import { planTexts, type PlanText } from "./plan-texts.ts";
import { problemsAt, type Found } from "./problems-at.ts";

const ARGV: ReadonlySet<string> = new Set(["argv", "run", "kubectl", "command"]);
const SECRET_KEY =
  /^(authorization|cookie|x-api-key|bearer|token|password|passwd|secret|api_?key|private_?key|.*_(secret|password|token|api_?key|private_?key))$/i;

/** Secrets are references, and stand where nobody reads them: never in the plan itself, never in arguments. */
export const secrets: Rule = (located, catalog) => {
  const made = [
    ...placedActions(located).map(({ action }) => action.outputs),
    ...Object.values(located.plan.checks).flatMap(({ outputs = {}, steps = [] }) => [
      outputs,
      ...steps.flatMap((step) => (step.kind === "test" ? [step.outputs] : [])),
    ]),
  ];
  const secretOutputs = new Set(
    made
      .flatMap((outputs) => Object.entries(outputs))
      .flatMap(([name, { secret }]) => (secret ? [name] : [])),
  );
  const texts = planTexts(located);
  const found = texts
    .flatMap((text) => inArgv(text, secretOutputs))
    .concat(texts.flatMap((text) => literal(text, catalog.sinks.get(text.driver)?.secrets ?? [])));
  return problemsAt(located, found);
};

function inArgv(
  { kind, text, inside, path }: PlanText,
  outputs: ReadonlySet<string>,
): readonly Found[] {
  // A secret that does not belong into a message at all is told as that.
  if (kind === "message") return [];
  if (!ARGV.has(String(inside[0])) || typeof inside[1] !== "number") return [];
  return findPlaceholders(text).found.flatMap(({ kind, name, offset, length }) => {
    const isSecret = kind === "env" || kind === "file" || (kind === "outputs" && outputs.has(name));
    if (!isSecret) return [];
    const reference = text.slice(offset, offset + length);
    const variable = kind === "env" ? name : "TOKEN";
    return [
      {
        code: "secret-in-argv" as const,
        path,
        message: `${reference} stands in the arguments of a command, which everyone on the machine can read`,
        fix: `pass it as env: { ${variable}: "${reference}" }, or use a parameter if it is no secret`,
        part: { offset, length },
      },
    ];
  });
}

function literal(
  { kind, text, inside, path }: PlanText,
  more: readonly string[],
): readonly Found[] {
  const key = inside.at(-1);
  if (typeof key !== "string" || kind === "metric" || kind === "message") return [];
  if (!SECRET_KEY.test(key) && !(kind === "connection" && more.includes(key))) return [];
  // What an answer must hold is no credential, nor is a path into it, nor the name of a router's cookie.
  const told = ["expect", "read", "sticky"].some((word) => inside.includes(word));
  if (told || text === "") return [];
  if (text.includes("${")) return [];
  return [
    {
      code: "secret-literal",
      path,
      message: `the value of ${key} is written out in the plan`,
      fix: `write "\${env:${key.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}}" or "\${file:/path}"`,
    },
  ];
}

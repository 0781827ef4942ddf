import { checksOf } from "../core/measurements.ts";
import type { Check, CheckStep, Output, Plan, Service } from "../core/plan.ts";
import { formatDuration } from "./format-duration.ts";

/** The request or command of a check, or of one of its steps, as a person would type it. */
export type PreviewCheck = (check: Pick<Check, "name" | "driver" | "input">) => string;

/** What a check does: its services, its steps, what it keeps. One line each. */
export function checkLines(check: Check, preview: PreviewCheck): readonly string[] {
  const { name, driver, steps = [], services = [], outputs = {} } = check;
  // A person may take any time.
  const bound = driver === "confirm" ? "" : ` (at most ${formatDuration(check.timeout)})`;
  const does = driver === "steps" ? `${steps.length} steps` : preview(check) + onMachine(check);
  return [
    `  check  ${name}: ${does}${bound}`,
    ...services.map((service) => `    with     ${serviceLine(service, name, preview)}`),
    ...steps.flatMap((step, index, all) => {
      const number = `${index + 1}`.padEnd(9);
      if (step.kind === "wait")
        return [`    ${number}${titled(step.title)}wait ${formatDuration(step.ms)}`];
      const first = all.findIndex((each) => isSame(each, step));
      const text =
        first < index
          ? `as step ${first + 1}`
          : preview({ name, driver: step.driver, input: step.input }) + onMachine(step);
      return [`    ${number}${titled(step.title ?? "")}${text}`, ...kept(step.outputs)];
    }),
    ...kept(outputs),
  ];
}

/** What the checks that gates and triggers watch do; each once, and only those that no list of checks shows. */
export function watchedChecks(plan: Plan, preview: PreviewCheck): readonly string[] {
  const { stages, triggers, rollback } = plan;
  const gates = [...stages.flatMap((stage) => stage.gates), ...rollback.verify.gates];
  const watched = [...gates, ...triggers].flatMap(({ condition }) => checksOf(condition));
  const shown = new Set([
    ...plan.preflight,
    ...stages.flatMap((stage) => stage.checks),
    ...rollback.verify.checks,
  ]);
  const checks = [...new Set(watched)]
    .filter((name) => !shown.has(name))
    .flatMap((name) => plan.checks[name] ?? []);
  if (checks.length === 0) return [];
  return [
    "asked by gates and triggers",
    ...checks.flatMap((each) => checkLines(each, preview)),
    "",
  ];
}

/** A command is run here, unless a connection is named. */
export function onMachine({
  driver,
  connection,
}: {
  readonly driver: string;
  readonly connection: string | null;
}): string {
  return driver === "run" && connection !== null ? ` on ${connection}` : "";
}

function serviceLine({ name, argv, ready }: Service, check: string, preview: PreviewCheck): string {
  const command = preview({ name: check, driver: "run", input: { run: argv } });
  const up = ready.kind === "tcp" ? `${ready.address} takes connections` : `${ready.url} answers`;
  return `${name}: ${command}, up when ${up}`;
}

function kept(outputs: Readonly<Record<string, Output>>): readonly string[] {
  return Object.entries(outputs).map(
    ([name, { json, secret }]) =>
      `    keeps    \${outputs.${name}} from ${json}${secret ? ", in memory only" : ""}`,
  );
}

function titled(title: string): string {
  return title === "" ? "" : `${title}: `;
}

/** A test that is made several times is shown once. */
function isSame(one: CheckStep, other: CheckStep): boolean {
  if (one.kind === "wait" || other.kind === "wait") return false;
  const said = ({ driver, connection, input }: typeof one): string =>
    JSON.stringify([driver, connection, input]);
  return said(one) === said(other);
}

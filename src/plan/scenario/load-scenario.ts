import type { Plan } from "../../core/plan.ts";
import { explainIssue, NO_WORDS } from "../decode/explain-issue.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { Diagnostic, SourcePath } from "../diagnostic.ts";
import { parseDuration } from "../scalars/parse-duration.ts";
import { parseQuantity } from "../scalars/parse-quantity.ts";
import type { Parsed } from "../scalars/parsed.ts";
import { readSource } from "../source/read-source.ts";
import type { Source } from "../source/source.ts";
import { scenarioSchema, type WrittenScenario, type WrittenWord } from "./scenario-schema.ts";
import type { MetricMoment, Moment, Scenario, WordMoment } from "./scenario.ts";

export interface LoadedScenario {
  readonly scenario: Scenario | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** What the parts of the loader share. */
interface Loader {
  readonly plan: Plan;
  report(path: SourcePath, code: string, message: string, fix: string | null): void;
  /** The same, at the key and not at what stands below it. */
  reportKey(path: SourcePath, code: string, message: string, fix: string | null): void;
}

/** Loads a scenario for a plan: its names are the plan's, its values are in the metrics' units. Never throws. */
export function loadScenario(
  { path: file, text }: { readonly path: string; readonly text: string },
  plan: Plan,
): LoadedScenario {
  const { source, diagnostics } = readSource(file, text);
  if (source === null) return { scenario: null, diagnostics };
  const found: Diagnostic[] = [...diagnostics];
  const loader: Loader = {
    plan,
    report: (path, code, message, fix) =>
      found.push({ code, severity: "error", message, fix, file, path, ...source.at(path) }),
    reportKey: (path, code, message, fix) =>
      found.push({ code, severity: "error", message, fix, file, path, ...source.keyAt(path) }),
  };
  const written = validate(source, loader);
  const scenario = written === null ? null : build(written, loader);
  return { scenario: found.length === 0 ? scenario : null, diagnostics: found };
}

function validate(source: Source, loader: Loader): WrittenScenario | null {
  const result = scenarioSchema.safeParse(source.root, { error: () => NO_WORDS });
  if (result.success) return result.data;
  const about = {
    schema: scenarioSchema,
    value: source.root,
    written: (path: SourcePath) => source.written(path),
  };
  for (const issue of result.error.issues) {
    for (const { code, message, fix, path } of explainIssue(issue, about))
      loader.report(path, code, message, fix);
  }
  return null;
}

function build(written: WrittenScenario, loader: Loader): Scenario {
  const { plan } = loader;
  known(loader, ["metrics"], Object.keys(written.metrics), Object.keys(plan.metrics));
  known(loader, ["checks"], Object.keys(written.checks), Object.keys(plan.checks));
  const metrics = Object.entries(written.metrics).map(([name, moments]) => [
    name,
    moments.map((each, index): MetricMoment => {
      const path = ["metrics", name, index];
      return { ...momentOf(each, path, loader), gives: givesOf(each, name, path, loader) };
    }),
  ]);
  const checks = Object.entries(written.checks).map(([name, moments]) => [
    name,
    moments.map((each, index) => ({
      ...momentOf(each, ["checks", name, index], loader),
      result: each.result,
    })),
  ]);
  return {
    metrics: Object.fromEntries(metrics) as Scenario["metrics"],
    checks: Object.fromEntries(checks) as Scenario["checks"],
    writes: written.writes.map(({ field, result, ...each }, index) => ({
      ...momentOf(each, ["writes", index], loader),
      field,
      kind: result,
    })),
    words: written.words.map((each, index) => wordOf(each, ["words", index], loader)),
  };
}

function known(
  loader: Loader,
  path: SourcePath,
  names: readonly string[],
  allowed: readonly string[],
): void {
  for (const name of names.filter((each) => !allowed.includes(each))) {
    const message = `the plan has no ${path[0] === "metrics" ? "metric" : "check"} \`${name}\``;
    loader.reportKey([...path, name], "unknown-name", message, unknownName(name, allowed));
  }
}

interface WrittenMoment {
  readonly stage?: string | undefined;
  readonly after: string | number;
}

function momentOf({ stage, after }: WrittenMoment, path: SourcePath, loader: Loader): Moment {
  const stages = loader.plan.stages.map(({ name }) => name);
  if (stage !== undefined && !stages.includes(stage)) {
    const message = `the plan has no stage \`${stage}\``;
    loader.report([...path, "stage"], "unknown-name", message, unknownName(stage, stages));
  }
  const parsed = parseDuration(after);
  return { stage: stage ?? null, after: take(parsed, [...path, "after"], loader) ?? 0 };
}

function givesOf(
  { value, samples, outcome }: WrittenScenario["metrics"][string][number],
  name: string,
  path: SourcePath,
  loader: Loader,
): MetricMoment["gives"] {
  if (outcome !== undefined) return { kind: outcome };
  const unit = loader.plan.metrics[name]?.unit;
  // A name that the plan does not have was told already, and says nothing of the unit.
  if (unit === undefined) return { kind: "noData" };
  const parsed =
    typeof value === "number" ? ({ kind: "ok", value } as const) : parseQuantity(value, unit);
  return {
    kind: "value",
    value: take(parsed, [...path, "value"], loader) ?? 0,
    samples: samples ?? null,
  };
}

function wordOf(written: WrittenWord, path: SourcePath, loader: Loader): WordMoment {
  const moment = momentOf(written, path, loader);
  const { abort, hold, resume, confirm, yes } = written;
  if (abort !== undefined) return { ...moment, word: { kind: "abort", reason: abort } };
  const about = { by: "scenario", stage: null, hold: null, check: null, yes: yes ?? true };
  if (hold !== undefined) return { ...moment, word: { ...about, kind: "hold", reason: hold } };
  if (resume === true) return { ...moment, word: { ...about, kind: "resume", reason: "" } };
  if (confirm === undefined) return { ...moment, word: { ...about, kind: "promote", reason: "" } };
  const names = Object.values(loader.plan.checks).flatMap(({ name, driver }) =>
    driver === "confirm" ? [name] : [],
  );
  if (!names.includes(confirm)) {
    const message = `the plan has no confirmation \`${confirm}\``;
    loader.report([...path, "confirm"], "unknown-name", message, unknownName(confirm, names));
  }
  return { ...moment, word: { ...about, kind: "confirm", reason: "", check: confirm } };
}

function take<T>(parsed: Parsed<T>, path: SourcePath, loader: Loader): T | null {
  if (parsed.kind === "ok") return parsed.value;
  loader.report(path, "wrong-value", parsed.message, parsed.fix);
  return null;
}

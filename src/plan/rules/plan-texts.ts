import type { Check } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { LocatedPlan } from "../located-plan.ts";
import { placedActions, type PlacedAction } from "./placed-actions.ts";
import { planEvidence } from "./plan-evidence.ts";
import { sourcePath } from "./source-path.ts";
import { textsIn } from "./texts-in.ts";

/** A text that is filled in while a rollout runs, and where it stands. */
export interface PlanText {
  readonly kind: "connection" | "metric" | "check" | "action" | "evidence" | "message";
  readonly driver: string;
  readonly text: string;
  /** From the thing's own validated input. */
  readonly inside: SourcePath;
  readonly path: SourcePath;
  readonly action: PlacedAction | null;
  /** The check whose text it is, and which of its steps; null elsewhere. */
  readonly check: { readonly name: string; readonly step: number | null } | null;
}

/** Every text of a plan in which placeholders may stand. */
export function planTexts(located: LocatedPlan): readonly PlanText[] {
  const { plan } = located;
  const of = (
    kind: PlanText["kind"],
    driver: string,
    json: Json,
    path: SourcePath,
    action: PlacedAction | null = null,
    check: PlanText["check"] = null,
  ): readonly PlanText[] =>
    textsIn(json).map(({ text, path: inside }) => ({
      kind,
      driver,
      text,
      inside,
      path: written(located, path, driver, inside),
      action,
      check,
    }));
  return [
    ...Object.values(plan.connections).flatMap(({ name, type, config }) =>
      of("connection", type, config, sourcePath(located, `connection:${name}`)),
    ),
    ...Object.values(plan.metrics).flatMap(({ name, driver, query }) =>
      of("metric", driver, query, sourcePath(located, `metric:${name}`)),
    ),
    ...Object.values(plan.checks).flatMap(announcedTexts),
    ...Object.values(plan.checks).flatMap((check) =>
      checkParts(located, check).flatMap(({ driver, input, path, step }) =>
        of("check", driver, input, path, null, { name: check.name, step }),
      ),
    ),
    ...placedActions(located).flatMap((placed) =>
      of("action", placed.action.driver, placed.action.input, placed.path, placed),
    ),
    ...planEvidence(plan).flatMap(({ id, driver, input }) =>
      of("evidence", driver, input, sourcePath(located, `evidence:${id}`)),
    ),
    ...Object.values(plan.playbooks ?? {}).flatMap(({ diagnose }) =>
      diagnose.flatMap(({ id, driver, input }) =>
        of("evidence", driver, input, sourcePath(located, `evidence:${id}`)),
      ),
    ),
    ...messageTexts(located),
  ];
}

interface CheckPart {
  readonly driver: string;
  readonly input: Json;
  readonly path: SourcePath;
  readonly step: number | null;
}

/** What a check itself asks, its steps, and the processes that live as long as it. */
function checkParts(located: LocatedPlan, check: Check): readonly CheckPart[] {
  const { name, driver, input, steps = [], services = [] } = check;
  if (driver === "announced" || driver === "drill") return [];
  const path = sourcePath(located, `check:${name}`);
  return [
    { driver, input, path, step: null },
    ...steps.flatMap((step, index): readonly CheckPart[] => {
      if (step.kind === "wait") return [];
      const own = sourcePath(located, `step:${name}/${index}`);
      return [{ driver: step.driver, input: step.input, path: own, step: index }];
    }),
    ...services.map(({ argv: run, env, cwd, ready, name: service }): CheckPart => {
      const whole = { run, env, ...(cwd === null ? {} : { cwd }), ready: { ...ready } };
      return { driver: "service", input: whole, path: [...path, "services", service], step: null };
    }),
  ];
}

/** What is announced is a message, wherever the check that asks for it stands. */
function announcedTexts({ driver, input }: Check): readonly PlanText[] {
  const { announced, subject, text } = input;
  if (driver !== "announced" || typeof announced !== "string") return [];
  return Object.entries({ subject, text }).flatMap(([key, value]) =>
    typeof value === "string"
      ? [
          {
            ...{ kind: "message", driver: "on", action: null, check: null },
            ...{ text: value, inside: [key], path: ["messages", announced, key] },
          } as const,
        ]
      : [],
  );
}

/** The texts of `on:` and `messages:`. A message that several lines use is looked at for each. */
function messageTexts({ plan, sourceOf }: LocatedPlan): readonly PlanText[] {
  const message = { kind: "message", driver: "on", action: null, check: null } as const;
  return (plan.reactions ?? []).flatMap(({ id, does, text, subject }) => {
    const at = (key: string): SourcePath => sourceOf.get(`${key}:${id}`) ?? [];
    const argv = does.kind === "run" ? does.argv : [];
    return [
      ...argv.map((each, index) => ({
        ...message,
        text: each,
        inside: ["run", index],
        path: [...at("reaction"), "run", index],
      })),
      ...(does.kind === "record"
        ? [{ ...message, text: does.as, inside: ["record"], path: [...at("reaction"), "record"] }]
        : []),
      ...(text === null ? [] : [{ ...message, text, inside: ["text"], path: at("reaction-text") }]),
      ...(subject === null
        ? []
        : [{ ...message, text: subject, inside: ["subject"], path: at("reaction-subject") }]),
    ];
  });
}

/**
 * A validated input may be shaped differently from what was written (`run: [a]` is `{ argv: [a] }`), and an action's
 * stands below its verb: the deepest place that exists in the file is the best one.
 */
function written(
  located: LocatedPlan,
  path: SourcePath,
  driver: string,
  inside: SourcePath,
): SourcePath {
  const candidates = [
    [...path, ...inside],
    [...path, driver, ...inside],
    [...path, driver, ...inside.slice(1)],
    [...path, driver],
  ];
  const whole = located.at(path);
  const size = (at: SourcePath): number => {
    const { line, col, endLine, endCol } = located.at(at);
    return (endLine - line) * 10_000 + endCol - (endLine === line ? col : 0);
  };
  const isDeeper = (at: SourcePath): boolean => {
    const found = located.at(at);
    return size(at) < size(path) || found.line !== whole.line || found.col !== whole.col;
  };
  return candidates.filter(isDeeper).toSorted((a, b) => size(a) - size(b))[0] ?? path;
}

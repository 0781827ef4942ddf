import type { Json } from "../core/units.ts";
import { isMap } from "./decode/is-map.ts";
import type { Diagnostic, SourcePath } from "./diagnostic.ts";
import type { Loading } from "./loading.ts";

interface Given extends Pick<Loading, "source" | "catalog" | "timeScale" | "params" | "outputs"> {
  /** The plan's `params`, for the choices of each. */
  readonly section: Json | undefined;
  /** Problems are added here. */
  readonly diagnostics: Diagnostic[];
}

/** What the parts of the loader share. `before` is the one of an earlier phase, whose places it goes on with. */
export function createLoading(given: Given, before?: Loading): Loading {
  const { diagnostics, source } = given;
  const told = new Set<string>();
  return {
    ...given,
    choices: choicesOf(given.section),
    sourceOf: before?.sourceOf ?? new Map<string, SourcePath>(),
    leftOut: new Set<string>(),
    report: (path, { part, atKey = false, ...problem }) => {
      // `everyStage` and `traffic` are read once for each stage.
      const key = JSON.stringify([path, problem.code, problem.message]);
      if (told.has(key) || isNoise(diagnostics, path, problem.code)) return;
      told.add(key);
      const position = atKey ? source.keyAt(path) : source.at(path, part);
      const { severity = "error", ...rest } = problem;
      diagnostics.push({ ...rest, severity, file: source.file, path, ...position });
    },
    isBroken: (path) =>
      diagnostics.some(
        (each) =>
          each.severity === "error" && (isBelow(each.path, path) || isBelow(path, each.path)),
      ),
  };
}

/** Placeholders come first: what is wrong with a text in which one could not be filled follows from that. */
const UNFILLED: ReadonlySet<string> = new Set([
  "placeholder",
  "unknown-param",
  "unknown-output",
  "no-sandbox",
  "not-supported",
]);

function isNoise(diagnostics: readonly Diagnostic[], path: SourcePath, code: string): boolean {
  if (UNFILLED.has(code)) return false;
  return diagnostics.some(
    (each) =>
      UNFILLED.has(each.code) && each.path.length === path.length && isBelow(path, each.path),
  );
}

function isBelow(path: SourcePath, above: SourcePath): boolean {
  // A problem of the whole file is no problem of each of its parts.
  if (above.length === 0) return path.length === 0;
  return above.every((step, index) => path[index] === step);
}

function choicesOf(section: Json | undefined): Loading["choices"] {
  const choices = new Map<string, readonly string[]>();
  for (const [name, param] of isMap(section) ? Object.entries(section) : []) {
    const list = isMap(param) ? param["choices"] : undefined;
    if (Array.isArray(list))
      choices.set(
        name,
        list.map((each: Json) => JSON.stringify(each)).map((each) => each.replaceAll(/^"|"$/g, "")),
      );
  }
  return choices;
}

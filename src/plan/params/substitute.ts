import type { Json } from "../../core/units.ts";
import { laterKeys } from "../decode/later-keys.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { findPlaceholders, type Placeholder } from "../placeholders.ts";
import type { ParamValue } from "./param-value.ts";

/** The values that stand for placeholders; null where a known one has no value, which was then reported. */
export type Lookup = (placeholder: Placeholder) => ParamValue | undefined;

/**
 * Replaces `${params.x}` and what else `lookup` knows in every text of the plan. A text that is one placeholder takes the
 * value's own type. Values that are put in are not looked at again. What stands for nothing is reported.
 */
export function substitute(
  loading: Loading,
  root: Json,
  lookup: Lookup,
  at: SourcePath = [],
): Json {
  return walk(root, at);

  function walk(value: Json, path: SourcePath): Json {
    if (typeof value === "string") return fill(value, path);
    if (Array.isArray(value)) return value.map((each: Json, index) => walk(each, [...path, index]));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        path.length === 0 && isLeftAlone(key) ? each : walk(each, [...path, key]),
      ]),
    );
  }

  function fill(text: string, path: SourcePath): Json {
    if (!text.includes("${")) return text;
    const { found, problems } = findPlaceholders(text);
    for (const { message, fix, offset, length } of problems)
      loading.report(path, { code: "placeholder", message, fix, part: { offset, length } });
    let filled = "";
    let from = 0;
    for (const placeholder of found) {
      const value = lookup(placeholder);
      reportUnknown(loading, path, placeholder, value);
      if (value === undefined) continue;
      if (placeholder.length === text.length) return value;
      filled += text.slice(from, placeholder.offset) + String(value);
      from = placeholder.offset + placeholder.length;
    }
    return filled + text.slice(from);
  }
}

/** A parameter's values are plain, its description may speak of placeholders; playbooks have parameters of their own. */
function isLeftAlone(section: string): boolean {
  return section === "params" || section === "playbooks" || Object.hasOwn(laterKeys, section);
}

function reportUnknown(
  loading: Loading,
  path: SourcePath,
  { kind, name, offset, length }: Placeholder,
  value: ParamValue | undefined,
): void {
  const part = { offset, length };
  if (kind === "params" && value === undefined) {
    const fix = unknownName(name, [...loading.params.keys()]) ?? "define it under `params`";
    loading.report(path, {
      code: "unknown-param",
      message: `there is no parameter ${name}`,
      fix,
      part,
    });
  } else if (kind === "outputs" && !loading.outputs.has(name)) {
    const fix =
      unknownName(name, [...loading.outputs]) ??
      `add \`outputs: { ${name}: { json: … } }\` to an action or a check`;
    loading.report(path, {
      code: "unknown-output",
      message: `nothing has the output ${name}`,
      fix,
      part,
    });
  } else if (kind === "sandbox" && value === undefined) {
    const message = "the plan runs against a sandbox, and none was given";
    loading.report(path, { code: "no-sandbox", message, fix: "add --sandbox", part });
  }
}

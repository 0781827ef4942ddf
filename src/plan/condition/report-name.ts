import { nearest } from "../nearest.ts";
import type { ConditionContext } from "./condition-context.ts";
import type { Cursor } from "./cursor.ts";
import type { Token } from "./tokenize.ts";

/** Says why a name cannot be used where it stands: it is of the other kind, misspelt, or nowhere defined. */
export function reportName(
  cursor: Cursor,
  name: Token,
  wanted: "metric" | "check" | "either",
  { metrics, checks }: ConditionContext,
): void {
  const span = { first: name };
  const driver = checks.get(name.text)?.driver;
  if (wanted === "metric" && driver !== undefined) {
    const fix =
      driver === "confirm"
        ? `write ${name.text} confirmed`
        : `write ${name.text} passes or ${name.text} fails`;
    return cursor.report("condition-verb", `${name.text} is a check, not a metric`, fix, span);
  }
  if (wanted === "check" && metrics.has(name.text))
    return cursor.report(
      "condition-verb",
      `${name.text} is a metric, not a check`,
      `compare it, like ${name.text} < limit`,
      span,
    );
  const candidates = [
    ...(wanted === "check" ? [] : metrics.keys()),
    ...(wanted === "metric" ? [] : checks.keys()),
  ];
  const close =
    nearest(name.text, candidates) ?? nearest(name.text, [...metrics.keys(), ...checks.keys()]);
  const what = wanted === "either" ? "metric or check" : wanted;
  const fix = close === null ? known(what, candidates) : `did you mean ${close}?`;
  cursor.report("condition-name", `there is no ${what} ${name.text}`, fix, span);
}

function known(what: string, names: readonly string[]): string {
  const library = what === "check" ? "checks" : what === "metric" ? "metrics" : "metrics or checks";
  if (names.length === 0) return `define it under \`${library}\``;
  const list = names.slice(0, 8).join(", ");
  return `define it under \`${library}\`, or use ${list}${names.length > 8 ? ", …" : ""}`;
}

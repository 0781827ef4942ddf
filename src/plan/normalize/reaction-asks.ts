import { unknownName } from "../decode/unknown-name.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import type { Names } from "./names.ts";

/** The confirmations that a line of `on:` asks for. What is none is reported. */
export function reactionAsks(
  loading: Loading,
  asked: readonly string[],
  path: SourcePath,
  { checks, offChecks }: Names,
): readonly string[] {
  const known = [...checks].flatMap(([name, { driver }]) => (driver === "confirm" ? [name] : []));
  return asked.flatMap((name, index) => {
    if (known.includes(name)) return offChecks.has(name) ? [] : [name];
    const message = checks.has(name)
      ? `the check ${name} asks nobody: it is no confirmation`
      : `there is no confirmation ${name}`;
    const fix = unknownName(name, known) ?? `define it: checks: { ${name}: { confirm: … } }`;
    loading.report([...path, "ask", index], { code: "unknown-check", message, fix });
    return [];
  });
}

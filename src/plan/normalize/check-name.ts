import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { nameText } from "../schema/scalars.ts";

/** Words of the condition language, which a name would be mistaken for. */
const TAKEN: ReadonlySet<string> = new Set([
  "over",
  "for",
  "passes",
  "fails",
  "confirmed",
  "baseline",
  "stable",
  "stage",
  "rollout",
  "previous",
  "any",
  "all",
  "true",
  "false",
]);

/** Reports a key that cannot be the name of a metric, check, connection or parameter. */
export function checkName(loading: Loading, name: string, path: SourcePath): void {
  if (TAKEN.has(name)) {
    const message = `${name} is a word of the condition language`;
    const problem = { code: "bad-name", message, fix: "choose another name", atKey: true } as const;
    loading.report(path, problem);
  } else if (!nameText.safeParse(name).success) {
    const message = `\`${name}\` cannot be a name`;
    const fix = "use letters, digits, - and _, and begin with a letter";
    loading.report(path, { code: "bad-name", message, fix, atKey: true });
  }
}

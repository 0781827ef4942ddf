import type { Event } from "../core/event.ts";
import type { Redactor } from "../evidence/redact.ts";

/** Words of the machine itself: a secret that happens to read like one of them must not change what happened. */
const FIXED: ReadonlySet<string> = new Set([
  "kind",
  "result",
  "effect",
  "action",
  "group",
  "field",
  "key",
  "check",
  "stage",
  "gate",
  "trigger",
  "mode",
  "clears",
  "id",
  "reaction",
  "of",
  "to",
]);

/** Replaces registered secrets in the free texts of an event. The machine folds the redacted event, so that replay gives the same. */
export function redactEvent<E extends Event>(redactor: Redactor, event: E): E {
  return redactValue(redactor, event, "") as E;
}

function redactValue(redactor: Redactor, value: unknown, key: string): unknown {
  if (typeof value === "string") return FIXED.has(key) ? value : redactor.redact(value);
  if (Array.isArray(value)) return value.map((item: unknown) => redactValue(redactor, item, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, redactValue(redactor, item, name)]),
  );
}

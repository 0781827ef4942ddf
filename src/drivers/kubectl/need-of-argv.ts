import type { Need } from "./can-i.ts";

const VERBS = new Map([
  ["get", "get"],
  ["delete", "delete"],
  ["patch", "patch"],
  ["annotate", "patch"],
  ["label", "patch"],
  ["scale", "patch"],
  ["edit", "patch"],
]);

/**
 * The permission that a kubectl command needs, for those that name one object: `[delete, pod/x]`,
 * `[rollout, restart, deployment/x]`, `[exec, …]`. Null where that cannot be told from the words alone.
 */
export function needOfArgv(argv: readonly string[]): Need | null {
  const words = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : argv.length);
  // A flag's value cannot be told from an object where it stands apart, so only what stands before the first flag counts.
  const first = words.findIndex((word) => word.startsWith("-"));
  const [verb = "", ...rest] = first < 0 ? words : words.slice(0, first);
  const reason = `kubectl ${verb}`;
  const base = { namespace: null, reason };
  if (verb === "exec") return { ...base, verb: "create", type: "pods/exec", name: null };
  const isRestart = verb === "rollout" && rest[0] !== "status" && rest[0] !== "history";
  const [what = "", name] = isRestart ? rest.slice(1) : rest;
  const needed = isRestart ? "patch" : VERBS.get(verb);
  if (needed === undefined || what === "" || what.includes(",") || what === "all") return null;
  const [type = "", inWord] = what.split("/");
  return { ...base, verb: needed, type, name: inWord ?? name ?? null };
}

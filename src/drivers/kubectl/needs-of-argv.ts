import type { Need } from "./can-i.ts";

/** What a command asks of the API server for the object that it names. */
const VERBS: ReadonlyMap<string, readonly string[]> = new Map([
  ["get", ["get"]],
  ["describe", ["get"]],
  ["delete", ["delete"]],
  ["patch", ["patch"]],
  ["annotate", ["patch"]],
  ["label", ["patch"]],
  ["scale", ["patch"]],
  ["edit", ["patch"]],
  // They look at the object, and then follow what becomes of it.
  ["wait", ["get", "list", "watch"]],
  ["rollout status", ["get", "list", "watch"]],
  ["rollout restart", ["patch"]],
  ["rollout undo", ["patch"]],
  ["rollout pause", ["patch"]],
  ["rollout resume", ["patch"]],
]);

/**
 * The permissions that a kubectl command needs, for those that name an object: `[delete, pod/x]`,
 * `[rollout, status, deployment/x]`, `[logs, deployment/x]`, `[exec, …]`. Empty where that cannot be told from the words.
 */
export function needsOfArgv(argv: readonly string[]): readonly Need[] {
  const words = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : argv.length);
  // A flag's value cannot be told from an object where it stands apart, so only what stands before the first flag counts.
  const first = words.findIndex((word) => word.startsWith("-"));
  const [verb = "", ...rest] = first < 0 ? words : words.slice(0, first);
  const base = { namespace: null, reason: `kubectl ${verb}` };
  if (verb === "exec") return [{ ...base, verb: "create", type: "pods/exec", name: null }];
  const command = verb === "rollout" ? `rollout ${rest[0] ?? ""}` : verb;
  const [what = "", name] = verb === "rollout" ? rest.slice(1) : rest;
  if (what === "" || what.includes(",") || what === "all") return [];
  const [type = "", inWord] = what.split("/");
  const object = { ...base, type, name: nameOf(inWord ?? name) };
  if (verb === "logs") return needsOfLogs(inWord === undefined ? null : object);
  // Without a name it is all of them.
  const verbs = command === "get" && object.name === null ? ["list"] : (VERBS.get(command) ?? []);
  return verbs.map((each) => ({ ...object, verb: each }));
}

/** The logs of a Pod, or of one Pod of a workload, which has to be found. */
function needsOfLogs(object: Omit<Need, "verb"> | null): readonly Need[] {
  const base = { namespace: null, reason: "kubectl logs", name: null };
  const read = { ...base, verb: "get", type: "pods/log" };
  if (object === null || /^(?:pods?|po)$/.test(object.type)) return [read];
  return [{ ...object, verb: "get" }, { ...base, verb: "list", type: "pods" }, read];
}

/** A name that is known only later is no name yet. */
function nameOf(word: string | undefined): string | null {
  return word === undefined || word.includes("${") ? null : word;
}

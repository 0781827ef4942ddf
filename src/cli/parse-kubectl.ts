/** One object, as a kubectl command line asks for it. */
export interface AskedObject {
  /** The flags that say which cluster. */
  readonly flags: readonly string[];
  /** `v1` or `apps/v1`. */
  readonly groupVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | null;
  /** The operations of a JSON patch; null for a read. */
  readonly patch: unknown;
}

const GET: ReadonlySet<string> = new Set(["--ignore-not-found", "--output=json"]);
const PATCH: ReadonlySet<string> = new Set(["--type=json", "--output=name"]);

/**
 * Reads a command line that is the `get` or the `patch` of one object with a full type, as the drivers write it; null for
 * every other one.
 */
export function parseKubectl(argv: readonly string[]): AskedObject | null {
  const [program, ...rest] = argv;
  const words = rest.filter((word) => !word.startsWith("-"));
  const [verb, type = "", name = "", ...more] = words;
  if (program !== "kubectl" || name === "" || more.length > 0) return null;
  const flags: string[] = [];
  let namespace: string | null = null;
  let patch: unknown = null;
  const others = new Set<string>();
  for (const word of rest.filter((each) => each.startsWith("-"))) {
    const [key = ""] = word.split("=", 1);
    const value = word.slice(key.length + 1);
    if (key === "--kubeconfig" || key === "--context") flags.push(word);
    else if (key === "--namespace") namespace = value;
    else if (key === "--patch") patch = parse(value);
    else if (key !== "--request-timeout") others.add(word);
  }
  const isGet = verb === "get" && patch === null && isSame(others, GET);
  const isPatch = verb === "patch" && Array.isArray(patch) && isSame(others, PATCH);
  const full = fullType(type);
  if (full === null || !(isGet || isPatch)) return null;
  return { ...full, flags, name, namespace, patch };
}

/** `Deployment.v1.apps`; a kind alone is one of the core. */
function fullType(type: string): { readonly kind: string; readonly groupVersion: string } | null {
  const [, kind, version, group] = /^([A-Z]\w*)(?:\.(v\d\w*)\.([\w.-]+))?$/u.exec(type) ?? [];
  if (kind === undefined) return null;
  return { kind, groupVersion: group === undefined ? "v1" : `${group}/${version ?? ""}` };
}

function isSame(words: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean {
  return words.size === wanted.size && [...words].every((word) => wanted.has(word));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

import type { Right } from "./recorded-rights.ts";

/** A kind of thing as the API server knows it. */
export interface ApiResource {
  /** Plural, as Roles name it. */
  readonly name: string;
  readonly kind: string;
  /** Empty for the core. */
  readonly group: string;
}

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** Verbs that no Role can give for one name alone. */
const UNNAMED: ReadonlySet<string> = new Set(["create", "list", "watch", "deletecollection"]);

/** Reads what `kubectl api-resources` prints, of any version. */
export function parseApiResources(text: string): readonly ApiResource[] {
  return text.split("\n").flatMap((line) => {
    const words = line.trim().split(/\s+/u);
    const at = words.findIndex((word) => word === "true" || word === "false");
    const [name, kind] = [words[0], words[at + 1]];
    if (at < 1 || name === undefined || kind === undefined) return [];
    return [{ name, kind, group: groupOf(at > 1 ? (words[at - 1] ?? "") : "") }];
  });
}

/** Groups whose name has no dot. */
const PLAIN: ReadonlySet<string> = new Set([
  "apps",
  "autoscaling",
  "batch",
  "extensions",
  "policy",
]);

/** Newer kubectls print a version, `apps/v1`; older ones the group, nothing for the core, and a short name is then there. */
function groupOf(word: string): string {
  const [group = "", version] = word.split("/");
  if (version !== undefined) return group;
  return group.includes(".") || PLAIN.has(group) ? group : "";
}

/** The rules of one namespace that give these rights and no others. */
export function rulesOf(
  rights: readonly Right[],
  resources: readonly ApiResource[],
): readonly Rule[] {
  const rules = new Map<string, { rule: Rule; verbs: Set<string> }>();
  for (const { verb, type, subresource, name } of rights) {
    const { groups, plural } = resourceOf(type, resources);
    const resource = subresource === null ? plural : `${plural}/${subresource}`;
    const only = name === null || UNNAMED.has(verb) ? {} : { resourceNames: [name] };
    const key = JSON.stringify([groups, resource, only]);
    const known = rules.get(key) ?? {
      rule: { apiGroups: groups, resources: [resource], ...only, verbs: [] },
      verbs: new Set<string>(),
    };
    known.verbs.add(verb);
    rules.set(key, known);
  }
  return [...rules.values()].map(({ rule, verbs }) => ({ ...rule, verbs: [...verbs].toSorted() }));
}

/** A kind that several groups have is the same objects in each: which one kubectl asks is not known. */
function resourceOf(
  type: string,
  resources: readonly ApiResource[],
): { readonly groups: readonly string[]; readonly plural: string } {
  const [word = "", ...rest] = type.split(".");
  const group = rest.join(".");
  const found = resources.filter(
    (each) =>
      (each.name === word || each.kind.toLowerCase() === word) &&
      (group === "" || each.group === group),
  );
  if (found.length === 0) return { groups: [group], plural: word };
  return {
    groups: [...new Set(found.map((each) => each.group))].toSorted(),
    plural: found[0]?.name ?? word,
  };
}

import type { Plan } from "../core/plan.ts";
import type { Json } from "../core/units.ts";
import type { Allow } from "./policy.ts";
import type { PolicyProblem } from "./problem.ts";

/** What a plan reaches that the policy does not allow. */
export function reachProblems(plan: Plan, allow: Allow): readonly PolicyProblem[] {
  return [
    ...outside("context", contextsOf(plan), allow.contexts, (name, list) => list.includes(name)),
    ...outside("host", hostsOf(plan), allow.hosts, isAllowedHost),
    ...outside("program", programsOf(plan), allow.binaries, (name, list) => list.includes(name)),
  ];
}

function outside(
  what: "context" | "host" | "program",
  found: ReadonlySet<string>,
  allowed: readonly string[] | null,
  isAllowed: (name: string, allowed: readonly string[]) => boolean,
): readonly PolicyProblem[] {
  if (allowed === null) return [];
  return [...found]
    .filter((name) => !isAllowed(name, allowed))
    .map((name) => ({
      rule: "allow",
      message: `the plan uses the ${what} ${name}, which the policy does not allow`,
      fix:
        allowed.length === 0
          ? `the policy allows no ${what} at all`
          : `use one of ${allowed.join(", ")}, or have it added to the policy`,
    }));
}

function contextsOf(plan: Plan): ReadonlySet<string> {
  const kubectl = Object.values(plan.connections).filter(({ type }) => type === "kubectl");
  return new Set(
    kubectl.map(({ config }) =>
      typeof config["context"] === "string" ? config["context"] : "that is current",
    ),
  );
}

/** Parts of a plan that hold texts for people, and no addresses that anything is sent to. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(["about", "reactions", "governance", "params"]);

function hostsOf(plan: Plan): ReadonlySet<string> {
  const hosts = new Set<string>();
  const walk = (value: Json): void => {
    if (typeof value === "string") for (const host of hostsIn(value)) hosts.add(host);
    else if (Array.isArray(value)) for (const each of value as readonly Json[]) walk(each);
    else if (typeof value === "object" && value !== null)
      for (const each of Object.values(value)) walk(each);
  };
  for (const [key, value] of Object.entries(plan)) if (!FOR_PEOPLE.has(key)) walk(value as Json);
  return hosts;
}

/** The hosts of the addresses in a text. What a reference stands for is unknown here: the reference itself is the host. */
function hostsIn(text: string): readonly string[] {
  const reference = /^\$\{(?:env|file):[^}]+\}(?=$|[/?])/u.exec(text);
  const isUrl = reference !== null && /url|endpoint|address|host/iu.test(reference[0]);
  const found = text.matchAll(
    /\b(?:https?|wss?|postgres(?:ql)?|mysql):\/\/(?:[^/@\s"']*@)?(\$\{[^}]+\}|\[[^\]]+\]|[^/:?#\s"']+)/giu,
  );
  const hosts = [...found].map(([, host = ""]) => host.toLowerCase());
  return isUrl ? [reference[0], ...hosts] : hosts;
}

function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  return allowed.some((pattern) => {
    const wanted = pattern.toLowerCase();
    return wanted.startsWith("*.") ? host.endsWith(wanted.slice(1)) : host === wanted;
  });
}

function programsOf(plan: Plan): ReadonlySet<string> {
  const programs = new Set<string>();
  const walk = (value: Json, key: string): void => {
    if (Array.isArray(value)) {
      const [first] = value as readonly Json[];
      if ((key === "run" || key === "argv" || key === "command") && typeof first === "string")
        programs.add(first);
      for (const each of value as readonly Json[]) walk(each, "");
    } else if (typeof value === "object" && value !== null)
      for (const [name, each] of Object.entries(value)) walk(each, name);
  };
  for (const [key, value] of Object.entries(plan))
    if (key !== "governance") walk(value as Json, key);
  return programs;
}

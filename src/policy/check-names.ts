import type { Quorum } from "../core/governance.ts";
import type { Check } from "../core/plan.ts";
import { parseSshKey } from "../evidence/ssh-key.ts";
import { isMap } from "../plan/decode/is-map.ts";
import { unknownName } from "../plan/decode/unknown-name.ts";
import type { SourcePath } from "../plan/diagnostic.ts";
import type { Loading } from "../plan/loading.ts";
import type { Sections } from "./read-sections.ts";
import { withoutComment } from "./role.ts";

interface Checks {
  /** All that are written, also those that are wrong. */
  readonly known: readonly string[];
  readonly checks: ReadonlyMap<string, Check>;
}

/** Reports names of tiers, roles and checks that the policy does not have, and what nobody could ever give. */
export function checkNames(loading: Loading, policy: Sections, checks: Checks): void {
  const tiers = policy.tiers.map(({ name }) => name);
  tierNames(loading, policy, tiers);
  checkKeys(loading, policy);
  const roles = [...new Set(Object.values(policy.people).flatMap((person) => person.roles))];
  const need = (quorum: Quorum | null, path: SourcePath): void =>
    checkQuorum(loading, policy, quorum ?? {}, path);
  const role = (name: string | null, path: SourcePath): void => {
    if (name !== null && !roles.includes(name)) unknown(loading, "role", name, roles, path);
  };
  for (const [index, name] of policy.stop.entries()) role(name, ["stop", index]);
  for (const { name, approvals, checks: asked } of policy.tiers) {
    need(approvals, ["tiers", name, "approvals"]);
    checksExist(loading, asked, ["tiers", name, "checks"], checks.known);
  }
  for (const { pattern, approvals, checks: asked } of policy.paths) {
    need(approvals, ["paths", pattern, "approvals"]);
    checksExist(loading, asked, ["paths", pattern, "checks"], checks.known);
  }
  for (const [index, { unless }] of policy.freeze.entries())
    need(unless, ["freeze", index, "unless"]);
  for (const task of policy.tasks) role(task.by, ["tasks", task.name, "by"]);
  need(policy.override, ["override"]);
  need(policy.resume, ["resume"]);
  need(policy.unlock, ["unlock"]);
  need(policy.playbook, ["playbook"]);
  for (const [name, { driver, input }] of checks.checks) {
    if (driver !== "confirm") continue;
    const by = input["by"];
    if (typeof by !== "string") continue;
    need({ [by]: Number(input["count"]) }, ["checks", name, "by"]);
  }
}

function tierNames(loading: Loading, policy: Sections, tiers: readonly string[]): void {
  const known = (name: string | null, path: SourcePath): void => {
    if (name !== null && !tiers.includes(name)) unknown(loading, "tier", name, tiers, path);
  };
  if (tiers.length > 0) known(policy.defaultTier, ["defaultTier"]);
  for (const { pattern, tier } of policy.paths) known(tier, ["paths", pattern, "tier"]);
  for (const [index, freeze] of policy.freeze.entries())
    for (const [at, tier] of freeze.tiers.entries()) known(tier, ["freeze", index, "tiers", at]);
}

/** A key that is none lets nobody sign, and one of two people would let one of them count as both. */
function checkKeys(loading: Loading, { people }: Sections): void {
  const owners = new Map<string, string>();
  for (const [name, { keys }] of Object.entries(people)) {
    for (const [index, key] of keys.entries()) {
      const list = ["people", name, "key", index];
      const path = isListed(loading, name) ? list : list.slice(0, -1);
      if (parseSshKey(key) === null) {
        const message = `this is no public SSH key: ${withoutComment(key).slice(0, 40)}…`;
        const fix = "copy the whole line that `canary key` prints, or that of a .pub file";
        loading.report(path, { code: "wrong-value", message, fix });
      }
      const owner = owners.get(withoutComment(key));
      if (owner !== undefined && owner !== name) {
        const message = `this is the key of ${owner}, too: one person would count as two`;
        loading.report(path, {
          code: "duplicate",
          message,
          fix: "give everybody a key of their own",
        });
      }
      owners.set(withoutComment(key), name);
    }
  }
}

function isListed({ source }: Loading, name: string): boolean {
  const { root } = source;
  const people = isMap(root) ? root["people"] : undefined;
  const person = isMap(people) ? people[name] : undefined;
  return isMap(person) && Array.isArray(person["key"]);
}

/** What more people have to say than there are can never be said. */
function checkQuorum(
  loading: Loading,
  { people }: Sections,
  quorum: Quorum,
  path: SourcePath,
): void {
  const roles = [...new Set(Object.values(people).flatMap((person) => person.roles))];
  for (const [role, count] of Object.entries(quorum)) {
    if (!roles.includes(role)) {
      unknown(loading, "role", role, roles, path);
      continue;
    }
    const able = Object.values(people).filter(
      (person) => person.roles.includes(role) && person.keys.length > 0,
    ).length;
    if (able >= count) continue;
    const message = `${count} of ${role} are asked for, and ${able} people with this role have a key`;
    const fix = "give more people the role, or a key: `canary key` prints one's own";
    loading.report(path, { code: "wrong-value", message, fix });
  }
}

function checksExist(
  loading: Loading,
  names: readonly string[],
  path: SourcePath,
  known: readonly string[],
): void {
  for (const [index, name] of names.entries())
    if (!known.includes(name)) unknown(loading, "check", name, known, [...path, index]);
}

function unknown(
  loading: Loading,
  what: string,
  name: string,
  known: readonly string[],
  path: SourcePath,
): void {
  const message = `the policy has no ${what} ${name}`;
  const fix = unknownName(name, known) ?? `define it first`;
  loading.report(path, { code: what === "check" ? "unknown-check" : "wrong-value", message, fix });
}

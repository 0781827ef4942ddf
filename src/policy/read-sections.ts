import type { Person, Quorum, Task } from "../core/governance.ts";
import type { Json } from "../core/units.ts";
import { decodeMap, expectMap } from "../plan/decode/decode-map.ts";
import type { JsonMap } from "../plan/decode/is-map.ts";
import type { SourcePath } from "../plan/diagnostic.ts";
import type { Loading } from "../plan/loading.ts";
import {
  allowShape,
  pathShape,
  personShape,
  policySections,
  policyShape,
  taskShape,
  tierShape,
} from "./policy-shape.ts";
import type { PathRule, Policy, Tier } from "./policy.ts";
import { readFreezes } from "./read-freezes.ts";

/** All of a policy but its checks. */
export type Sections = Omit<Policy, "file" | "checks">;

const DAY = 86_400_000;
const APPROVALS_HOLD = 7 * DAY;

/** Reads the sections of a policy; null where the document is no map. What is wrong is reported and left out. */
export function readSections(loading: Loading, root: Json): Sections | null {
  const map = expectMap(loading, root, []);
  if (map === null) return null;
  const own = decodeMap(loading, policyShape, map, [], Object.keys(policySections));
  const people = each(loading, map, "people", (value, path) => readPerson(loading, value, path));
  const tiers = each(loading, map, "tiers", (value, path) => readTier(loading, value, path));
  const paths = each(loading, map, "paths", (value, path) => readPath(loading, value, path));
  const tasks = each(loading, map, "tasks", (value, path) => readTask(loading, value, path));
  if (tiers.length === 0)
    loading.report(map["tiers"] === undefined ? [] : ["tiers"], {
      code: "missing-key",
      message: "the policy has no tiers",
      fix: "write at least one: tiers: { normal: { approvals: { steward: 1 } } }",
      atKey: true,
    });
  const everyRole = [...new Set(people.flatMap(([, { roles }]) => roles))];
  const allow = decodeMap(loading, allowShape, map["allow"], ["allow"]);
  return {
    people: Object.fromEntries(people),
    stop: own.stop ?? everyRole,
    tiers: tiers.map(([name, tier]) => ({ name, ...tier })),
    defaultTier: own.defaultTier ?? tiers.at(-1)?.[0] ?? "",
    paths: paths.map(([pattern, rule]) => ({ pattern, ...rule })),
    changedSince: own.changedSince ?? null,
    freeze: readFreezes(loading, map["freeze"]),
    allow: {
      contexts: allow.contexts ?? null,
      hosts: allow.hosts ?? null,
      binaries: allow.binaries ?? null,
    },
    override: own.override ?? null,
    resume: own.resume ?? null,
    unlock: own.unlock ?? null,
    playbook: own.playbook ?? null,
    tasks: tasks.map(([name, task]) => ({ name, ...task })),
    approvalsHold: own.approvalsHold ?? APPROVALS_HOLD,
  };
}

/** Reads every value of a section that is a map by name. */
function each<T>(
  loading: Loading,
  root: JsonMap,
  section: string,
  read: (value: Json, path: SourcePath) => T,
): readonly (readonly [string, T])[] {
  const map = expectMap(loading, root[section], [section]) ?? {};
  return Object.entries(map).map(([name, value]) => [name, read(value, [section, name])] as const);
}

function readPerson(loading: Loading, value: Json, path: SourcePath): Person {
  const { key, token, roles } = decodeMap(loading, personShape, value, path);
  const keys = key === undefined ? [] : typeof key === "string" ? [key] : key;
  return { keys: keys.map((each) => each.trim()), token: token ?? null, roles: roles ?? [] };
}

function readTier(loading: Loading, value: Json, path: SourcePath): Omit<Tier, "name"> {
  const tier = decodeMap(loading, tierShape, value, path);
  return {
    checks: tier.checks ?? [],
    approvals: quorumOf(tier.approvals),
    soak: tier.soak ?? 0,
    monitor: tier.monitor ?? 0,
    firstShare: tier.firstShare ?? null,
    stages: tier.stages ?? 1,
    notice: tier.notice ?? 0,
  };
}

function readPath(loading: Loading, value: Json, path: SourcePath): Omit<PathRule, "pattern"> {
  const { tier, checks, approvals } = decodeMap(loading, pathShape, value, path);
  return { tier: tier ?? null, checks: checks ?? [], approvals: quorumOf(approvals) };
}

function readTask(loading: Loading, value: Json, path: SourcePath): Omit<Task, "name"> {
  const { task, by, within } = decodeMap(loading, taskShape, value, path);
  return { text: task ?? "", by: by ?? null, within: within ?? DAY };
}

function quorumOf(given: Quorum | undefined): Quorum {
  return given ?? {};
}

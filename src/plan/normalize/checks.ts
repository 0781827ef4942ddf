import type { Check } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import { expectMap } from "../decode/decode-map.ts";
import type { Loading } from "../loading.ts";
import { isIn } from "../params/is-in.ts";
import { checkName } from "./check-name.ts";
import { checkKinds, normalizeCheck } from "./check.ts";
import type { Names } from "./names.ts";

export interface Checks {
  readonly checks: Map<string, Check>;
  readonly names: Map<string, { readonly driver: string }>;
  readonly off: ReadonlySet<string>;
}

/** The library of checks. Those whose `if` leaves them out are remembered, so that references to them can be told. */
export function normalizeChecks(
  loading: Loading,
  section: Json | undefined,
  connections: Names["connections"],
): Checks {
  const checks = new Map<string, Check>();
  const names = new Map<string, { readonly driver: string }>();
  const off = new Set<string>();
  for (const [name, given] of Object.entries(expectMap(loading, section, ["checks"]) ?? {})) {
    const path = ["checks", name];
    checkName(loading, name, path);
    loading.sourceOf.set(`check:${name}`, path);
    const map = expectMap(loading, given, path);
    const check =
      map === null ? null : normalizeCheck(loading, { name, map, path }, { connections });
    const kind = checkKinds(loading.catalog).find(
      (each) => map !== null && Object.hasOwn(map, each),
    );
    names.set(name, { driver: check?.driver ?? kind ?? "" });
    if (map !== null && !isIn(loading, map, path)) off.add(name);
    else if (check !== null) checks.set(name, check);
  }
  return { checks, names, off };
}

import type { Check, Rollback, Verify } from "../../core/plan.ts";
import type { Json, Millis } from "../../core/units.ts";
import { decodeMap, expectMap, reportUnknownKey } from "../decode/decode-map.ts";
import type { Loading } from "../loading.ts";
import { isIn } from "../params/is-in.ts";
import {
  gradualShape,
  rollbackSections,
  verifyLists,
  verifyShape,
} from "../schema/rollback-shape.ts";
import { normalizeActions } from "./actions.ts";
import { checkList } from "./check-list.ts";
import { normalizeGates } from "./gates.ts";
import type { Names } from "./names.ts";
import { scaleInterval } from "./scale-interval.ts";

const WITHIN = 600_000;

/** How a rollback ends: extra actions, steps down, verification. */
export function normalizeRollback(
  loading: Loading,
  section: Json | undefined,
  interval: Millis,
  names: Names,
  library: Map<string, Check>,
): Rollback {
  const path = ["rollback"];
  loading.sourceOf.set("rollback", path);
  const map = expectMap(loading, section, path) ?? {};
  const known = Object.keys(rollbackSections);
  for (const key of Object.keys(map).filter((key) => !known.includes(key)))
    reportUnknownKey(loading, [...path, key], known);
  const list = { list: map["actions"], path: [...path, "actions"], owner: "rollback" };
  return {
    actions: normalizeActions(loading, list, names, null),
    gradual: gradualOf(loading, map["gradual"]),
    verify: verifyOf(loading, map["verify"], { interval, names, library }),
  };
}

function gradualOf(loading: Loading, given: Json | undefined): Rollback["gradual"] {
  if (given === undefined) return null;
  const path = ["rollback", "gradual"];
  const map = expectMap(loading, given, path);
  if (map === null || !isIn(loading, map, path)) return null;
  const { shares, every } = decodeMap(loading, gradualShape, map, path, ["if"]);
  if (shares === undefined || every === undefined) return null;
  return { shares, every: every * loading.timeScale };
}

interface Around {
  readonly interval: Millis;
  readonly names: Names;
  readonly library: Map<string, Check>;
}

function verifyOf(
  loading: Loading,
  given: Json | undefined,
  { interval, names, library }: Around,
): Verify {
  const path = ["rollback", "verify"];
  loading.sourceOf.set("verify", path);
  const map = expectMap(loading, given, path) ?? {};
  const known = Object.keys(verifyLists);
  const { wait = 0, within = WITHIN, ...rest } = decodeMap(loading, verifyShape, map, path, known);
  const checks = { list: map["checks"], path: [...path, "checks"], prefix: "verify" };
  const gates = [{ list: map["gates"], path: [...path, "gates"] }];
  return {
    wait: wait * loading.timeScale,
    within: within * loading.timeScale,
    interval:
      rest.interval === undefined ? interval : scaleInterval(rest.interval, loading.timeScale),
    checks: checkList(loading, checks, names, library),
    gates: normalizeGates(loading, gates, { name: "verify", previous: null, library }, names),
  };
}

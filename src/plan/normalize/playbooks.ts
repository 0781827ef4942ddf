import type { Playbook } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import { decodeMap, expectMap } from "../decode/decode-map.ts";
import type { JsonMap } from "../decode/is-map.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import type { ParamValue } from "../params/param-value.ts";
import { readParams } from "../params/read-params.ts";
import { substitute, type Lookup } from "../params/substitute.ts";
import { playbookSections, playbookShape } from "../schema/playbook-shape.ts";
import { normalizeActions } from "./actions.ts";
import { checkName } from "./check-name.ts";
import { normalizeDiagnosis } from "./evidence.ts";
import type { Names } from "./names.ts";

/** What playbooks are read with. */
export interface PlaybookContext {
  /** The one that is run now, and what `--set` gave for its own parameters; null where none is. */
  readonly asked: {
    readonly name: string;
    readonly set: Readonly<Record<string, string>>;
  } | null;
  /** What placeholders stand for that are not parameters of a playbook. */
  readonly lookup: Lookup;
}

/** The playbooks of a plan. Their own parameters stay references, but for the one that is run now. */
export function normalizePlaybooks(
  loading: Loading,
  section: Json | undefined,
  names: Names,
  { asked, lookup }: PlaybookContext,
): Readonly<Record<string, Playbook>> {
  const map = expectMap(loading, section, ["playbooks"]) ?? {};
  const playbooks = Object.entries(map).map(([name, given]): readonly [string, Playbook] => {
    const path = ["playbooks", name];
    checkName(loading, name, path);
    loading.sourceOf.set(`playbook:${name}`, path);
    const set = asked?.name === name ? asked.set : null;
    return [name, playbook(loading, { name, given, path, set, lookup }, names)];
  });
  return Object.fromEntries(playbooks);
}

interface Given {
  readonly name: string;
  readonly given: Json;
  readonly path: SourcePath;
  readonly set: Readonly<Record<string, string>> | null;
  readonly lookup: Lookup;
}

function playbook(
  loading: Loading,
  { name, given, path, set, lookup }: Given,
  names: Names,
): Playbook {
  const map = expectMap(loading, given, path) ?? {};
  const own = ownParams(loading, map["params"], [...path, "params"], set);
  const inside = { ...loading, params: new Map([...loading.params, ...own]) };
  const filled = fill(inside, map, path, (placeholder) =>
    placeholder.kind === "params" ? inside.params.get(placeholder.name) : lookup(placeholder),
  );
  const known = Object.keys(playbookSections);
  const { causes, recover } = decodeMap(inside, playbookShape, filled, path, known);
  const actions = {
    list: filled["actions"],
    path: [...path, "actions"],
    owner: `playbook/${name}`,
  };
  const diagnosis = { list: filled["diagnose"], path: [...path, "diagnose"] };
  if (Object.keys(map).every((key) => key === "params")) {
    const message = "this playbook helps nobody: it is empty";
    const fix = "add `diagnose`, `causes`, `recover` or `actions`";
    loading.report(path, { code: "missing-key", message, fix, atKey: true });
  }
  return {
    name,
    diagnose: normalizeDiagnosis(inside, diagnosis, `playbook/${name}`, names),
    causes: causes ?? [],
    recover: recover ?? [],
    actions: normalizeActions(inside, actions, names, null),
    asks: [...own.keys()],
  };
}

/** Its own parameters: resolved where it is run now, else references to themselves. */
function ownParams(
  loading: Loading,
  section: Json | undefined,
  path: SourcePath,
  set: Given["set"],
): ReadonlyMap<string, ParamValue> {
  // Without examples nothing could be checked; what they are is of no use here.
  const values = readParams(
    loading,
    section,
    { set: set ?? {}, useExamples: set === null, lenient: set === null },
    path,
  );
  for (const name of values.keys()) {
    if (!loading.params.has(name)) continue;
    const message = `${name} is a parameter of the plan already`;
    const problem = { code: "duplicate", message, fix: "give it another name" } as const;
    loading.report([...path, name], { ...problem, atKey: true });
  }
  if (set !== null) return values;
  return new Map([...values.keys()].map((name) => [name, `\${params.${name}}`]));
}

/** The texts of a playbook with its parameters filled in; the parameters themselves stay as they are. */
function fill(loading: Loading, map: JsonMap, path: SourcePath, lookup: Lookup): JsonMap {
  const { params: _params, ...rest } = map;
  const filled = substitute(loading, rest, lookup, path) as JsonMap;
  return { ...filled, ...(map["params"] === undefined ? {} : { params: map["params"] }) };
}

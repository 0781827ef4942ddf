import type { Condition } from "../../core/condition.ts";
import type { Check, Stage } from "../../core/plan.ts";
import type { Json, Millis, Percent } from "../../core/units.ts";
import { decodeMap, expectMap, type Decoded } from "../decode/decode-map.ts";
import type { JsonMap } from "../decode/is-map.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { everyStageLists, everyStageShape, stageLists, stageShape } from "../schema/stage-shape.ts";
import { normalizeActions, trafficActions } from "./actions.ts";
import { checkList } from "./check-list.ts";
import { normalizeEvidence } from "./evidence.ts";
import { normalizeGates } from "./gates.ts";
import { listItems, type Item } from "./list-items.ts";
import type { Names } from "./names.ts";
import { scaleInterval } from "./scale-interval.ts";

/** They stand for other parts of a plan in the ids of actions and gates. */
const RESERVED: ReadonlySet<string> = new Set(["during", "finish", "rollback", "verify"]);

/** Without a soak a stage passes at its first green look; it may wait this long for one. */
const WITHIN_WITHOUT_SOAK = 300_000;

interface Sections {
  readonly stages: Json | undefined;
  readonly everyStage: Json | undefined;
  readonly traffic: readonly Item[];
  readonly interval: Millis;
}

interface Every {
  readonly map: JsonMap;
  readonly values: Decoded<typeof everyStageShape>;
}

/** The stages of a plan with `everyStage` merged into them: its scalars are defaults, its lists are added to. */
export function normalizeStages(
  loading: Loading,
  sections: Sections,
  names: Names,
  library: Map<string, Check>,
): readonly Stage[] {
  const every = everyStage(loading, sections.everyStage);
  const items = listItems(loading, sections.stages, ["stages"]);
  if (items.length === 0 && !loading.isBroken(["stages"])) {
    const fix = "add `stages:` with at least one stage";
    loading.report(["stages"], { code: "missing-key", message: "there is no stage", fix });
  }
  const stages: Stage[] = [];
  let share: Percent | null = sections.traffic.length > 0 ? 0 : null;
  const previous: Condition[] = [];
  for (const item of items) {
    const map = expectMap(loading, item.value, item.path);
    if (map === null) continue;
    const known = ["if", ...Object.keys(stageLists)];
    const values = decodeMap(loading, stageShape, map, item.path, known);
    const name = nameOf(loading, values.name, item.path, stages);
    loading.sourceOf.set(`stage:${name}`, item.path);
    share = shareOf(loading, values.traffic, item.path, { share, traffic: sections.traffic });
    const moved = values.traffic === undefined ? null : share;
    const stage = { name, map, path: item.path, values, share, moved, number: stages.length + 1 };
    const built = build(loading, stage, { every, previous, sections, library }, names);
    previous.push(...built.gates.map(({ condition }) => condition));
    stages.push(built);
  }
  return stages;
}

function everyStage(loading: Loading, section: Json | undefined): Every {
  const path = ["everyStage"];
  const map = expectMap(loading, section, path) ?? {};
  const known = Object.keys(everyStageLists);
  return { map, values: decodeMap(loading, everyStageShape, map, path, known) };
}

interface Given {
  readonly name: string;
  readonly number: number;
  readonly map: JsonMap;
  readonly path: SourcePath;
  readonly values: Decoded<typeof stageShape>;
  readonly share: Percent | null;
  /** The share that this stage shifts to; null where it leaves the share as it is. */
  readonly moved: Percent | null;
}

interface Around {
  readonly every: Every;
  readonly previous: readonly Condition[];
  readonly sections: Sections;
  readonly library: Map<string, Check>;
}

function build(loading: Loading, given: Given, around: Around, names: Names): Stage {
  const { name, map, path, moved } = given;
  const { every, previous, sections, library } = around;
  const lists = (key: keyof typeof everyStageLists) => [
    { list: every.map[key], path: ["everyStage", key] },
    { list: map[key], path: [...path, key] },
  ];
  const list = { list: map["actions"], path: [...path, "actions"], owner: name };
  const changes = normalizeActions(loading, list, names, null);
  const shift = { owner: name, from: changes.length + 1, share: moved ?? 0 };
  const traffic = moved === null ? [] : trafficActions(loading, sections.traffic, shift, names);
  const checks = lists("checks").flatMap((each) =>
    checkList(loading, { ...each, prefix: `${name}-check` }, names, library),
  );
  return {
    name,
    folder: `${String(given.number).padStart(2, "0")}-${name}`,
    share: given.share,
    actions: [...changes, ...traffic],
    checks: [...new Set(checks)],
    ...times(loading, { ...every.values, ...given.values }, sections.interval),
    gates: normalizeGates(loading, lists("gates"), { name, previous, library }, names),
    evidence: normalizeEvidence(loading, lists("evidence"), name, names),
  };
}

function times(
  { timeScale }: Loading,
  values: Decoded<typeof everyStageShape>,
  interval: Millis,
): Pick<Stage, "soak" | "within" | "interval" | "tolerate" | "onRunnerLost"> {
  const soak = values.soak ?? 0;
  const within = values.within ?? (soak === 0 ? WITHIN_WITHOUT_SOAK : 2 * soak);
  return {
    soak: soak * timeScale,
    within: within * timeScale,
    interval: values.interval === undefined ? interval : scaleInterval(values.interval, timeScale),
    tolerate: (values.tolerate ?? 0) * timeScale,
    ...(values.onRunnerLost === undefined ? {} : { onRunnerLost: values.onRunnerLost }),
  };
}

function nameOf(
  loading: Loading,
  given: string | undefined,
  path: SourcePath,
  before: readonly Stage[],
): string {
  const name = given ?? `stage-${before.length + 1}`;
  if (RESERVED.has(name)) {
    const message = `a stage cannot be called ${name}, which is a part of every plan`;
    const fix = "choose another name";
    loading.report([...path, "name"], { code: "bad-name", message, fix });
  }
  if (before.some((stage) => stage.name.toLowerCase() === name.toLowerCase())) {
    const message = `there are two stages called ${name}`;
    loading.report([...path, "name"], { code: "duplicate", message, fix: "rename one of them" });
  }
  return name;
}

function shareOf(
  loading: Loading,
  given: Percent | undefined,
  path: SourcePath,
  before: { readonly share: Percent | null; readonly traffic: readonly Item[] },
): Percent | null {
  if (given === undefined) return before.share;
  if (before.traffic.length === 0 && !loading.isBroken(["traffic"])) {
    const message = "nothing shifts the traffic of this stage";
    const fix = "add `traffic:` to the plan, with what sets the share, or remove it here";
    loading.report([...path, "traffic"], { code: "no-traffic", message, fix, atKey: true });
  }
  return given;
}

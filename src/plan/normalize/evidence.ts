import type { Evidence } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import { decodeMap, expectMap, reportUnknownKey, type Decoded } from "../decode/decode-map.ts";
import type { JsonMap } from "../decode/is-map.ts";
import { laterKeys } from "../decode/later-keys.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { evidenceShape } from "../schema/evidence-shape.ts";
import { diagnosisShape } from "../schema/playbook-shape.ts";
import { driverInput } from "./driver-input.ts";
import { listItems, type Item } from "./list-items.ts";
import { MEASURED, measuredEvidence } from "./measured-evidence.ts";
import type { Names } from "./names.ts";
import { pickConnection } from "./pick-connection.ts";
import { subjectOf } from "./subject-of.ts";

const TIMEOUT = 30_000;
const COMMON: ReadonlySet<string> = new Set(["if", ...Object.keys(evidenceShape)]);

type Measured = (typeof MEASURED)[number];
type Kind = Evidence["driver"];
type Shape = typeof evidenceShape | typeof diagnosisShape;

interface EvidenceList {
  readonly list: Json | undefined;
  readonly path: SourcePath;
}

/** The evidence of a stage, from several lists. */
export function normalizeEvidence(
  loading: Loading,
  lists: readonly EvidenceList[],
  owner: string,
  names: Names,
): readonly Evidence[] {
  const evidence: Evidence[] = [];
  for (const { list, path } of lists) {
    for (const item of listItems(loading, list, path)) {
      const taken = normalize(loading, item, `${owner}/${evidence.length + 1}`, names);
      if (taken !== null) evidence.push(taken);
    }
  }
  return evidence;
}

/** What a playbook asks to see how things stand: taken once, when it is run. */
export function normalizeDiagnosis(
  loading: Loading,
  { list, path }: EvidenceList,
  owner: string,
  names: Names,
): readonly Evidence[] {
  return listItems(loading, list, path).flatMap(
    (item, index) => normalize(loading, item, `${owner}/${index + 1}`, names, diagnosisShape) ?? [],
  );
}

function normalize(
  loading: Loading,
  { value, path }: Item,
  prefix: string,
  names: Names,
  shape: Shape = evidenceShape,
): Evidence | null {
  const map = expectMap(loading, value, path);
  const kind = map === null ? null : kindOf(loading, map, path);
  if (map === null || kind === null) return null;
  if (shape === diagnosisShape && kind === "table") {
    const message = "a diagnosis is made once, and a table grows row by row";
    const fix = "name each metric: - metric: p95";
    loading.report([...path, kind], { code: "wrong-type", message, fix, atKey: true });
    return null;
  }
  // A shape that has fewer keys decodes to the same type: what it does not have is absent.
  const own: Decoded<typeof evidenceShape> = decodeMap(loading, shape, map, path, "any");
  const common = ["if", ...Object.keys(shape)];
  const id = `${prefix}-${kind}`;
  loading.sourceOf.set(`evidence:${id}`, path);
  const taken = isMeasured(kind)
    ? measured(loading, { kind, map, path, common }, names)
    : driven(loading, { kind, map, path, common }, names);
  if (taken === null) return null;
  return {
    id,
    driver: kind as Kind,
    ...taken,
    as: own.as ?? `${id.replaceAll("/", "_")}.txt`,
    every: own.every === undefined ? null : own.every * loading.timeScale,
    required: own.required ?? false,
    timeout: own.timeout ?? TIMEOUT,
  };
}

function kindOf(loading: Loading, map: JsonMap, path: SourcePath): string | null {
  const kinds = [...loading.catalog.evidence.keys(), ...MEASURED];
  const [kind, second] = kinds.filter((each) => Object.hasOwn(map, each));
  if (kind !== undefined && second !== undefined) {
    const message = `an evidence item is either ${kind} or ${second}`;
    const fix = "make two items of it";
    loading.report([...path, second], { code: "two-kinds", message, fix, atKey: true });
  }
  if (kind !== undefined) return kind;
  const strange = Object.keys(map).filter((key) => !COMMON.has(key));
  const slip = strange.find((key) => Object.hasOwn(laterKeys, key)) ?? strange[0];
  if (slip !== undefined) reportUnknownKey(loading, [...path, slip], kinds);
  else {
    const fix = `write one of ${kinds.join(", ")}`;
    loading.report(path, { code: "missing-key", message: "nothing is taken here", fix });
  }
  return null;
}

function isMeasured(kind: string): kind is Measured {
  return MEASURED.some((each) => each === kind);
}

interface Kinded {
  readonly map: JsonMap;
  readonly path: SourcePath;
  /** Keys that stand beside those of the kind. */
  readonly common: readonly string[];
}

type Taken = Pick<Evidence, "connection" | "input">;

function measured(
  loading: Loading,
  { kind, map, path, common }: Kinded & { readonly kind: Measured },
  names: Names,
): Taken | null {
  const known = [...common, kind];
  for (const key of Object.keys(map).filter((key) => !known.includes(key)))
    reportUnknownKey(loading, [...path, key], known);
  return measuredEvidence(loading, kind, map[kind], path, names);
}

function driven(
  loading: Loading,
  { kind, map, path, common: beside }: Kinded & { readonly kind: string },
  names: Names,
): Taken | null {
  const driver = loading.catalog.evidence.get(kind);
  if (driver === undefined) return null;
  const common = [...beside, ...MEASURED];
  const input = driverInput(loading, { schema: driver.input, value: map, path, common });
  const types = (input === null ? undefined : driver.needs?.(input)) ?? driver.connections;
  const connection = pickConnection(loading, names, {
    ...subjectOf(map, kind, types),
    types,
    path,
  });
  return input === null ? null : { connection, input };
}

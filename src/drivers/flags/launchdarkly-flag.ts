import type { Json } from "../../core/units.ts";

/** What is served to those whom no target and no rule has served before: one variation, or a split. */
export type LdFallthrough =
  | { readonly kind: "variation"; readonly variation: number }
  | {
      readonly kind: "rollout";
      /** Weights in thousandths of a percent, by index of variation, in their order. */
      readonly weights: readonly (readonly [number, number])[];
      readonly contextKind: string;
      readonly bucketBy: string | null;
      /** Whether an experiment or a release of LaunchDarkly's own runs it. */
      readonly owned: boolean;
    };

/** A flag in one environment, as far as it matters here. */
export interface LdFlag {
  readonly archived: boolean;
  readonly variations: readonly {
    readonly id: string;
    readonly name: string;
    readonly value: Json;
  }[];
  readonly tags: readonly string[];
  readonly on: boolean;
  readonly version: number;
  /** Null where switching off leaves it to the code's default. */
  readonly offVariation: number | null;
  readonly fallthrough: LdFallthrough;
  /** The variations that targets and rules before the fallthrough can serve, one entry for each of them. */
  readonly before: readonly (readonly number[])[];
}

/** The flag that the service answered, in one of its environments; null when it is none. */
export function toLdFlag(json: Json, environment: string): LdFlag | null {
  const env = at(at(json, "environments"), environment);
  const variations = listAt(json, "variations").map((each) => ({
    id: textAt(each, "_id"),
    name: textAt(each, "name"),
    value: at(each, "value") ?? null,
  }));
  const on = at(env, "on");
  const version = at(env, "version");
  const off = at(env, "offVariation") ?? null;
  const fallthrough = toFallthrough(at(env, "fallthrough"));
  if (
    variations.length === 0 ||
    variations.some(({ id }) => id === "") ||
    typeof on !== "boolean" ||
    typeof version !== "number" ||
    (off !== null && typeof off !== "number") ||
    fallthrough === null
  )
    return null;
  return {
    archived: at(json, "archived") === true,
    variations,
    tags: listAt(json, "tags").filter((tag) => typeof tag === "string"),
    on,
    version,
    offVariation: off,
    fallthrough,
    before: [
      ...[...listAt(env, "targets"), ...listAt(env, "contextTargets")]
        .filter((target) => listAt(target, "values").length > 0)
        .map(servedBy),
      ...listAt(env, "rules").map(servedBy),
    ],
  };
}

function toFallthrough(json: Json | undefined): LdFallthrough | null {
  const variation = at(json, "variation");
  if (typeof variation === "number") return { kind: "variation", variation };
  const rollout = at(json, "rollout");
  const weights = weightsOf(rollout);
  if (weights.length === 0) return null;
  const kind = textAt(rollout, "contextKind");
  const by = textAt(rollout, "bucketBy");
  const owned =
    textAt(rollout, "kind") === "experiment" ||
    ["experimentAllocation", "seed"].some((key) => (at(rollout, key) ?? null) !== null);
  return {
    kind: "rollout",
    weights,
    contextKind: kind === "" ? "user" : kind,
    bucketBy: by === "" || by === "key" ? null : by,
    owned,
  };
}

function servedBy(rule: Json): readonly number[] {
  const variation = at(rule, "variation");
  if (typeof variation === "number") return [variation];
  return weightsOf(at(rule, "rollout"))
    .filter(([, weight]) => weight > 0)
    .map(([index]) => index);
}

function weightsOf(rollout: Json | undefined): readonly (readonly [number, number])[] {
  return listAt(rollout, "variations").flatMap((each) => {
    const [variation, weight] = [at(each, "variation"), at(each, "weight")];
    return typeof variation === "number" && typeof weight === "number"
      ? [[variation, weight] as const]
      : [];
  });
}

function at(json: Json | undefined, key: string): Json | undefined {
  return typeof json === "object" && json !== null && !Array.isArray(json)
    ? (json as { readonly [key: string]: Json })[key]
    : undefined;
}

function listAt(json: Json | undefined, key: string): readonly Json[] {
  const list = at(json, key);
  return Array.isArray(list) ? (list as readonly Json[]) : [];
}

function textAt(json: Json | undefined, key: string): string {
  const text = at(json, key);
  return typeof text === "string" ? text : "";
}

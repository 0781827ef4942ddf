import type { FieldValue } from "../../core/field.ts";
import type { Json, Percent } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";
import type { LdInstruction, LdRef } from "./launchdarkly-api.ts";
import type { LdFallthrough, LdFlag } from "./launchdarkly-flag.ts";
import { parseShareText, shareText } from "./share-text.ts";

/** All weights of a split together: a weight is in thousandths of a percent. */
const WHOLE = 100_000;

/**
 * What the field reads as: the share where the fallthrough is what that share is written as, else the fallthrough itself,
 * so that undoing to it is exact. Targets and rules before it that serve the variation stand in the value, so that
 * one that someone adds is a difference.
 */
export function valueOfLdFlag(flag: LdFlag, ref: LdRef): FieldValue {
  if (ref.part === "enabled") return { present: true, value: flag.on };
  const widening = Math.max(0, wideningOf(flag, ref.instead) - ref.beside);
  const share = shareOf(flag.fallthrough, ref);
  if (share !== null && widening === 0)
    return { present: true, value: shareText({ on: flag.on, share }) };
  const value = {
    on: flag.on,
    fallthrough: plainOf(flag.fallthrough),
    ...(widening === 0 ? {} : { before: widening }),
  };
  return { present: true, value };
}

export interface LdWish {
  readonly on: boolean;
  readonly fallthrough: LdFallthrough;
  /** Whether nobody gets the variation then. */
  readonly nobody: boolean;
}

/** What a value of the share's field stands for; null when it stands for nothing that can be written. */
export function wishOfValue(value: FieldValue, ref: LdRef): LdWish | null {
  const state = parseShareText(value);
  if (state !== null) {
    const nobody = !state.on || state.share === 0;
    return { on: state.on, fallthrough: fallthroughOf(state.share, ref), nobody };
  }
  if (!value.present || typeof value.value !== "object" || value.value === null) return null;
  const { on, fallthrough, before } = value.value as { readonly [key: string]: Json | undefined };
  const plain = fromPlain(fallthrough);
  if (typeof on !== "boolean" || plain === null || before !== undefined) return null;
  return { on, fallthrough: plain, nobody: !on };
}

/** The instructions that make the flag so: its share first and the switch last, or the switch first where it goes off. */
export function instructionsFor(wish: LdWish, ref: LdRef): readonly LdInstruction[] {
  const set = fallthroughInstruction(wish.fallthrough, ref);
  return wish.on ? [set, { kind: "turnFlagOn" }] : [{ kind: "turnFlagOff" }, set];
}

/** Between what a share is split, and what there is beside it. */
export type LdSplit = Pick<
  LdRef,
  "serve" | "instead" | "contextKind" | "bucketBy" | "variations" | "beside"
>;

/** What the share of this flag is split between; refused is everything that would serve more users than the share. */
export function ldSplitOf(
  flag: LdFlag,
  name: string,
  wanted: {
    readonly serve?: string | undefined;
    readonly instead?: string | undefined;
    readonly targeted?: true | undefined;
  },
): Answer<LdSplit> {
  const serve = variationOf(flag, wanted.serve, true);
  const instead = variationOf(flag, wanted.instead, false);
  const all = flag.variations.map((each) => nameOf(each)).join(", ");
  if (serve === null || instead === null)
    return failed(`flag ${name}: name \`serve\` and \`instead\`, of the variations ${all}`);
  if (serve === instead) return failed(`flag ${name}: \`serve\` and \`instead\` are the same`);
  if (flag.archived) return failed(`flag ${name} is archived: restore it first`);
  if (flag.offVariation !== instead) {
    const off = flag.variations[flag.offVariation ?? -1];
    const serves = off === undefined ? "whatever the code says" : nameOf(off);
    return failed(
      `flag ${name} serves ${serves} when it is switched off, so its kill would not be safe: set its off variation to ${nameOf(flag.variations[instead])}`,
    );
  }
  const widening = wideningOf(flag, instead);
  if (widening > 0 && wanted.targeted !== true)
    return failed(
      `flag ${name} has ${widening} ${widening === 1 ? "target or rule that serves" : "targets or rules that serve"} other variations than ${nameOf(flag.variations[instead])}, whatever the share: remove them, or add \`targeted: true\` if they are meant`,
    );
  const { fallthrough } = flag;
  if (fallthrough.kind === "rollout" && fallthrough.owned)
    return failed(
      `flag ${name} is run by an experiment or a release of LaunchDarkly: end it first`,
    );
  const rollout = fallthrough.kind === "rollout" ? fallthrough : null;
  return ok({
    serve,
    instead,
    contextKind: rollout?.contextKind ?? "user",
    bucketBy: rollout?.bucketBy ?? null,
    variations: flag.variations.map(({ id }) => id),
    beside: widening,
  });
}

/** Why switching this flag would serve something else than one thinks; null when it would not. */
export function ldSwitchProblem(
  flag: LdFlag,
  name: string,
  to: { readonly on: boolean; readonly everyone: boolean },
): string | null {
  if (flag.archived) return `flag ${name} is archived: restore it first`;
  if (!to.on) {
    if (flag.offVariation === null)
      return `flag ${name} has no off variation, so the code's default decides what is served: set one`;
    return flag.variations[flag.offVariation]?.value === true
      ? `flag ${name} serves true when it is switched off: set its off variation to false`
      : null;
  }
  const { fallthrough } = flag;
  const open =
    fallthrough.kind === "variation" &&
    fallthrough.variation !== flag.offVariation &&
    flag.variations[fallthrough.variation]?.value !== false;
  return open && !flag.on && !to.everyone
    ? `flag ${name} would serve ${nameOf(flag.variations[fallthrough.variation])} to everyone once it is on: add \`everyone: true\` if that is meant, or say \`share\``
    : null;
}

/** Nobody and everyone are one variation, as LaunchDarkly's own page writes them; all else is a split. */
function fallthroughOf(share: Percent, ref: LdRef): LdFallthrough {
  const weight = Math.round(share * (WHOLE / 100));
  if (weight === 0) return { kind: "variation", variation: ref.instead };
  if (weight === WHOLE) return { kind: "variation", variation: ref.serve };
  const { contextKind, bucketBy } = ref;
  const weights = [
    [ref.serve, weight],
    [ref.instead, WHOLE - weight],
  ] as const;
  return { kind: "rollout", weights, contextKind, bucketBy, owned: false };
}

function shareOf(fallthrough: LdFallthrough, ref: LdRef): Percent | null {
  if (fallthrough.kind === "variation") {
    if (fallthrough.variation === ref.instead) return 0;
    return fallthrough.variation === ref.serve ? 100 : null;
  }
  const { weights, contextKind, bucketBy, owned } = fallthrough;
  const by = new Map(weights);
  const weight = by.get(ref.serve) ?? 0;
  const plain =
    weights.length === 2 && by.get(ref.instead) === WHOLE - weight && weight > 0 && weight < WHOLE;
  const same = contextKind === ref.contextKind && bucketBy === ref.bucketBy && !owned;
  return plain && same ? weight / (WHOLE / 100) : null;
}

function fallthroughInstruction(fallthrough: LdFallthrough, ref: LdRef): LdInstruction {
  const kind = "updateFallthroughVariationOrRollout";
  const idOf = (index: number): string => ref.variations[index] ?? "";
  if (fallthrough.kind === "variation") return { kind, variationId: idOf(fallthrough.variation) };
  const { weights, contextKind, bucketBy } = fallthrough;
  return {
    kind,
    rolloutWeights: Object.fromEntries(weights.map(([index, weight]) => [idOf(index), weight])),
    rolloutContextKind: contextKind,
    ...(bucketBy === null ? {} : { rolloutBucketBy: bucketBy }),
  };
}

/** Targets and rules that can serve another variation than the one for everyone else. */
function wideningOf(flag: LdFlag, instead: number): number {
  return flag.before.filter((served) => served.some((index) => index !== instead)).length;
}

function variationOf(flag: LdFlag, wanted: string | undefined, value: boolean): number | null {
  const found = flag.variations.flatMap((each, index) => {
    const fits =
      wanted === undefined
        ? each.value === value
        : [each.id, each.name, textOf(each.value)].includes(wanted);
    return fits ? [index] : [];
  });
  return found.length === 1 ? (found[0] ?? null) : null;
}

function nameOf(variation: LdFlag["variations"][number] | undefined): string {
  if (variation === undefined) return "nothing";
  return variation.name === "" ? textOf(variation.value) : variation.name;
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function plainOf(fallthrough: LdFallthrough): Json {
  if (fallthrough.kind === "variation") return { variation: fallthrough.variation };
  const { weights, contextKind, bucketBy, owned } = fallthrough;
  return { weights, contextKind, bucketBy, ...(owned ? { owned } : {}) };
}

function fromPlain(json: Json | undefined): LdFallthrough | null {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return null;
  const plain = json as { readonly [key: string]: Json };
  const { variation, weights, contextKind, bucketBy, owned } = plain;
  if (typeof variation === "number") return { kind: "variation", variation };
  if (!Array.isArray(weights) || typeof contextKind !== "string" || owned !== undefined)
    return null;
  return {
    kind: "rollout",
    weights: weights as unknown as readonly (readonly [number, number])[],
    contextKind,
    bucketBy: typeof bucketBy === "string" ? bucketBy : null,
    owned: false,
  };
}

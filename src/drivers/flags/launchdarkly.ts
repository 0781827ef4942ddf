import { z } from "zod";

import type { Change, Field } from "../../core/field.ts";
import { failed, ok } from "../answer.ts";
import type { ActionDriver, Answer, DriverContext, Request } from "../driver.ts";
import {
  describeWish,
  flagProblem,
  flagShape,
  targetedShape,
  wishOf,
  type FlagWish,
} from "./flag-input.ts";
import { offOf } from "./flag-off.ts";
import { fetchLdFlag, ldPlace, type LdRef } from "./launchdarkly-api.ts";
import type { LdFlag } from "./launchdarkly-flag.ts";
import { launchdarklyRights } from "./launchdarkly-rights.ts";
import {
  instructionsFor,
  ldSplitOf,
  ldSwitchProblem,
  wishOfValue,
  type LdSplit,
} from "./launchdarkly-state.ts";
import { launchdarklyWayBack } from "./launchdarkly-way-back.ts";
import { shareText } from "./share-text.ts";

const launchdarklyInput = z
  .strictObject({
    ...flagShape,
    ...targetedShape,
    serve: z
      .string()
      .min(1)
      .optional()
      .describe("the variation that the share gets, by name or value; left out, true"),
    instead: z
      .string()
      .min(1)
      .optional()
      .describe("the variation that everyone else gets, by name or value; left out, false"),
    context: z
      .string()
      .min(1)
      .optional()
      .describe("the kind of context that is split, as `user`; left out, what the flag says"),
  })
  .superRefine((input, context) => {
    const message = flagProblem(input);
    if (message !== null) context.addIssue({ code: "custom", message });
  });

export type LaunchdarklyInput = z.infer<typeof launchdarklyInput>;

/**
 * Shifts users by the default rule of a flag, or switches a whole flag on or off. Share and switch go in one semantic
 * patch, which applies as a whole or not at all, and touches nothing else of the flag.
 * https://launchdarkly.com/docs/api/feature-flags/patch-feature-flag
 */
export const launchdarkly: ActionDriver<LaunchdarklyInput> = {
  kind: "launchdarkly",
  description: "sets the share of a flag in LaunchDarkly, or switches it on or off",
  connections: ["launchdarkly"],
  traffic: true,
  input: launchdarklyInput,
  refuses: {
    routes: {
      why: "rules of LaunchDarkly come before the share and belong to whoever owns them",
      fix: "make a rule for these users in LaunchDarkly and write `targeted: true`: it stays before the share",
    },
  },
  style: () => "fields",
  preview(request) {
    const { flag } = request.input;
    return [
      {
        does: `set flag ${flag} to ${describeWish(request)} in LaunchDarkly`,
        undo: `the state of flag ${flag} before: on or off, and what its default rule serves`,
      },
    ];
  },
  changes,
  permissions,
  off: offOf,
  ...launchdarklyWayBack,
};

interface Found {
  readonly change: Change;
  readonly ref: LdRef;
  readonly flag: LdFlag;
}

async function changes(
  request: Request<LaunchdarklyInput>,
  context: DriverContext,
): Promise<Answer<readonly Change[]>> {
  const found = await find(request, context);
  return found.kind === "ok" ? ok([found.value.change]) : found;
}

async function find(
  request: Request<LaunchdarklyInput>,
  context: DriverContext,
): Promise<Answer<Found>> {
  const wish = wishOf(request);
  if (wish.kind !== "ok") return wish;
  const { input, connectionName } = request;
  const place = ldPlace(context);
  if (place.kind !== "ok") return place;
  const { api, project, environment } = place.value;
  const where = { url: api.url, project, environment, flag: input.flag };
  const flag = await fetchLdFlag(where, context);
  if (flag.kind !== "ok") return flag;
  const wanted = wantedOf(input, wish.value, flag.value);
  if (wanted.kind !== "ok") return wanted;
  const { value, ...split } = wanted.value;
  const part = wish.value.kind === "share" ? "share" : "enabled";
  const ref = { ...where, part, ...split } as const;
  const change = { field: fieldOf(ref, connectionName), value: { present: true, value } } as const;
  return ok({ change, ref, flag: flag.value });
}

type Wanted = LdSplit & { readonly value: string | boolean };

function wantedOf(input: LaunchdarklyInput, wish: FlagWish, flag: LdFlag): Answer<Wanted> {
  const name = input.flag;
  if (wish.kind === "switch") {
    const problem = ldSwitchProblem(flag, name, wish);
    if (problem !== null) return failed(problem);
    const variations = flag.variations.map(({ id }) => id);
    const split = {
      serve: 0,
      instead: 0,
      contextKind: "user",
      bucketBy: null,
      variations,
      beside: 0,
    };
    return ok({ value: wish.on, ...split });
  }
  const { share } = wish;
  if (!Number.isInteger(Number((share * 1000).toFixed(6))))
    return failed(`${share} % has more than three decimals`);
  const split = ldSplitOf(flag, name, input);
  if (split.kind !== "ok") return split;
  const kind = input.context === undefined ? {} : { contextKind: input.context };
  return ok({ ...split.value, ...kind, value: shareText({ on: true, share }) });
}

async function permissions(
  request: Request<LaunchdarklyInput>,
  context: DriverContext,
): Promise<readonly string[]> {
  const found = await find(request, context);
  if (found.kind !== "ok") return [found.why];
  const { change, ref, flag } = found.value;
  const off = [{ kind: "turnFlagOff" }];
  const on = [{ kind: "turnFlagOn" }];
  const wish = ref.part === "share" ? wishOfValue(change.value, ref) : null;
  const tries = wish === null ? [off, on] : [instructionsFor(wish, ref), off];
  return await launchdarklyRights(ref, flag, tries, context);
}

function fieldOf(ref: LdRef, connection: string | null): Field {
  const target = `launchdarkly/${ref.url}/${ref.project}/${ref.environment}/${ref.flag}`;
  return {
    key: `${target}#${ref.part}`,
    target,
    driver: "launchdarkly",
    connection,
    ref,
    label: `flag ${ref.flag} in ${ref.environment}, ${ref.part === "share" ? "share" : "switch"}`,
  };
}

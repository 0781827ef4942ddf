import { z } from "zod";

import type { Percent } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { Answer, Request } from "../driver.ts";

/** The keys that every flag service's action has: which flag, and what becomes of it. */
export const flagShape = {
  flag: z
    .string()
    .min(1)
    .refine(
      (text) => !/\$\{(?:env|file):/.test(text),
      "env: and file: are for secrets: pass the flag's key as a parameter",
    )
    .describe("the flag's key"),
  share: z
    .string({ error: ({ input }) => `a share is written with %: "${String(input)}%"` })
    .refine(
      (text) => /^\d+(?:\.\d{1,4})?%$/.test(text) && Number.parseFloat(text) <= 100,
      "write a percentage from 0% to 100%, like 25%",
    )
    .optional()
    .describe("the share of users, like 25%; under `traffic` the stage says it"),
  enabled: z
    .boolean()
    .optional()
    .describe(
      "switches the whole flag on or off and leaves its rules as they are; false is its kill",
    ),
  everyone: z
    .literal(true)
    .optional()
    .describe("beside `enabled: true`: agrees that switching it on serves every user at once"),
};

/** The key of services that serve named users beside a share, by rules of their own. */
export const targetedShape = {
  targeted: z
    .literal(true)
    .optional()
    .describe(
      "agrees that rules for named users go on serving them, beside the share of all others",
    ),
};

const routeShare = z
  .string({ error: ({ input }) => `a share is written with %: "${String(input)}%"` })
  .refine(
    (text) => /^\d+(?:\.\d{1,3})?%$/.test(text) && Number.parseFloat(text) <= 100,
    "write a percentage from 0% to 100%, like 50%",
  );
const attributeText = z
  .string({ error: ({ input }) => `this must be text: write "${String(input)}" in quotes` })
  .min(1)
  .refine((text) => !/\$\{(?:env|file):/.test(text), "env: and file: are for secrets");

const route = z.strictObject({
  attribute: z
    .record(z.string().min(1), z.union([attributeText, z.array(attributeText).min(1)]))
    .refine((names) => Object.keys(names).length > 0, "name at least one")
    .describe("attributes of the evaluation context that must all have these values"),
  share: routeShare.describe("the share of these users while the rollout runs"),
});

export type RouteInput = z.infer<typeof route>;

/** The key of services whose flags tell users apart by rules that a driver can write whole. */
export const attributeRoutesShape = {
  routes: z
    .array(route)
    .min(1)
    .optional()
    .describe(
      "users with a share of their own, which is never below the stage's and gone with it; the first that matches wins",
    ),
};

/** The keys that name what a share is split between, where a flag has more than two variants. */
export const splitShape = {
  serve: z
    .string()
    .min(1)
    .optional()
    .describe("the variant that the share gets; left out, the one whose value is true"),
  instead: z
    .string()
    .min(1)
    .optional()
    .describe("the variant that everyone else gets; left out, the one whose value is false"),
};

export interface FlagTarget {
  readonly flag: string;
  readonly share?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly everyone?: true | undefined;
  readonly targeted?: true | undefined;
  readonly routes?: readonly RouteInput[] | undefined;
}

/** What the schema alone cannot say about these keys; null when nothing is wrong. */
export function flagProblem(input: FlagTarget): string | null {
  if (input.share !== undefined && input.enabled !== undefined)
    return "`share` switches the flag on with that share: leave out `enabled`, or say `enabled: false` alone";
  if (input.everyone === true && input.enabled !== true)
    return "`everyone` belongs to `enabled: true`";
  if (input.routes !== undefined && input.enabled !== undefined)
    return "`routes` belong to a share: `enabled` leaves the rules as they are";
  if (input.targeted === true && input.enabled !== undefined)
    return "`targeted` belongs to a share: `enabled` leaves the rules as they are";
  return null;
}

/** What an action wants of a flag. */
export type FlagWish =
  | { readonly kind: "share"; readonly share: Percent }
  | { readonly kind: "switch"; readonly on: boolean; readonly everyone: boolean };

/** The wish of a request: the share of its stage under `traffic`, else what its input says. */
export function wishOf({ input, share }: Request<FlagTarget>): Answer<FlagWish> {
  const { enabled, everyone } = input;
  if (share !== null) {
    if (enabled !== undefined || input.share !== undefined)
      return failed(
        `${input.flag}: under \`traffic\` the stage says the share: remove \`${enabled === undefined ? "share" : "enabled"}\``,
      );
    return ok({ kind: "share", share });
  }
  if (enabled !== undefined)
    return ok({ kind: "switch", on: enabled, everyone: everyone === true });
  if (input.share !== undefined)
    return ok({ kind: "share", share: Number.parseFloat(input.share) });
  return failed(`${input.flag}: put it under \`traffic\`, or say \`share\` or \`enabled\``);
}

/** The wish in words, for a preview. */
export function describeWish(request: Request<FlagTarget>): string {
  const wish = wishOf(request);
  if (wish.kind !== "ok") return "the share of the stage";
  if (wish.value.kind === "share") return `${wish.value.share} %`;
  return wish.value.on ? "on" : "off";
}

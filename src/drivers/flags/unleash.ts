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
import { shareText } from "./share-text.ts";
import { fetchWholeFlag, unleashPlace, type UnleashRef } from "./unleash-api.ts";
import { unleashRights } from "./unleash-rights.ts";
import { strategyForShare, switchOnProblem } from "./unleash-state.ts";
import { unleashWayBack } from "./unleash-way-back.ts";

const unleashInput = z
  .strictObject({ ...flagShape, ...targetedShape })
  .superRefine((input, context) => {
    const message = flagProblem(input);
    if (message !== null) context.addIssue({ code: "custom", message });
  });

export type UnleashInput = z.infer<typeof unleashInput>;

/**
 * Shifts users by the rollout of a flag's one flexibleRollout strategy, or switches a whole flag on or off. Only the
 * rollout is patched: constraints, segments, variants and stickiness stay as they are. A flag without a strategy in this
 * environment gets one before it is switched on, and loses it again when it is undone.
 * https://docs.getunleash.io/reference/api/unleash
 */
export const unleash: ActionDriver<UnleashInput> = {
  kind: "unleash",
  description: "sets the share of a flag in Unleash, or switches it on or off",
  connections: ["unleash"],
  traffic: true,
  input: unleashInput,
  refuses: {
    routes: {
      why: "strategies of Unleash are joined by OR, and a constraint for these users belongs to whoever owns them",
      fix: "make a strategy with the constraint in Unleash and write `targeted: true`: it stays beside the share",
    },
  },
  style: () => "fields",
  preview(request) {
    const { flag } = request.input;
    return [
      {
        does: `set flag ${flag} to ${describeWish(request)} in Unleash`,
        undo: `the state of flag ${flag} before: on or off, and its rollout`,
      },
    ];
  },
  changes,
  permissions,
  off: offOf,
  ...unleashWayBack,
};

interface Found {
  readonly changes: readonly Change[];
  readonly wish: FlagWish;
  /** Whether the flag has no strategy yet. */
  readonly makes: boolean;
}

async function changes(
  request: Request<UnleashInput>,
  context: DriverContext,
): Promise<Answer<readonly Change[]>> {
  const found = await find(request, context);
  return found.kind === "ok" ? ok(found.value.changes) : found;
}

async function find(
  request: Request<UnleashInput>,
  context: DriverContext,
): Promise<Answer<Found>> {
  const wish = wishOf(request);
  if (wish.kind !== "ok") return wish;
  const { input, connectionName } = request;
  const place = unleashPlace(context);
  if (place.kind !== "ok") return place;
  const { api, project, environment } = place.value;
  const ref = {
    url: api.url,
    project,
    environment,
    flag: input.flag,
    strategy: null,
    part: wish.value.kind === "share" ? "share" : "enabled",
    beside: 0,
  } as const;
  const live = await fetchWholeFlag(ref, context);
  if (live.kind !== "ok") return live;
  if (wish.value.kind === "switch") {
    const { on, everyone } = wish.value;
    // One that is on already is put in force by nobody: there is nothing to agree to.
    const problem = on && !live.value.enabled ? switchOnProblem(live.value, ref, everyone) : null;
    if (problem !== null) return failed(problem);
    const change = {
      field: fieldOf(ref, connectionName),
      value: { present: true, value: on },
    } as const;
    return ok({ changes: [change], wish: wish.value, makes: false });
  }
  const { share } = wish.value;
  if (!Number.isInteger(share))
    return failed(
      `${share} %: Unleash takes whole percents, and would keep "${share}" without a word`,
    );
  const strategy = strategyForShare(live.value, ref, input.targeted === true);
  if (strategy.kind !== "ok") return strategy;
  const enabled = live.value.strategies.filter(({ disabled }) => !disabled).length;
  const pinned = {
    ...ref,
    strategy: strategy.value?.id ?? null,
    beside: Math.max(0, enabled - 1),
  };
  const value = { present: true, value: shareText({ on: true, share }) } as const;
  const change = { field: fieldOf(pinned, connectionName), value };
  return ok({ changes: [change], wish: wish.value, makes: strategy.value === null });
}

async function permissions(
  request: Request<UnleashInput>,
  context: DriverContext,
): Promise<readonly string[]> {
  const found = await find(request, context);
  if (found.kind !== "ok") return [found.why];
  const { wish, makes } = found.value;
  return await unleashRights({ share: wish.kind === "share", makes }, context);
}

function fieldOf(ref: UnleashRef, connection: string | null): Field {
  const target = `unleash/${ref.url}/${ref.project}/${ref.environment}/${ref.flag}`;
  const what = ref.part === "share" ? "share" : "switch";
  return {
    key: `${target}#${ref.part}`,
    target,
    driver: "unleash",
    connection,
    ref,
    label: `flag ${ref.flag} in ${ref.environment}, ${what}`,
  };
}

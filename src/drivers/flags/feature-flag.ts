import { z } from "zod";

import { failed, ok } from "../answer.ts";
import type { ActionDriver, Answer, Request } from "../driver.ts";
import { at, isObject, nameOf, present, type KubeObject } from "../kubectl/kube-object.ts";
import { objectDriver, type Wanted } from "../kubectl/object-driver.ts";
import { namespaceInput, objectName } from "../kubectl/object-input.ts";
import {
  attributeRoutesShape,
  describeWish,
  flagProblem,
  flagShape,
  splitShape,
  wishOf,
  type FlagWish,
} from "./flag-input.ts";
import { offOf } from "./flag-off.ts";
import { servesEveryone, splitOf, targetingFor, type FlagdDefinition } from "./flagd-split.ts";

const featureFlagInput = z
  .strictObject({
    ...flagShape,
    ...splitShape,
    ...attributeRoutesShape,
    object: z.string().min(1).describe("the FeatureFlag that holds the flag"),
    namespace: namespaceInput,
  })
  .superRefine((input, context) => {
    const message = flagProblem(input);
    if (message !== null) context.addIssue({ code: "custom", message });
  });

export type FeatureFlagInput = z.infer<typeof featureFlagInput>;

/**
 * Shifts users by a flag in a FeatureFlag object of the OpenFeature operator, which flagd watches: its split between two
 * variants, or its state. Nothing else of the object is written.
 * https://openfeature.dev/docs/tutorials/ofo/
 */
export const featureFlag: ActionDriver<FeatureFlagInput> = {
  ...objectDriver<FeatureFlagInput>({
    kind: "feature-flag",
    description:
      "sets the share of a flag in a FeatureFlag object that flagd watches, or switches it",
    traffic: true,
    input: featureFlagInput,
    object: ({ object, namespace }) =>
      objectName(`featureflags.core.openfeature.dev/${object}`, namespace),
    preview: (request) => {
      const { object, flag } = request.input;
      const command = `kubectl patch featureflag ${object} --type=json: flag ${flag} =`;
      return [
        {
          does: `${command} ${describeWish(request)}`,
          undo: `${command} <its state and targeting before>`,
        },
      ];
    },
    wanted: wantedOf,
    // flagd watches the object and says nothing about that in it.
    settles: false,
  }),
  off: offOf,
};

function wantedOf(request: Request<FeatureFlagInput>, live: KubeObject): Answer<readonly Wanted[]> {
  const wish = wishOf(request);
  if (wish.kind !== "ok") return wish;
  const { flag } = request.input;
  const flags = at(live, "spec", "flagSpec", "flags");
  const definition = at(live, "spec", "flagSpec", "flags", flag);
  if (!isObject(definition)) {
    const there = isObject(flags) ? Object.keys(flags).join(", ") : "";
    return failed(`${nameOf(live)} has no flag ${flag}, but ${there === "" ? "none" : there}`);
  }
  const wanted = changesOf(request.input, wish.value, definition);
  return wanted.kind === "ok" ? wanted : failed(`${nameOf(live)}: ${wanted.why}`);
}

function changesOf(
  input: FeatureFlagInput,
  wish: FlagWish,
  definition: FlagdDefinition,
): Answer<readonly Wanted[]> {
  const { flag } = input;
  const path = ["spec", "flagSpec", "flags", flag];
  const isOn = definition["state"] === "ENABLED";
  const state = (on: boolean): Wanted => ({
    path: [...path, "state"],
    value: present(on ? "ENABLED" : "DISABLED"),
    label: `flag ${flag}, switch`,
  });
  if (wish.kind === "switch") {
    if (wish.on && !isOn && !wish.everyone && servesEveryone(definition))
      return failed(
        `flag ${flag} would serve everyone once it is enabled: add \`everyone: true\` if that is meant, or say \`share\``,
      );
    return ok([state(wish.on)]);
  }
  if (!Number.isInteger(Number((wish.share * 1000).toFixed(6))))
    return failed(`${wish.share} % has more than three decimals`);
  const split = splitOf(definition, flag, input);
  if (split.kind !== "ok") return split;
  const value = present(targetingFor(wish.share, split.value));
  const targeting = { path: [...path, "targeting"], value, label: `flag ${flag}, share` };
  // A switch that is on already is not written: it would read as a share that is live already.
  return ok(isOn ? [targeting] : [targeting, state(true)]);
}

import { hostname } from "node:os";

import { z } from "zod";

import type { Change } from "../../core/field.ts";
import { failed, ok } from "../answer.ts";
import type { ActionDriver, Answer, DriverContext, Request } from "../driver.ts";
import { editProblem, pinFile, readText } from "../edit-file.ts";
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
import { editFlagdText } from "./flagd-edit.ts";
import type { FlagdRef } from "./flagd-flag.ts";
import { servesEveryone, splitOf, type FlagdSplit } from "./flagd-split.ts";
import { findFlagdEntry, type FlagdEntry } from "./flagd-text.ts";
import { flagdWayBack } from "./flagd-way-back.ts";
import { shareText } from "./share-text.ts";

const flagdInput = z
  .strictObject({
    ...flagShape,
    file: z.string().min(1).describe("the flag file that flagd reads, on this machine"),
    ...splitShape,
    ...attributeRoutesShape,
  })
  .superRefine((input, context) => {
    const message = flagProblem(input);
    if (message !== null) context.addIssue({ code: "custom", message });
  });

export type FlagdInput = z.infer<typeof flagdInput>;

/**
 * Shifts users by a flag in the file that flagd reads: its split between two variants, or its state. The file is replaced
 * in one step, and everything else in it stays to the byte.
 * https://flagd.dev/reference/flag-definitions/
 */
export const flagd: ActionDriver<FlagdInput> = {
  kind: "flagd",
  description: "sets the share of a flag in a flag file of flagd, or switches it on or off",
  connections: [],
  traffic: true,
  input: flagdInput,
  style: () => "fields",
  preview(request) {
    const { flag, file } = request.input;
    return [
      {
        does: `set flag ${flag} in ${file} to ${describeWish(request)}`,
        undo: `the state and targeting of flag ${flag} before, to the byte`,
      },
    ];
  },
  changes,
  permissions,
  off: offOf,
  ...flagdWayBack,
};

async function changes(
  request: Request<FlagdInput>,
  context: DriverContext,
): Promise<Answer<readonly Change[]>> {
  const wish = wishOf(request);
  if (wish.kind !== "ok") return wish;
  const { input, connectionName } = request;
  if (context.signal.aborted) return failed("interrupted before the file was read");
  const pinned = await pinFile(input.file);
  if (pinned.kind !== "ok") return pinned;
  const file = await readText(pinned.value);
  if (file.kind !== "ok") return file;
  const entry = findFlagdEntry(file.value.text, input.flag);
  if (entry.kind !== "ok") return failed(`${input.file}: ${entry.why}`);
  const wanted = wantedOf(input, wish.value, entry.value);
  if (wanted.kind !== "ok") return failed(`${input.file}: ${wanted.why}`);
  const { value, ...split } = wanted.value;
  const part = wish.value.kind === "share" ? "share" : "enabled";
  const host = hostname();
  const ref: FlagdRef = { host, file: pinned.value, flag: input.flag, part, ...split };
  // The file is locked as a whole: an edit replaces it as a whole.
  const target = `flagd/${host}${pinned.value}`;
  const field = {
    key: `${target}#${input.flag}/${part}`,
    target,
    driver: "flagd",
    connection: connectionName,
    ref,
    label: `flag ${input.flag} in ${input.file}, ${part === "share" ? "share" : "switch"}`,
  };
  return ok([{ field, value: { present: true, value } }]);
}

type Wanted = FlagdSplit & { readonly value: string | boolean };

function wantedOf(input: FlagdInput, wish: FlagWish, entry: FlagdEntry): Answer<Wanted> {
  if (wish.kind === "switch") {
    const isOn = entry.definition["state"] === "ENABLED";
    if (wish.on && !wish.everyone && !isOn && servesEveryone(entry.definition))
      return failed(
        `flag ${input.flag} would serve everyone once it is enabled: add \`everyone: true\` if that is meant, or say \`share\``,
      );
    return ok({ value: wish.on, serve: "", instead: "", serveFirst: true, by: null, routes: [] });
  }
  if (!Number.isInteger(Number((wish.share * 1000).toFixed(6))))
    return failed(`${wish.share} % has more than three decimals`);
  const split = splitOf(entry.definition, input.flag, input);
  if (split.kind !== "ok") return split;
  return ok({ ...split.value, value: shareText({ on: true, share: wish.share }) });
}

async function permissions(
  request: Request<FlagdInput>,
  context: DriverContext,
): Promise<readonly string[]> {
  const found = await changes(request, context);
  if (found.kind !== "ok") return [found.why];
  const pinned = await pinFile(request.input.file);
  const file = pinned.kind === "ok" ? await readText(pinned.value) : pinned;
  if (pinned.kind !== "ok" || file.kind !== "ok") return [];
  const edited = editFlagdText(file.value.text, pinned.value, found.value);
  const problem = await editProblem(pinned.value);
  return [...(edited.kind === "ok" ? [] : [edited.why]), ...(problem === null ? [] : [problem])];
}

import type { z } from "zod";

import type { Output } from "../../core/plan.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import type { outputsInput } from "../schema/outputs-shape.ts";
import { outputsOf } from "./outputs-of.ts";

/** Why checks of these kinds have no answer to take a value from, and what to do instead. */
const WITHOUT: Readonly<Record<string, readonly [why: string, fix: string]>> = {
  confirm: ["a person's word has no outputs", "remove them"],
  log: ["lines of a log have no outputs", "remove them, or read the value by `http` or `run`"],
  steps: ["outputs belong to a step", "write them into the step whose answer they are taken from"],
};

/** The outputs of a check or of a step. Reported, and none, where its kind has none to give. */
export function checkOutputs(
  loading: Loading,
  kind: string,
  given: z.output<typeof outputsInput>,
  path: SourcePath,
): Readonly<Record<string, Output>> {
  const [message, fix] = WITHOUT[kind] ?? [];
  if (given === undefined || message === undefined || fix === undefined) return outputsOf(given);
  loading.report([...path, "outputs"], { code: "no-outputs", message, fix, atKey: true });
  return {};
}

import { z } from "zod";

import { ok } from "../answer.ts";
import type { ActionDriver } from "../driver.ts";
import { textProblem } from "../text-problem.ts";
import { absent, present } from "./kube-object.ts";
import { notSecret } from "./not-secret.ts";
import { objectDriver } from "./object-driver.ts";
import { namespaceInput, objectInput, objectName } from "./object-input.ts";

const text = z
  .string({
    error: ({ input }) => `${textProblem("a value", input)}; null takes it off`,
  })
  .refine(...notSecret)
  .nullable();

export interface MetadataInput {
  readonly resource: string;
  readonly set: Readonly<Record<string, string | null>>;
  readonly namespace?: string | undefined;
}

const RESERVED = "canary-rollout.dev/";

/** Builds `annotate` and `label`: values of one map in an object's metadata; null takes one off. */
export function metadataVerb(
  kind: "annotate" | "label",
  map: "annotations" | "labels",
): ActionDriver<MetadataInput> {
  const noun = map.slice(0, -1);
  const input = z.strictObject({
    resource: objectInput,
    set: z
      .record(
        z
          .string()
          .refine((key) => !key.startsWith(RESERVED), `${RESERVED}… belongs to canary itself`),
        text,
      )
      .refine((values) => Object.keys(values).length > 0, `name at least one ${noun}`)
      .describe(`the ${map} with their new values; null takes one off`),
    namespace: namespaceInput,
  });
  return objectDriver<MetadataInput>({
    kind,
    description: `sets ${map} of an object`,
    input,
    settles: false,
    object: ({ resource, namespace }) => objectName(resource, namespace),
    preview: (request) => {
      const { resource, set } = request.input;
      const words = Object.entries(set).map(([key, value]) =>
        value === null ? `${key}-` : `${key}=${value}`,
      );
      const command = `kubectl ${kind} --overwrite ${resource}`;
      return [{ does: `${command} ${words.join(" ")}`, undo: `${command} <the values before>` }];
    },
    wanted: (request) =>
      ok(
        Object.entries(request.input.set).map(([key, value]) => ({
          path: ["metadata", map, key],
          value: value === null ? absent : present(value),
          label: `${noun} ${key}`,
        })),
      ),
  });
}

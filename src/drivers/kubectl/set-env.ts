import { z } from "zod";

import { ok } from "../answer.ts";
import type { Answer } from "../driver.ts";
import { textProblem } from "../text-problem.ts";
import { absent, present, type KubeObject } from "./kube-object.ts";
import { notSecret } from "./not-secret.ts";
import { objectDriver, type Wanted } from "./object-driver.ts";
import { namespaceInput, objectName, workloadInput } from "./object-input.ts";
import { findContainer, podSpecPath } from "./pod-spec.ts";

const setEnvInput = z.strictObject({
  workload: workloadInput,
  container: z
    .string()
    .min(1)
    .optional()
    .describe("the container; may be left out where there is only one"),
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][\w.-]*$/, "this is not the name of an environment variable"),
      z
        .string({ error: ({ input }) => textProblem("a variable", input) })
        .refine(...notSecret)
        .nullable(),
    )
    .refine((values) => Object.keys(values).length > 0, "name at least one variable")
    .describe("the variables with their new values; null takes one off"),
  namespace: namespaceInput,
});

export type SetEnvInput = z.infer<typeof setEnvInput>;

/** Sets environment variables of one container, each a whole entry: one that came from a Secret comes back as that. */
export const setEnv = objectDriver<SetEnvInput>({
  kind: "set-env",
  description:
    "sets environment variables of a container and waits until the workload has rolled out",
  input: setEnvInput,
  settles: true,
  object: ({ workload, namespace }) => objectName(workload, namespace),
  preview: ({ input }) => {
    const words = Object.entries(input.env).map(([name, value]) =>
      value === null ? `${name}-` : `${name}=${value}`,
    );
    const command = `kubectl set env ${input.workload}`;
    return [{ does: `${command} ${words.join(" ")}`, undo: `${command} <the values before>` }];
  },
  wanted: ({ input }, live) => wantedEnv(input, live),
});

function wantedEnv(input: SetEnvInput, live: KubeObject): Answer<readonly Wanted[]> {
  const container = findContainer(live, input.container);
  if (container.kind !== "ok") return container;
  const { list, name } = container.value;
  return ok(
    Object.entries(input.env).map(([variable, value]) => ({
      path: [...podSpecPath(live), list, { name }, "env", { name: variable }],
      value: value === null ? absent : present({ name: variable, value }),
      label: `${name} env ${variable}`,
    })),
  );
}

import { z } from "zod";

import type { ObjectName } from "./fetch-object.ts";

const OBJECT = /^[a-zA-Z][a-zA-Z0-9.-]*\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** The schema of `kind/name`, with a placeholder in the name allowed. */
export const objectInput = z
  .string()
  .refine(
    (text) => OBJECT.test(text.replaceAll(/\$\{[^{}]*\}/g, "x")),
    "write kind/name, like deployment/api",
  )
  .refine(
    (text) => !/\$\{(?:env|file):/.test(text),
    "env: and file: are for secrets: pass the name as a parameter",
  )
  .describe("the object as kind/name, like deployment/api");

/** The schema of a workload: something with Pods and replicas. */
export const workloadInput = objectInput.describe("the workload as kind/name, like deployment/api");

export const namespaceInput = z
  .string()
  .min(1)
  .optional()
  .describe("without it that of the connection");

/** `deployment/api` in parts. */
export function objectName(text: string, namespace?: string): ObjectName {
  const [type = "", name = ""] = text.split("/");
  return { type, name, namespace: namespace ?? null };
}

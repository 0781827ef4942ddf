import { z } from "zod";

import { readJsonPath, parseJsonPath } from "../json-path.ts";
import { listAt, textAt, type KubeObject } from "./kube-object.ts";
import { namespaceInput, objectInput, objectName } from "./object-input.ts";
import type { RolloutState } from "./rollout-state.ts";
import { waitDriver } from "./wait-driver.ts";

const waitInput = z.strictObject({
  resource: objectInput,
  for: z
    .string()
    .refine(
      (text) => parseFor(text) !== null,
      "write condition=Ready, condition=Ready=false, delete, create, or jsonpath={.status.phase}=Running",
    )
    .describe("what to wait for, as in `kubectl wait --for`"),
  namespace: namespaceInput,
});

export type WaitInput = z.infer<typeof waitInput>;

type For =
  | { readonly kind: "condition"; readonly type: string; readonly status: string }
  | { readonly kind: "delete" }
  | { readonly kind: "create" }
  | { readonly kind: "path"; readonly path: string; readonly value: string };

/** Waits until an object is as it should be. */
export const wait = waitDriver<WaitInput>({
  kind: "wait",
  description: "waits until an object is as it should be; changes nothing",
  input: waitInput,
  object: ({ resource, namespace }) => objectName(resource, namespace),
  command: (input) => `kubectl wait ${input.resource} --for=${input.for}`,
  judge,
});

function judge({ resource, ...input }: WaitInput, live: KubeObject | null): RolloutState {
  const wanted = parseFor(input.for);
  if (wanted === null) return { kind: "failed", why: `"${input.for}" cannot be waited for` };
  if (wanted.kind === "delete")
    return live === null
      ? { kind: "done" }
      : { kind: "waiting", why: `${resource} is still there` };
  if (live === null) return { kind: "waiting", why: `there is no ${resource}` };
  if (wanted.kind === "create") return { kind: "done" };
  return wanted.kind === "condition"
    ? judgeCondition(resource, wanted, live)
    : judgePath(resource, wanted, live);
}

function judgeCondition(
  resource: string,
  { type, status }: Extract<For, { kind: "condition" }>,
  live: KubeObject,
): RolloutState {
  const conditions = listAt(live, "status", "conditions");
  const find = (name: string) =>
    conditions.find((each) => textAt(each, "type")?.toLowerCase() === name.toLowerCase());
  const found = find(type) ?? null;
  const now = textAt(found, "status") ?? "not there";
  if (now.toLowerCase() === status.toLowerCase()) return { kind: "done" };
  const failure = type.toLowerCase() === "complete" ? (find("Failed") ?? null) : null;
  if (textAt(failure, "status") === "True")
    return {
      kind: "failed",
      why: `${resource} failed: ${textAt(failure, "message") ?? textAt(failure, "reason") ?? ""}`,
    };
  const message = textAt(found, "message");
  const more = message === null ? "" : ` (${message})`;
  return { kind: "waiting", why: `${resource}: condition ${type} is ${now}${more}` };
}

function judgePath(
  resource: string,
  { path, value }: Extract<For, { kind: "path" }>,
  live: KubeObject,
): RolloutState {
  const found = readJsonPath(live, path);
  const now = found.found ? found.value : undefined;
  const text = typeof now === "string" ? now : JSON.stringify(now);
  return text === value
    ? { kind: "done" }
    : { kind: "waiting", why: `${resource}: ${path} is ${text ?? "not there"}` };
}

function parseFor(text: string): For | null {
  if (text === "delete" || text === "create") return { kind: text };
  const condition = /^condition=(\w[\w./-]*)(?:=(\w+))?$/.exec(text);
  if (condition !== null)
    return { kind: "condition", type: condition[1] ?? "", status: condition[2] ?? "true" };
  const [, path = "", value = ""] = /^jsonpath=\{\.(.+)\}=(.+)$/.exec(text) ?? [];
  return parseJsonPath(path) === null ? null : { kind: "path", path, value };
}

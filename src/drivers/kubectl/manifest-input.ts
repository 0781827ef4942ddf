import { readFile } from "node:fs/promises";

import { z } from "zod";

import type { Json } from "../../core/units.ts";
import { failed, ok } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { noSecret } from "./ask-server.ts";
import { isList, isObject, textAt, typeOf, type KubeObject } from "./kube-object.ts";
import { notSecret } from "./not-secret.ts";
import { namespaceInput } from "./object-input.ts";

const manifest = z
  .record(z.string(), z.json())
  .refine((value) => textAt(value, "kind") !== null, "a manifest has a `kind`")
  .refine((value) => textAt(value, "apiVersion") !== null, "a manifest has an `apiVersion`")
  .refine((value) => textAt(value, "metadata", "name") !== null, "a manifest has a `metadata.name`")
  .refine((value) => notSecret[0](JSON.stringify(value)), notSecret[1]);

export const applyInput = z
  .strictObject({
    file: z.string().min(1).optional().describe("a file of manifests, from where canary runs"),
    manifest: z
      .union([manifest, z.array(manifest).min(1)])
      .optional()
      .describe("the manifest itself, or a list of them"),
    namespace: namespaceInput,
  })
  .refine(
    (input) => (input.file === undefined) !== (input.manifest === undefined),
    "state either `file` or `manifest`",
  );

export type ApplyInput = z.infer<typeof applyInput>;

/** The manifests that an action applies, in order. */
export async function manifestsOf(
  input: ApplyInput,
  context: Pick<DriverContext, "resolve">,
): Promise<Answer<readonly KubeObject[]>> {
  if (input.file === undefined) return checked([input.manifest ?? []].flat());
  let text: string;
  try {
    text = await readFile(context.resolve(input.file), "utf8");
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
  // Loaded only where a file is applied: an abort does not pay for it.
  const { parseAllDocuments } = await import("yaml");
  const found: Json[] = [];
  for (const document of parseAllDocuments(text)) {
    const [problem] = document.errors;
    if (problem !== undefined) return failed(`${input.file}: ${problem.message}`);
    found.push(document.toJS() as Json);
  }
  return checked(found.filter((each) => each !== null).flatMap(itemsOf), input.file);
}

function itemsOf(json: Json): readonly Json[] {
  return isObject(json) && json["kind"] === "List" && isList(json["items"])
    ? json["items"]
    : [json];
}

function checked(found: readonly Json[], file?: string): Answer<readonly KubeObject[]> {
  const where = file === undefined ? "the manifest" : file;
  const objects: KubeObject[] = [];
  for (const json of found) {
    const parsed = manifest.safeParse(json);
    if (!parsed.success) return failed(`${where}: ${parsed.error.issues[0]?.message ?? ""}`);
    if (typeOf(parsed.data) === "Secret") return noSecret();
    objects.push(parsed.data);
  }
  return objects.length === 0 ? failed(`${where} holds no manifest`) : ok(objects);
}

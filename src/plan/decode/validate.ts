import type { z } from "zod";

import type { Json } from "../../core/units.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { explainIssue, NO_WORDS } from "./explain-issue.ts";

/** Validates a value; what is wrong with it is reported, and then there is no result. */
export function validate<T>(
  loading: Loading,
  schema: z.ZodType<T>,
  value: Json,
  path: SourcePath,
): { readonly value: T } | null {
  const result = schema.safeParse(value, { error: () => NO_WORDS });
  if (result.success) return { value: result.data };
  const written = (below: SourcePath): string | null => loading.source.written([...path, ...below]);
  for (const issue of result.error.issues) {
    for (const { path: below, ...problem } of explainIssue(issue, { schema, value, written }))
      loading.report([...path, ...below], problem);
  }
  return null;
}

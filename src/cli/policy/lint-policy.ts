import { readFile } from "node:fs/promises";

import type { Diagnostic } from "../../plan/diagnostic.ts";

export interface LintedPolicy {
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly isWrong: boolean;
}

/** Checks a policy file; null where the file is none, or cannot be read. */
export async function lintPolicy(path: string): Promise<LintedPolicy | null> {
  const text = await readFile(path, "utf8").catch(() => "");
  if (!isPolicy(text)) return null;
  const [{ builtInDrivers }, { loadPolicy }] = await Promise.all([
    import("../../drivers/registry.ts"),
    import("../../policy/load-policy.ts"),
  ]);
  const { policy, diagnostics } = loadPolicy(
    { path, text },
    { catalog: builtInDrivers(), params: null },
  );
  return { text, diagnostics, isWrong: policy === null };
}

/** Whether a file says that it is a policy. */
export function isPolicy(text: string): boolean {
  return /^kind:\s*["']?Policy\b/mu.test(text);
}

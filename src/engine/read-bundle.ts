import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Bundle } from "./bundle.ts";
import { BUNDLE } from "./write-bundle.ts";

/** Reads the bundle of a rollout; null when none was written, which means that nothing was changed. */
export async function readBundle(evidence: string, rollout: string): Promise<Bundle | null> {
  return readBundleFile(join(evidence, rollout, BUNDLE));
}

/** Reads a bundle from a file; null when there is no such file. Throws when it is not a bundle. */
export async function readBundleFile(path: string): Promise<Bundle | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const parsed = JSON.parse(text) as Bundle;
  if (parsed.v !== 1 || !Array.isArray(parsed.fields))
    throw new Error(`${path} is not a rollback bundle of this version`);
  return parsed;
}

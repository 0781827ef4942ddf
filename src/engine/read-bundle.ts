import { join } from "node:path";

import type { Bundle } from "./bundle.ts";
import { readText, type ReadText } from "./read-text.ts";
import { BUNDLE } from "./write-bundle.ts";

/** Reads the bundle of a rollout; null when none was written, which means that nothing was changed. */
export function readBundle(
  evidence: string,
  rollout: string,
  read: ReadText,
): Promise<Bundle | null> {
  return readBundleFile(join(evidence, rollout, BUNDLE), read);
}

/** Reads a bundle from a file; null when there is no such file. Throws when it is not a bundle. */
export async function readBundleFile(
  path: string,
  read: ReadText = readText,
): Promise<Bundle | null> {
  const text = await read(path);
  if (text === null) return null;
  const parsed = parseBundle(text);
  if (parsed === null) throw new Error(`${path} is not a rollback bundle of this version`);
  return parsed;
}

/** Reads the text of a bundle; null when it is one of another version. Throws when it is not JSON. */
export function parseBundle(text: string): Bundle | null {
  const parsed = JSON.parse(text) as Bundle;
  return parsed.v === 1 && Array.isArray(parsed.fields) ? parsed : null;
}

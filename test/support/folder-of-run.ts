import { mkdirSync } from "node:fs";

import { inject } from "vitest";

/**
 * A folder that goes with the whole run of the tests: what still writes when its test is over, or was killed, leaves
 * nothing behind.
 */
export function folderOfRun(): string {
  const folder = inject("clusterFolder");
  mkdirSync(folder, { recursive: true });
  return folder;
}

import { defineConfig } from "vitest/config";

import { ClosingLine } from "../support/closing-line.ts";

/** Long soaks and big random searches: `npm run soak`. `CANARY_SOAK_RUNS` says how many. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.soak.ts"],
    globalSetup: ["../support/cluster-folder.ts"],
    maxConcurrency: 8,
    setupFiles: ["../support/set-up-file.ts"],
    testTimeout: 60 * 60_000,
    hookTimeout: 60_000,
    reporters: ["default", new ClosingLine()],
  },
});

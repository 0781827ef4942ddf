import { defineConfig } from "vitest/config";

import { ClosingLine } from "./test/support/closing-line.ts";
import { RunbookLine } from "./test/support/runbook-line.ts";
import { SlowFirst } from "./test/support/slow-first.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/soak/**", "**/node_modules/**"],
    globalSetup: ["test/support/cluster-folder.ts"],
    setupFiles: ["test/support/set-up-file.ts"],
    reporters: ["default", new RunbookLine(), new ClosingLine()],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxWorkers: 4,
    maxConcurrency: 3,
    sequence: { sequencer: SlowFirst },
  },
});

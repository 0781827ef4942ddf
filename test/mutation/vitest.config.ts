import { defineConfig } from "vitest/config";

/** The tests of the core alone, in the copy of the tree that holds a seeded bug. The first failure is enough. */
export default defineConfig({
  test: {
    include: ["test/core/**/*.test.ts"],
    // The statistics have tests of their own, which take longer than all the rest.
    exclude: ["test/core/judge/monte-carlo.test.ts"],
    bail: 1,
    maxWorkers: 1,
    isolate: false,
    reporters: ["json"],
    testTimeout: 60_000,
  },
});

import { AsyncLocalStorage } from "node:async_hooks";

import { onTestFinished, type TestContext } from "vitest";

type Finish = TestContext["onTestFinished"];

const running = new AsyncLocalStorage<Finish>();

/** Runs a test so that `afterTest` knows it from what it calls; for the setup file alone. */
export function asRunning(finish: Finish, runTest: () => Promise<void>): Promise<void> {
  return running.run(finish, runTest);
}

/**
 * Has something done when the calling test is over, however it ends. Vitest's own `onTestFinished` knows one test at a
 * time, and takes it for another where several of a file run at once.
 */
export function afterTest(end: () => unknown): void {
  (running.getStore() ?? onTestFinished)(async () => void (await end()));
}

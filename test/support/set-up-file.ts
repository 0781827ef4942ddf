import { aroundEach } from "vitest";

import { asRunning } from "./after-test.ts";

aroundEach(async (runTest, { onTestFinished }) => asRunning(onTestFinished, runTest));

import { test } from "vitest";

import { FAULTS, holdsUntilAborted, rollsBack } from "../e2e/support/faults.ts";

const STAGES = [10, 50, 100];

for (const share of STAGES)
  test.for(FAULTS)(`$name at ${share} %`, (fault) =>
    share === 100 && fault.blind === true ? holdsUntilAborted(fault) : rollsBack(fault, share),
  );

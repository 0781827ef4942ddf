import { expect, test } from "vitest";

import { FAULTS, holdsUntilAborted, rollsBack } from "./support/faults.ts";
import { BASELINE, untilShare, worldForTest } from "./support/world.ts";

// One fault of each kind; every fault at every stage is a soak.
const SEEN = ["error spike", "latency spike", "dead target"];
const UNSEEN = [
  "hanging metrics",
  "metrics with an error inside a 200",
  "metrics that stand still",
];

const named = (names: readonly string[]) => FAULTS.filter(({ name }) => names.includes(name));

test.concurrent.for(named([...SEEN, ...UNSEEN]))("$name at 10 % rolls back with 30", (fault) =>
  rollsBack(fault, 10),
);

test.concurrent.for(named(["error spike"]))("$name at 100 % rolls back with 30", (fault) =>
  rollsBack(fault, 100),
);

test.concurrent.for(named(["hanging metrics"]))(
  "$name at 100 %: it holds and pages; an abort ends 31",
  (fault) => holdsUntilAborted(fault),
);

test.concurrent("a router that hangs is not waited for: the rollout ends, and never as rolled back while it is not", async () => {
  const world = await worldForTest();
  const start = world.start("fast.yaml", ["--set", "soak=8s"]);
  await untilShare(world, 10);
  await world.knobs({ canary: { errorRate: 0.6 }, ignoreWrites: true });
  const abortLater = await Promise.race([
    start.exit,
    new Promise<null>((resolve) => setTimeout(resolve, 15_000, null)),
  ]);
  // Writes are answered as if taken, and are not: nothing may be called restored.
  expect(abortLater?.code ?? null).not.toBe(30);
  expect((await world.state()).traffic.canary).toBe(10);
  await world.knobs({ ignoreWrites: false, canary: { errorRate: 0 } });
  const exit = await start.exit;
  expect(exit.code, exit.stdout + exit.stderr).toBe(30);
  expect((await world.state()).traffic).toEqual(BASELINE.traffic);
});

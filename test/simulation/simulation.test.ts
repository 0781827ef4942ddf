import { expect, test } from "vitest";

import { simulate } from "./simulate.ts";
import { createTally, ENDS, playSeed, showTally } from "./tally.ts";

const RUNS = Number(process.env["CANARY_SIMULATIONS"] ?? 400);
const SEED = Number(process.env["CANARY_SIMULATION_SEED"] ?? 1);

test("seeded rollouts with crashes, freezes, partitions and lies keep every rule", async () => {
  const tally = createTally();
  for (let seed = SEED; seed < SEED + RUNS; seed += 1) {
    await playSeed(tally, seed);
    const [broken] = tally.broken;
    if (broken !== undefined) throw new Error(broken);
  }
  process.stdout.write(showTally(tally));
  expect([...tally.ends.keys()]).toEqual(expect.arrayContaining(ENDS));
  expect(tally.faults.size).toBeGreaterThan(20);
}, 600_000);

test("the same seed plays the same run", async () => {
  const [one, two] = [await simulate(7), await simulate(7)];
  expect(two.log.map(withoutIds)).toEqual(one.log.map(withoutIds));
});

function withoutIds(line: string): string {
  return line.replaceAll(/01[0-9a-z]{24}/gu, "ID");
}

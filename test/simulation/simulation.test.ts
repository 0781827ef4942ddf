import { expect, test } from "vitest";

import { exitCode } from "../../src/core/ending.ts";
import { endsOf, rules } from "./rules.ts";
import { simulate } from "./simulate.ts";
import type { History } from "./world.ts";

const RUNS = Number(process.env["CANARY_SIMULATIONS"] ?? 400);
const SEED = Number(process.env["CANARY_SIMULATION_SEED"] ?? 1);

/** The ends that a run may come to, by exit code: all of them must be reached, or the search misses what it is for. */
const ENDS = ["0", "20", "30", "31", "40", "41", "42"];

test("seeded rollouts with crashes, freezes, partitions and lies keep every rule", async () => {
  const ends = new Map<string, number>();
  const faults = new Map<string, number>();
  for (let seed = SEED; seed < SEED + RUNS; seed += 1) {
    const history = await simulate(seed);
    for (const { name, broken } of rules) {
      const how = broken(history);
      if (how !== null) throw new Error(`seed ${seed}: ${name}: ${how}\n${told(history)}`);
    }
    for (const fault of history.faults) faults.set(fault, (faults.get(fault) ?? 0) + 1);
    for (const { end } of endsOf(history)) {
      const code = String(exitCode(end));
      ends.set(code, (ends.get(code) ?? 0) + 1);
    }
  }
  process.stdout.write(
    `${RUNS} simulated rollouts; ends: ${table(ends)}\n  faults: ${table(faults)}\n`,
  );
  expect([...ends.keys()]).toEqual(expect.arrayContaining(ENDS));
  expect(faults.size).toBeGreaterThan(15);
}, 600_000);

test("the same seed plays the same run", async () => {
  const [one, two] = [await simulate(7), await simulate(7)];
  expect(two.log.map(withoutIds)).toEqual(one.log.map(withoutIds));
});

function table(counts: ReadonlyMap<string, number>): string {
  const entries = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, n]) => `${name} ${n}`).join(", ");
}

function withoutIds(line: string): string {
  return line.replaceAll(/01[0-9a-z]{24}/gu, "ID");
}

function told(history: History): string {
  const journal = history.epochs.flatMap(({ epoch, lines }) =>
    lines.map((line) => {
      const { mono, event } = JSON.parse(line) as { mono: number; event: unknown };
      return `${mono} e${epoch} ${JSON.stringify(event)}`;
    }),
  );
  const writes = history.targets.landed.map(
    ({ at, pid, epoch, key, value }) =>
      `${at} landed ${key}=${JSON.stringify(value)} by ${pid} e${epoch}`,
  );
  const order = (line: string): number => Number(line.split(" ", 1)[0]);
  return [...history.log, ...journal, ...writes]
    .toSorted((a, b) => order(a) - order(b))
    .map((line) => line.slice(0, 300))
    .join("\n");
}

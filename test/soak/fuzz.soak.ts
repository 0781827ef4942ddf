import { expect, test } from "vitest";

import { fuzzHttp } from "../fuzz/fuzz-http.ts";
import { fuzzScenario } from "../fuzz/fuzz-scenario.ts";
import { fuzzJournal } from "../fuzz/journal-fuzz.ts";

const RUNS = Number(process.env["CANARY_FUZZ"] ?? 20_000);
const SEED = Number(process.env["CANARY_FUZZ_SEED"] ?? 1000);

test(`${RUNS} spoilt journals: an abort says what is true, and fails in words`, async () => {
  const outcomes = new Map<string, number>();
  const wrong: string[] = [];
  for (let seed = SEED; seed < SEED + RUNS; seed += 1) {
    const spoilt = await fuzzJournal(seed);
    outcomes.set(spoilt.outcome, (outcomes.get(spoilt.outcome) ?? 0) + 1);
    if (spoilt.wrong !== null) wrong.push(`seed ${seed} (${spoilt.how}): ${spoilt.wrong}`);
  }
  process.stdout.write(
    `${RUNS} spoilt journals: ${JSON.stringify(Object.fromEntries(outcomes))}\n`,
  );
  expect(wrong).toEqual([]);
});

test("answers of servers that are none", async () => {
  const runs = Math.ceil(RUNS / 20);
  const { kinds, wrong } = await fuzzHttp(SEED, runs);
  process.stdout.write(`${runs} servers for every client; answers: ${kinds.join(", ")}\n`);
  expect(wrong).toEqual([]);
});

test(`${RUNS} spoilt scenarios`, () => {
  const wrong = Array.from({ length: RUNS }, (_, run) => fuzzScenario(SEED + run).wrong);
  expect(wrong.filter((each) => each !== null)).toEqual([]);
});

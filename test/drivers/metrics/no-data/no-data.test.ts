import { describe, expect, test } from "vitest";

import { agedSample } from "../../../../src/core/aged-sample.ts";
import { builtInDrivers } from "../../../../src/drivers/registry.ts";
import { everySource } from "./every-source.ts";
import { SITUATIONS, type Situation } from "./source-cases.ts";

/** The `maxAge` of the metrics here, in milliseconds. */
const MAX_AGE = 30_000;
const situations = Object.keys(SITUATIONS) as Situation[];

test("every source is in the table, and every situation is told or ruled out for each", () => {
  expect(everySource.map(({ source }) => source).toSorted()).toEqual(
    [...builtInDrivers().metrics.keys()].toSorted(),
  );
  for (const { source, cases, never } of everySource) {
    const told = situations.map((each) => cases.some(({ situation }) => situation === each));
    const ruledOut = situations.map((each) => never[each] !== undefined);
    expect([source, told]).toEqual([source, ruledOut.map((is) => !is)]);
  }
});

describe.each(everySource)("$source", ({ cases }) => {
  test.each(cases)("$situation: $says is $becomes", async ({ ask, becomes, why }) => {
    const sample = agedSample(await ask(), MAX_AGE, Date.now());
    expect(sample).toMatchObject(
      becomes === "value"
        ? { kind: "value", value: why }
        : { kind: becomes, why: expect.stringMatching(patternOf(String(why))) },
    );
  });
});

/** A reason, in which `…` stands for anything. */
function patternOf(why: string): RegExp {
  const parts = why.split("…").map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/gu, "\\$&"));
  return new RegExp(parts.join(".*"), "u");
}

import { describe, expect, test } from "vitest";

import { nearest } from "../../src/plan/nearest.ts";

const words = ["stages", "triggers", "soak", "gates", "everyStage", "error_rate", "p95", "p99"];

describe("nearest", () => {
  test.each([
    ["stage", "stages"],
    ["satges", "stages"],
    ["trigers", "triggers"],
    ["sok", "soak"],
    ["soka", "soak"],
    ["everystage", "everyStage"],
    ["every-stage", "everyStage"],
    ["errorRate", "error_rate"],
    ["eror_raet", "error_rate"],
    ["P95", "p95"],
  ])("%s was meant as %s", (word, meant) => {
    expect(nearest(word, words)).toBe(meant);
  });

  test.each(["", "x", "latency", "frobnicate", "st"])("%s is like none", (word) => {
    expect(nearest(word, words)).toBeNull();
  });

  test("the closest wins, and of equally close ones the first", () => {
    expect(nearest("gats", ["goats", "gates"])).toBe("goats");
    expect(nearest("gatess", ["goats", "gates"])).toBe("gates");
  });

  test("a one-letter word is not like every other one", () => {
    expect(nearest("a", ["b", "c"])).toBeNull();
    expect(nearest("A", ["a"])).toBe("a");
  });
});

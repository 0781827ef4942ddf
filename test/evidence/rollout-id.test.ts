import { assert, integer, property, uint8Array } from "fast-check";
import { expect, test } from "vitest";

import { createRolloutId, isRolloutId } from "../../src/evidence/rollout-id.ts";

const LATEST = 2 ** 48 - 1;

test("an id is a lower-case ULID of its time and chance", () => {
  expect(createRolloutId(0, new Uint8Array(10))).toBe("0".repeat(26));
  expect(createRolloutId(LATEST, new Uint8Array(10).fill(255))).toBe(`7${"z".repeat(25)}`);
  // The example of the ULID specification's own implementation.
  expect(createRolloutId(1469918176385, new Uint8Array(10)).slice(0, 10)).toBe("01aryz6s41");
});

test("ids sort by time and are told from other texts", () => {
  const chance = uint8Array({ minLength: 10, maxLength: 10 });
  const time = integer({ min: 0, max: LATEST });
  assert(
    property(time, time, chance, chance, (one, other, left, right) => {
      const ids = [createRolloutId(one, left), createRolloutId(other, right)];
      expect(ids.every(isRolloutId)).toBe(true);
      expect(one === other || (ids[0] ?? "") < (ids[1] ?? "") === one < other).toBe(true);
    }),
  );
});

test("two ids of one moment differ", () => {
  const ids = Array.from({ length: 1000 }, () => createRolloutId(1));
  expect(new Set(ids).size).toBe(1000);
});

test.each([
  "",
  "..",
  "0".repeat(25),
  "0".repeat(27),
  `8${"0".repeat(25)}`,
  `${"0".repeat(25)}i`,
  `${"0".repeat(25)}A`,
  `${"0".repeat(26)}\n`,
  `../${"0".repeat(23)}`,
])("%j is no id", (text) => {
  expect(isRolloutId(text)).toBe(false);
});

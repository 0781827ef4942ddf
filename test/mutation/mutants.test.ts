import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { mutants } from "./mutants.ts";

const SRC = join(import.meta.dirname, "../../src");

/** A text that moved or changed makes a seeded bug none: `npm run mutation` would only tell after minutes. */
test.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
  "%s can be seeded",
  (_, { file, find, become }) => {
    const text = readFileSync(join(SRC, file), "utf8");
    expect(text.split(find)).toHaveLength(2);
    expect(become).not.toBe(find);
  },
);

test("each seeded bug has a name of its own", () => {
  const names = mutants.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

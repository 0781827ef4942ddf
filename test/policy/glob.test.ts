import { expect, test } from "vitest";

import { matchesGlob } from "../../src/policy/glob.ts";

test.for([
  ["src/backend/payments/charge.ts", "src/backend/payments/**", true],
  ["src/backend/payments/eu/charge.ts", "src/backend/payments/**", true],
  ["src/backend/payments.ts", "src/backend/payments/**", false],
  ["x/src/backend/payments/a.ts", "src/backend/payments/**", false],
  ["migrations/1.sql", "**/migrations/**", true],
  ["db/eu/migrations/1.sql", "**/migrations/**", true],
  ["db/xmigrations/1.sql", "**/migrations/**", false],
  ["a/b.ts", "a/*.ts", true],
  ["a/b/c.ts", "a/*.ts", false],
  ["a/b.tsx", "a/*.ts", false],
  ["a/b.ts", "a/?.ts", true],
  ["a/bb.ts", "a/?.ts", false],
  ["a/b.ts", "a/", true],
  ["axts", "a.ts", false],
  ["a+(b)[c]/d", "a+(b)[c]/*", true],
] as const)("%s, %s: %s", ([path, pattern, matches]) => {
  expect(matchesGlob(path, pattern)).toBe(matches);
});

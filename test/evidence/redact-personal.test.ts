import { expect, test } from "vitest";

import { redactPersonal } from "../../src/evidence/redact-personal.ts";

test.each([
  ["to ana.b+test@mail.example.org, x", "to [redacted e-mail], x"],
  ['{"email":"A@B.io"}', '{"email":"[redacted e-mail]"}'],
  ["paid with 4111 1111 1111 1111.", "paid with [redacted card number]."],
  ["5555-5555-5555-4444", "[redacted card number]"],
])("what names a person is taken out: %s", (text, clean) => {
  expect(redactPersonal(text)).toBe(clean);
});

test.each([
  "registry.example.org/app@sha256:a4111111111111111f",
  "1767225600000 1767225600000",
  "4111 1111 1111 1112",
  "node 10.0.0.1 ready",
  "npm i vitest@5.1.1",
])("what does not, stays: %s", (text) => {
  expect(redactPersonal(text)).toBe(text);
});

test("text made to be slow is not", () => {
  for (const text of [
    "a@".repeat(500_000),
    "a.".repeat(500_000),
    "4 ".repeat(500_000),
    "a@b.".repeat(250_000),
  ])
    expect(redactPersonal(text)).toBe(text);
});

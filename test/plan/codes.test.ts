import { join } from "node:path";

import { expect, test } from "vitest";

import { codes } from "../../src/plan/codes.ts";
import { conditionCodes, loadCodes } from "../../src/plan/load-codes.ts";
import { ruleCodes } from "../../src/plan/rules/rule-codes.ts";

const page = join(import.meta.dirname, "../../docs/diagnostics.md");

test("no code has two meanings", () => {
  const all = [loadCodes, conditionCodes, ruleCodes].flatMap((table) => Object.keys(table));
  expect(all.toSorted()).toEqual([...new Set(all)].toSorted());
  expect(Object.keys(codes).toSorted()).toEqual(all.toSorted());
});

test("every code is a word, and every meaning a sentence", () => {
  for (const [code, { about }] of Object.entries(codes)) {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(`${code}: ${about}`).toMatch(/: [A-Z`$].*\.$/s);
  }
});

test("docs/diagnostics.md lists every code (write it anew with `npx vitest run test/plan/codes.test.ts -u`)", async () => {
  await expect(render()).toMatchFileSnapshot(page);
});

function render(): string {
  const items = Object.entries(codes).map(([code, { severity, about }]) => {
    return `### ${code}\n\n${severity === "warning" ? "Warning. " : ""}${about}\n`;
  });
  return [
    "# Diagnostics",
    "",
    "What `canary lint` may say about a plan, by its stable code, and what each code asks for. Errors keep a plan from",
    "starting; warnings do not.",
    "",
    items.join("\n"),
  ].join("\n");
}

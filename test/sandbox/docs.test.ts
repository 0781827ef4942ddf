import { readFile } from "node:fs/promises";

import { expect, test } from "vitest";

import { sandboxRoutes } from "../../src/sandbox/handle-request.ts";
import { knobNames } from "../../src/sandbox/merge-knobs.ts";

const docs = await readFile(new URL("../../docs/sandbox.md", import.meta.url), "utf8");

/** What stands in code marks in the first column of the table under a heading. */
function firstColumn(heading: string): string[] {
  const section = docs.split(`## ${heading}\n`)[1]?.split(/\n##+ /)[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""),
  );
}

test("the docs list every endpoint, and no other", () => {
  const routes = sandboxRoutes.map((route) => `${route.method} ${route.path}`);
  expect(firstColumn("Endpoints").toSorted()).toEqual(["GET /", ...routes].toSorted());
});

test("the docs list every knob, and no other", () => {
  expect(firstColumn("Knobs").toSorted()).toEqual([...knobNames].toSorted());
});

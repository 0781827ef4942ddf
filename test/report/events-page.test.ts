import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { SCHEMA } from "../../src/report/ndjson.ts";
import { everyEvent } from "./support/every-event.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/events.md"), "utf8");

/** The fields that the page names for a kind; null where it has no row. */
function documented(kind: string): readonly string[] | null {
  const row = page.split("\n").find((line) => line.startsWith(`| \`${kind}\` `));
  return row === undefined
    ? null
    : [...(row.split("|")[2] ?? "").matchAll(/`(\w+)`/gu)].map(([, field = ""]) => field);
}

test.for(Object.values(everyEvent))("docs/events.md has $kind, with its fields", (event) => {
  const fields = Object.keys(event).filter((key) => key !== "kind");
  expect(documented(event.kind)).toEqual(expect.arrayContaining(fields));
});

test("docs/events.md names the schema of the first line", () => {
  expect(page).toContain(JSON.stringify({ schema: SCHEMA }));
});

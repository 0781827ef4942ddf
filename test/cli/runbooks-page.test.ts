import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";
import { parse } from "yaml";

const ROOT = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/runbooks.md"), "utf8");

/** The part of the page about each plan: from its heading to the next of the same rank; or a page of its own. */
const sections = [
  ...page
    .split(/^## /mu)
    .slice(1)
    .map((text) => ({ name: text.slice(0, text.indexOf("\n")), text }))
    .filter(({ text }) => text.includes("| in the runbook")),
  ...["codex-dominion", "deltacrown-webhooks", "onering-webhooks"].map((name) => ({
    name,
    text: readFileSync(join(ROOT, `docs/runbooks/${name}.md`), "utf8"),
  })),
];

test("the page has sections with tables, and leads to the pages of the others", () => {
  expect(sections.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["spark-trading", "scholarship-api"]),
  );
  for (const name of ["codex-dominion", "deltacrown-webhooks", "onering-webhooks"])
    expect(page).toContain(`](runbooks/${name}.md)`);
});

test.for(sections)("every row about $name leads to a place in its plan", ({ name, text }) => {
  const plan = planOf(name);
  const rows = placesByRow(text, Object.keys(plan));
  expect(rows.length).toBeGreaterThan(20);
  const lost = rows.flatMap(({ row, places }) =>
    places.length === 0 ? [row] : places.filter((place) => !isThere(plan, place)),
  );
  expect(lost).toEqual([]);
});

test.for(sections)("every gate and rollback trigger of $name is on the page", ({ name, text }) => {
  const plan = planOf(name);
  const conditions = ["everyStage.gates", "stages.gates", "triggers.rollback.when"].flatMap(
    (path) => walk(plan, path.split(".")).flatMap((node) => conditionsIn(node)),
  );
  expect(conditions.length).toBeGreaterThan(10);
  expect(conditions.filter((condition) => !text.includes(condition))).toEqual([]);
});

/** The plan, and under `policy` its policy where it has one. */
function planOf(name: string): Record<string, unknown> {
  const read = (file: string): unknown => parse(readFileSync(join(ROOT, "plans", file), "utf8"));
  const plan = read(`${name}.yaml`);
  expect(isMap(plan)).toBe(true);
  const policy = `${name}.policy.yaml`;
  const more = existsSync(join(ROOT, "plans", policy)) ? { policy: read(policy) } : {};
  return isMap(plan) ? { ...plan, ...more } : {};
}

interface Row {
  readonly row: string;
  readonly places: readonly string[];
}

/** The places that the last cell of each row names; other code in it, as a command, is no place. */
function placesByRow(text: string, sectionKeys: readonly string[]): readonly Row[] {
  return (
    text
      .split("\n")
      .filter((line) => line.startsWith("| ") && !/^\| (?:-|in the runbook)/u.test(line))
      // No part of a rollout: ports, retention, people's manners.
      .filter((line) => !line.includes("| about the product"))
      .map((row) => {
        const cell = row.slice(row.lastIndexOf(" | "));
        const spans = [...cell.matchAll(/`([^`]+)`/gu)].map(([, span = ""]) => span);
        return {
          row,
          places: spans.filter((span) => sectionKeys.includes(span.split(/[.:]/u)[0] ?? "")),
        };
      })
  );
}

/** Whether `stages.pilot.gates: p95 < 1s` holds: something stands at the path, and it says the text. */
function isThere(plan: unknown, place: string): boolean {
  const colon = place.indexOf(": ");
  const path = colon === -1 ? place : place.slice(0, colon);
  const said = colon === -1 ? "" : place.slice(colon + 2);
  const found = walk(plan, path.split("."));
  return found.some((node) => leaves("", node).some((leaf) => leaf.includes(said)));
}

/** What stands at a path. An item of a list is found by its name, or by a key that it has; all that fit are found. */
function walk(node: unknown, path: readonly string[]): readonly unknown[] {
  const [segment, ...rest] = path;
  if (segment === undefined) return [node];
  if (!Array.isArray(node))
    return isMap(node) && Object.hasOwn(node, segment) ? walk(node[segment], rest) : [];
  const items: readonly unknown[] = node;
  return items.flatMap((item) => {
    if (!isMap(item)) return [];
    if (item["name"] === segment) return walk(item, rest);
    // The siblings of a verb belong to it: what a `record` says stands in `text`.
    return Object.hasOwn(item, segment)
      ? rest.length === 0
        ? [item]
        : walk(item[segment], rest)
      : [];
  });
}

/** The conditions of a list of gates or of one trigger. */
function conditionsIn(node: unknown): readonly string[] {
  if (typeof node === "string") return [node];
  if (Array.isArray(node)) return node.flatMap((item: unknown) => conditionsIn(item));
  if (!isMap(node)) return [];
  return [node["any"], node["all"], node["when"], node["gates"]].flatMap((part) =>
    conditionsIn(part),
  );
}

/** Everything that is said below a node, each with its key before it. */
function leaves(key: string, node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap((item: unknown) => leaves(key, item));
  if (isMap(node)) return Object.entries(node).flatMap(([name, value]) => leaves(name, value));
  return [`${key}: ${String(node)}`];
}

function isMap(node: unknown): node is Record<string, unknown> {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}

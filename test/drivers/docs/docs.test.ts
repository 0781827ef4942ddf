import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it, test } from "vitest";

import { builtInDrivers } from "../../../src/drivers/registry.ts";
import type { DriverCatalog } from "../../../src/plan/driver-catalog.ts";
import { lint } from "../../plan/support/lint.ts";
import { actionNotes, driversPage } from "./drivers-page.ts";
import { exampleConnections } from "./example-connections.ts";
import { checkNotes, evidenceNotes } from "./look-notes.ts";

const catalog: DriverCatalog = builtInDrivers();
const page = join(import.meta.dirname, "../../../docs/drivers.md");

test("docs/drivers.md has every driver (write it anew with `npx vitest run test/drivers/docs -u`)", async () => {
  await expect(driversPage(catalog)).toMatchFileSnapshot(page);
});

function testOf(kind: string): string {
  return readFileSync(join(import.meta.dirname, "..", actionNotes[kind]?.test ?? ""), "utf8");
}

test("every action that shifts a share through an HTTP API is held to the contract of flag services", () => {
  const isAddress = (type: string): boolean =>
    catalog.connections
      .get(type)
      ?.config.safeParse({ url: 1 })
      .error?.issues.some(({ path }) => path[0] === "url") === true;
  const shifting = [...catalog.actions.values()].filter(
    (driver) => driver.traffic && driver.connections.some(isAddress),
  );
  expect(shifting.length).toBeGreaterThan(4);
  const free = shifting.filter(({ kind }) => !testOf(kind).includes("contractOfFlagService({"));
  expect(free.map(({ kind }) => kind)).toEqual([]);
});

describe.each([
  ["actions", catalog.actions, actionNotes],
  ["checks", catalog.checks, checkNotes],
  ["evidence", catalog.evidence, evidenceNotes],
] as const)("the notes on %s", (list, drivers, notes) => {
  it("say something about each driver that is registered, and about no other", () => {
    expect(Object.keys(notes).toSorted()).toEqual([...drivers.keys()].toSorted());
  });

  it("name a test that is there, and that has the driver in its hands", () => {
    const strange = Object.entries(notes).filter(([kind, note]) => {
      const file = join(import.meta.dirname, "..", note.test);
      const driver = new RegExp(`/${kind}(?:-action|-check|-evidence)?\\.ts"`, "u");
      return !existsSync(file) || !driver.test(readFileSync(file, "utf8"));
    });
    expect(strange.map(([kind, note]) => `${kind}: ${note.test}`)).toEqual([]);
  });

  it.each(Object.keys(notes))("%s: the example says nothing wrong", (kind) => {
    const driver = drivers.get(kind);
    const isTraffic = list === "actions" && catalog.actions.get(kind)?.traffic === true;
    const place = isTraffic ? "traffic" : list;
    expect(lint(planWith(place, notes[kind]?.example ?? "", driver?.connections ?? []))).toEqual(
      [],
    );
  });
});

/** A small plan around an example: nothing but what the example needs. */
function planWith(place: string, example: string, types: readonly string[]): string {
  const item = (depth: number): string =>
    example
      .split("\n")
      .map((line, index) => `${" ".repeat(depth)}${index === 0 ? "- " : "  "}${line}`)
      .join("\n");
  const [type] = types;
  const connection = type === undefined ? undefined : exampleConnections[type];
  const named = example.split("\n").map((line) => `    ${line}`);
  return [
    "apiVersion: canary/v1",
    "kind: Plan",
    "name: example",
    "connections:",
    '  prometheus: { type: prometheus, url: "http://localhost:9090" }',
    ...(connection === undefined ? [] : [`  ${connection}`]),
    "metrics:",
    "  error_rate: { bad: 'sum(rate(a[5m]))', total: 'sum(rate(b[5m]))', minSamples: 100 }",
    ...(place === "checks" ? ["checks:", "  example:", ...named] : []),
    "traffic:",
    place === "traffic" ? item(2) : "  - stated: by invitation",
    "stages:",
    "  - name: pilot",
    "    traffic: 5%",
    "    soak: 10m",
    "    gates: [ error_rate < 1% ]",
    ...(place === "checks" ? ["    checks: [ example ]"] : []),
    ...(place === "actions" ? ["    actions:", item(6)] : []),
    ...(place === "evidence" ? ["    evidence:", `${item(6)}\n        as: example.txt`] : []),
    "rollback:",
    "  verify: { within: 10m, gates: [ error_rate < 1% ] }",
    "",
  ].join("\n");
}

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { describe, expect, it } from "vitest";

import { builtInDrivers } from "../../src/drivers/registry.ts";
import type { DriverCatalog } from "../../src/plan/driver-catalog.ts";

const DRIVERS = resolve(import.meta.dirname, "../../src/drivers");
const catalog: DriverCatalog = builtInDrivers();

describe("the registry", () => {
  it("knows each driver by the word that names it, and describes it", () => {
    for (const list of [catalog.actions, catalog.checks, catalog.evidence]) {
      expect(list.size).toBeGreaterThan(0);
      for (const [name, driver] of list) {
        expect(driver.kind).toBe(name);
        expect(driver.description).not.toBe("");
        expect(driver.description).toBe(driver.description.trim());
      }
    }
  });

  it("has a connection type for every connection that a driver asks for", () => {
    for (const list of [catalog.actions, catalog.checks, catalog.evidence]) {
      for (const driver of list.values()) {
        // Its source is on its way.
        const known = driver.connections.filter((type) => type !== "log");
        for (const type of known) expect([...catalog.connections.keys()]).toContain(type);
      }
    }
  });

  it("leaves out no driver that lies in the tree", () => {
    const text = readFileSync(join(DRIVERS, "registry.ts"), "utf8");
    const missing = readdirSync(DRIVERS, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .filter((path) =>
        /^export const \w+(?:: (?:Action|Check|Evidence|Metric)Driver<| = (?:object|wait)Driver<)/m.test(
          readFileSync(join(DRIVERS, path), "utf8"),
        ),
      )
      .filter((path) => !text.includes(`"./${path}"`));
    expect(missing).toEqual([]);
  });

  it("never takes a name that the plan language gives to every action", () => {
    const taken = [
      "connection",
      "undo",
      "read",
      "timeout",
      "ready",
      "outputs",
      "if",
      "name",
      "traffic",
    ];
    expect(taken.filter((word) => catalog.actions.has(word))).toEqual([]);
  });
});

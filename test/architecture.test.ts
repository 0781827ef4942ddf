import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

import { expect, test } from "vitest";

const SRC = resolve(import.meta.dirname, "../src");

/** What each folder may import, beside itself. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  core: [],
  drivers: ["core", "sinks"],
  sinks: ["core", "drivers"],
  plan: ["core", "drivers", "sinks"],
  evidence: ["core"],
  policy: ["core", "plan", "evidence"],
  store: ["core", "evidence"],
  engine: ["core", "plan", "policy", "drivers", "sinks", "store", "evidence"],
  report: ["core", "plan", "policy", "engine", "evidence"],
  sandbox: [],
  backtest: ["core", "plan", "drivers", "store", "engine", "report"],
  serve: ["core", "engine", "evidence", "store"],
  cli: [
    "core",
    "plan",
    "policy",
    "drivers",
    "sinks",
    "store",
    "evidence",
    "engine",
    "report",
    "sandbox",
    "backtest",
    "serve",
  ],
};

/** The contracts and pure helpers of a folder, for those that must not know its implementations. */
const CONTRACTS: Readonly<Record<string, readonly RegExp[]>> = {
  "plan → drivers": [/^drivers\/(driver|json-path|json-path-input|template)\.ts$/u],
  "engine → drivers": [/^drivers\/(driver|exec|http|json-path|template)\.ts$/u],
  "plan → sinks": [/^sinks\/sink\.ts$/u],
  "engine → sinks": [/^sinks\/sink\.ts$/u],
  "drivers → sinks": [/^sinks\/(sink|built-in-sinks|lazy-sinks)\.ts$/u],
  "sinks → drivers": [/^drivers\/(driver|exec|http|template)\.ts$/u],
  "engine → store": [/^store\/store\.ts$/u],
  "engine → plan": [/^plan\/(driver-catalog|digest|load|diagnostic|scenario\/scenario)\.ts$/u],
};

/** The only files that know the drivers: all of them, and those that a way back loads one by one. */
const REGISTRIES: ReadonlySet<string> = new Set([
  "drivers/registry.ts",
  "drivers/way-back-drivers.ts",
]);

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .toSorted();

const imports: readonly Import[] = files.flatMap((from) => {
  const text = readFileSync(join(SRC, from), "utf8");
  const found = [
    ...text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"(\.[^"]+)"/gmu),
    ...text.matchAll(/import\(()"(\.[^"]+)"\)/gu),
  ];
  return found.map(([, isType, to]) => ({
    from,
    to: relative(SRC, resolve(SRC, dirname(from), to ?? "")),
    isType: (isType ?? "") !== "",
  }));
});

const folderOf = (path: string): string => path.split("/", 1)[0] ?? "";

test("every file of src was seen, and stands in a known folder", () => {
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((path) => MAY[folderOf(path)] === undefined)).toEqual([]);
  expect(imports.filter(({ to }) => !files.includes(to))).toEqual([]);
});

test("imports follow the arrows: core ← plan, engine ← store, drivers, report ← cli", () => {
  const wrong = imports.filter(({ from, to }) => {
    const [own, other] = [folderOf(from), folderOf(to)];
    if (own === other) return false;
    if (MAY[own]?.includes(other) !== true) return true;
    const contract = CONTRACTS[`${own} → ${other}`];
    return contract !== undefined && !contract.some((allowed) => allowed.test(to));
  });
  expect(wrong).toEqual([]);
});

test("drivers never import each other: a driver is a file that exports one, and only the registry knows them", () => {
  const isDriver = (path: string): boolean =>
    folderOf(path) === "drivers" &&
    /^export const \w+: (?:ActionDriver|MetricDriver|CheckDriver|EvidenceDriver)</mu.test(
      readFileSync(join(SRC, path), "utf8"),
    );
  const drivers = new Set(files.filter(isDriver));
  expect(drivers.size).toBeGreaterThan(5);
  const wrong = imports.filter(
    ({ from, to, isType }) =>
      drivers.has(to) && !isType && !REGISTRIES.has(from) && folderOf(from) !== "cli",
  );
  expect(wrong).toEqual([]);
});

test("the core is pure: it imports nothing from outside", () => {
  const foreign = files
    .filter((path) => folderOf(path) === "core")
    .filter((path) => /from "(?!\.)/u.test(readFileSync(join(SRC, path), "utf8")));
  expect(foreign).toEqual([]);
});

test("there are no barrels, no default exports, and no file over 300 lines", () => {
  const texts = files.map((path) => ({ path, text: readFileSync(join(SRC, path), "utf8") }));
  expect(texts.filter(({ path }) => path.endsWith("/index.ts")).map(({ path }) => path)).toEqual(
    [],
  );
  expect(
    texts.filter(({ text }) => /^export default/mu.test(text)).map(({ path }) => path),
  ).toEqual([]);
  const long = texts.filter(({ text }) => text.split("\n").length > 301).map(({ path }) => path);
  expect(long).toEqual([]);
});

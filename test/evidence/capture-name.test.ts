import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { assert, property, string } from "fast-check";
import { expect, onTestFinished, test } from "vitest";

import { captureName } from "../../src/evidence/capture-name.ts";
import { writeFileAtomic } from "../../src/evidence/write-file.ts";

test.each([
  "rollout_stage_1.txt",
  "canary-5pct.json",
  "p95 (before).txt".replace(" ", "_"),
  "wyniki_ąę.txt",
  "a+b=c@d,e.tar.gz",
])("the runbook's own name stays as it is: %s", (name) => {
  expect(captureName(name)).toBe(name);
});

test.each([
  ["../../../etc/passwd", /^_[._]*etc_passwd-[\da-f]{8}$/u],
  ["/etc/passwd", /^_etc_passwd-[\da-f]{8}$/u],
  [".bashrc", /^_bashrc-[\da-f]{8}$/u],
  ["-rf", /^_rf-[\da-f]{8}$/u],
  ["a b.txt", /^a_b-[\da-f]{8}\.txt$/u],
  ["a\0b\n.txt", /^a_b_-[\da-f]{8}\.txt$/u],
  ["..", /^_-[\da-f]{8}$/u],
  [".", /^_-[\da-f]{8}$/u],
  ["", /^-[\da-f]{8}$/u],
  [String.raw`a\b`, /^a_b-[\da-f]{8}$/u],
])("a name that would lead elsewhere is cleaned and marked: %j", (name, clean) => {
  expect(captureName(name)).toMatch(clean);
});

test("names that clean to the same stay apart", () => {
  const names = ["a b", "a  b", "a/b", "a_b", "a\tb"];
  expect(new Set(names.map(captureName)).size).toBe(names.length);
});

test("whatever it is given, it names one file of the folder", () => {
  assert(
    property(string({ unit: "binary" }), (text) => {
      const name = captureName(text);
      expect(basename(join("/e", name))).toBe(name);
      expect(Buffer.byteLength(name)).toBeLessThan(200);
      expect(name).not.toMatch(/^\.|^-{2}|[\0/]/u);
    }),
    { numRuns: 1000 },
  );
});

test("a file can be made under every such name", async () => {
  const root = mkdtempSync(join(tmpdir(), "canary-names-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const names = ["x".repeat(5000), "é".repeat(5000), "👍".repeat(500), "..", "", "a/b", "\ud800"];
  for (const name of names) await writeFileAtomic(join(root, captureName(name)), "x");
  expect(readdirSync(root).toSorted()).toEqual(names.map(captureName).toSorted());
});

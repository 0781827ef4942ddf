import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { builtInSinks } from "../../../src/sinks/built-in-sinks.ts";
import { lazySinks } from "../../../src/sinks/lazy-sinks.ts";
import { lint } from "../../plan/support/lint.ts";
import { sinkNotes } from "./sink-notes.ts";
import { generatedParts, withParts } from "./sinks-page.ts";

const PAGE = join(import.meta.dirname, "../../../docs/sinks.md");
const sinks = builtInSinks();

test("docs/sinks.md says what the code says (write it anew with `npx vitest run test/sinks/docs -u`)", async () => {
  const page = readFileSync(PAGE, "utf8");
  await expect(withParts(page, generatedParts(sinks))).toMatchFileSnapshot(PAGE);
});

test("there is a note about each sink, and about no other, and each names a test that has it in its hands", () => {
  expect(Object.keys(sinkNotes).toSorted()).toEqual([...sinks.keys()].toSorted());
  const strange = Object.entries(sinkNotes).filter(([type, note]) => {
    const path = join(import.meta.dirname, "../..", note.test);
    return !existsSync(path) || !readFileSync(path, "utf8").includes(`/${type}.ts"`);
  });
  expect(strange.map(([type]) => type)).toEqual([]);
  // Those that speak HTTP are held to the contract of sinks, each by its name.
  const held = readFileSync(join(import.meta.dirname, "../contract.test.ts"), "utf8");
  const free = [...sinks.keys()].filter((type) => !held.includes(`sink: ${type},`));
  expect(free).toEqual(["email"]);
});

test("an abort knows the same sinks, and when what they opened is closed", () => {
  const closes = (list: ReturnType<typeof builtInSinks>) =>
    [...list].map(([type, sink]) => [type, sink.closes]);
  expect(closes(lazySinks(() => Promise.resolve()))).toEqual(closes(sinks));
});

test.each(Object.entries(sinkNotes))(
  "the example of %s lints clean",
  (_, { connection, lines }) => {
    const plan = `apiVersion: canary/v1
name: example
params: { version: { default: v1.4.0 } }
connections:
  prometheus: { type: prometheus, url: "http://localhost:9090" }
${connection.map((line) => `  ${line}`).join("\n")}
metrics:
  p95: { unit: s, query: 'histogram_quantile(0.95, rate(latency_bucket[5m]))' }
traffic: [ { stated: by invitation } ]
stages: [ { name: pilot, traffic: 5%, soak: 10m, gates: [ p95 < 200ms ] } ]
triggers: { warn: [ p95 > 300ms ] }
rollback: { verify: { gates: [ p95 < 200ms ] } }
on:
${lines.map((line) => `  ${line}`).join("\n")}
`;
    expect(lint(plan).map(({ message, line }) => `${line}: ${message}`)).toEqual([]);
  },
);

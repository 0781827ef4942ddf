import { expect, test } from "vitest";

import { verifyCaptures } from "../../src/evidence/verify-captures.ts";

const PATH = "stages/01-pilot/a.txt";
const file = (sha256: string, path = PATH) => ({ path, sha256, size: 1, at: "" });
const line = (sha256: string, path = PATH) => ({ kind: "capture-taken", path, sha256 });

const said = (...args: Parameters<typeof verifyCaptures>): readonly string[] =>
  verifyCaptures(...args).map(({ kind, path, what }) => `${kind} ${path}: ${what}`);

test("a capture that is as its last line says is fine", () => {
  expect(said([file("b")], [line("a"), line("b"), { kind: "measured" }])).toEqual([]);
});

test("one that no line ever said is a problem", () => {
  expect(said([file("x")], [line("a"), line("b")])).toEqual([
    `problem ${PATH}: it is not what the journal says was taken`,
  ]);
});

test("one that is gone, or as it was before, may lie elsewhere or come from a process that died: a note", () => {
  expect(said([], [line("a")])).toEqual([
    `note ${PATH}: it was taken, and is gone, or lies on the machine that took it`,
  ]);
  expect(said([file("a")], [line("a"), line("b")])).toEqual([
    `note ${PATH}: it was taken again, and this is how it was before`,
  ]);
});

test("a file among the captures that the journal does not know was put there", () => {
  const stranger = file("z", "captures/nice.txt");
  expect(said([file("a"), stranger, file("q", "plan.yaml")], [line("a")])).toEqual([
    "problem captures/nice.txt: the journal does not know it: it was put there",
  ]);
});

test("a journal of before knows no captures, and so accuses nobody", () => {
  expect(said([file("a")], [{ kind: "measured" }])).toEqual([]);
});

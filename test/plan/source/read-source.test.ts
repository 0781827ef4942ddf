import { describe, expect, test } from "vitest";

import { readSource } from "../../../src/plan/source/read-source.ts";

function problems(text: string): readonly string[] {
  return readSource("p.yaml", text).diagnostics.map(
    ({ line, col, endCol, code }) => `${line}:${col}-${endCol} ${code}`,
  );
}

describe("a plan file", () => {
  test("is read as YAML 1.2, with every value's place", () => {
    const { source, diagnostics } = readSource(
      "p.yaml",
      'on: yes\nlist:\n  - a: "x y"\n    b: 1.10\n',
    );
    expect(diagnostics).toEqual([]);
    expect(source?.root).toEqual({ on: "yes", list: [{ a: "x y", b: 1.1 }] });
    expect(source?.at(["list", 0, "b"])).toEqual({ line: 4, col: 8, endLine: 4, endCol: 12 });
    expect(source?.keyAt(["list", 0, "b"])).toEqual({ line: 4, col: 5, endLine: 4, endCol: 6 });
    expect(source?.written(["list", 0, "b"])).toBe("1.10");
    expect(source?.at(["list", 0, "a"], { offset: 2, length: 1 })).toMatchObject({
      line: 3,
      col: 11,
      endCol: 12,
    });
  });

  test("a path that leads nowhere is placed at its nearest parent", () => {
    const { source } = readSource("p.yaml", "a:\n  b: 1\n");
    expect(source?.at(["a", "x", 3])).toMatchObject({ line: 2, col: 3 });
    expect(source?.written(["a", "x"])).toBeNull();
  });

  test("a part of a text with escapes is placed at the whole text", () => {
    const { source } = readSource("p.yaml", 'a: "x\\ty"\n');
    expect(source?.at(["a"], { offset: 2, length: 1 })).toMatchObject({ col: 4, endCol: 10 });
  });

  test("keys that stand twice are told, and the rest is still read", () => {
    const { source } = readSource("p.yaml", "a: 1\nb: 2\na: 3\n");
    expect(source).not.toBeNull();
    expect(problems("a: 1\nb: 2\na: 3\n")).toEqual(["3:1-2 duplicate-key"]);
  });

  test("placeholders without quotes are told all at once, and the rest is still read", () => {
    const text = "a: { soak: ${params.soak}, x: 1 }\nb: ${params.x}\nc: [ ${params.y} ]\n";
    expect(problems(text)).toEqual(["1:12-26 unquoted-placeholder", "3:6-17 unquoted-placeholder"]);
    expect(readSource("p.yaml", text).source?.root).toEqual({
      a: { soak: "${params.soak}", x: 1 },
      b: "${params.x}",
      c: ["${params.y}"],
    });
  });

  test.each([
    ["", "1:1-2 yaml"],
    ["\0\u0001binary", "1:1-2 yaml"],
    ["a:\n\t- b", "2:1-2 yaml"],
    ["a\n---\nb", "2:1-4 yaml"],
    ["a: !foo b", "1:4-8 yaml"],
    ["a: *nope", "1:4-9 yaml"],
    ["a: &x [*x]", "1:8-10 yaml"],
    ["? [a]\n: b", "1:3-6 yaml"],
    ["a: .inf", "1:4-8 yaml"],
    ["__proto__: 1", "1:1-10 yaml"],
    ["a: &x {b: 1}\nc:\n  <<: *x", "3:3-5 yaml"],
    ["%YAML 1.1\n---\na: yes", "1:1-2 yaml"],
    ["[".repeat(20_000), expect.stringContaining("too-large")],
    ["x".repeat(600 * 1024), "1:1-2 too-large"],
  ])("%#: what a plan cannot hold is told at its place", (text, expected) => {
    expect(problems(text)).toEqual([expected]);
  });

  test("aliases that would blow up are refused instead of followed", () => {
    const text = `a: &a [1]\n${level("b", "a")}${level("c", "b")}${level("d", "c")}${level("e", "d")}${level("f", "e")}`;
    expect(problems(text)).toEqual([expect.stringContaining("too-large")]);
    expect(readSource("p.yaml", text).source).toBeNull();
  });
});

function level(name: string, of: string): string {
  return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${of}`).join(", ")}]\n`;
}

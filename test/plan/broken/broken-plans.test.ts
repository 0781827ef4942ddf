import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { lint } from "../support/lint.ts";

const folder = join(import.meta.dirname, "plans");
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

/** `# expect: code line` comments at the head of a broken plan: everything that is told about it, in order. */
function expected(text: string): readonly string[] {
  return [...text.matchAll(/^# expect: (\S+) (\d+)$/gm)].map(([, code, line]) => `${code}@${line}`);
}

describe("a broken plan is told with code and line, once, and nothing else", () => {
  test.each(files)("%s", (name) => {
    const text = readFileSync(join(folder, name), "utf8");
    const marks = name === "empty.yaml" ? ["yaml@1"] : expected(text);
    expect(marks).not.toEqual([]);
    expect(lint(text).map(({ code, line }) => `${code}@${line}`)).toEqual(marks);
  });
});

describe("each problem says what is wrong and what to write", () => {
  test.each(files)("%s", (name) => {
    for (const { message, fix, severity } of lint(readFileSync(join(folder, name), "utf8"))) {
      expect(message).toMatch(/^[^A-Z]/);
      expect(fix).toMatch(/\w{2}/);
      expect(["error", "warning"]).toContain(severity);
    }
  });
});

test("there are many of them", () => {
  expect(files.length).toBeGreaterThan(50);
});

test("a plan cut off anywhere is told, and never throws", () => {
  const text = readFileSync(join(folder, "edit-and-reload-apart.yaml"), "utf8");
  for (let end = 0; end < text.length; end += 7)
    expect(() => lint(text.slice(0, end))).not.toThrow();
});

test("a plan with any line missing never throws, and stays in its lines", () => {
  const lines = readFileSync(join(folder, "many-at-once.yaml"), "utf8").split("\n");
  for (const index of lines.keys()) {
    const text = lines.toSpliced(index, 1).join("\n");
    for (const { line, col } of lint(text)) {
      expect(line).toBeLessThanOrEqual(lines.length);
      expect(col).toBeGreaterThan(0);
    }
  }
});

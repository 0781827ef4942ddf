import { expect, test } from "vitest";

import type { Diagnostic } from "../../src/plan/diagnostic.ts";
import { renderDiagnostic } from "../../src/plan/render-diagnostic.ts";

const diagnostic: Diagnostic = {
  code: "unknown-key",
  severity: "error",
  message: "the key `sok` is unknown here",
  fix: "did you mean soak?",
  file: "plans/x.yaml",
  line: 9,
  col: 5,
  endLine: 9,
  endCol: 8,
  path: ["stages", 0, "sok"],
};
const text = `${"\n".repeat(7)}  - name: pilot\n    sok: 5m\n    traffic: 1%\n`;

test("a diagnostic is shown with its place, frame, code and fix", () => {
  expect(renderDiagnostic(diagnostic, text)).toBe(
    [
      "plans/x.yaml:9:5: error: the key `sok` is unknown here [unknown-key]",
      "     8 |   - name: pilot",
      "  >  9 |     sok: 5m",
      "       |     ^^^",
      "    10 |     traffic: 1%",
      "  fix: did you mean soak?",
    ].join("\n"),
  );
});

test("colour adds only colour", () => {
  const coloured = renderDiagnostic(diagnostic, text, { colour: true });
  expect(coloured).toContain("\u001b[31m");
  // oxlint-disable-next-line no-control-regex
  expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(renderDiagnostic(diagnostic, text));
});

test.each([
  ["at the first line", { line: 1, col: 1, endLine: 1, endCol: 2 }, "a: 1\nb: 2\n"],
  ["at the end of the text", { line: 2, col: 5, endLine: 2, endCol: 6 }, "a: 1\nb: 2"],
  ["beyond the text", { line: 90, col: 500, endLine: 90, endCol: 501 }, "a: 1\n"],
  ["in an empty text", { line: 1, col: 1, endLine: 1, endCol: 2 }, ""],
  ["with Windows lines", { line: 2, col: 4, endLine: 2, endCol: 5 }, "a: 1\r\nb: 2\r\n"],
])("%s a frame still stands", (_, place, source) => {
  const shown = renderDiagnostic({ ...diagnostic, ...place, fix: null }, source);
  expect(shown).toContain("^");
  expect(shown).not.toMatch(/\r|[ \t]$/m);
});

test("the place in a long line is in sight", () => {
  const line = `${"x".repeat(400)}HERE${"y".repeat(400)}`;
  const place = { line: 1, col: 401, endLine: 1, endCol: 405 };
  const shown = renderDiagnostic({ ...diagnostic, ...place, fix: null }, line).split("\n");
  const [, frame = "", carets = ""] = shown;
  expect(frame.length).toBeLessThan(140);
  expect(frame.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1)).toBe("HERE");
});

test("neither the source nor a message can drive the terminal", () => {
  const shown = renderDiagnostic(
    { ...diagnostic, line: 1, col: 1, message: "bad \u001b[2J value" },
    "a: \u001b[2J\n",
  );
  expect(shown).not.toContain("\u001b");
});

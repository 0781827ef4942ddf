import { array, assert, boolean, constantFrom, oneof, property, string, tuple } from "fast-check";
import { describe, expect, it } from "vitest";

import {
  envKeyProblem,
  readEnvKey,
  removeEnvKey,
  setEnvKey,
} from "../../../src/drivers/env/env-text.ts";

describe("the text of an env file", () => {
  it.each([
    ["A=1\nB=2\n", "B", "2"],
    ["A=1", "A", "1"],
    ["export A='x y'  # why\n", "A", "'x y'  # why"],
    ["  A = 1\r\nB=2\r\n", "A", "1"],
    ["A=\n", "A", ""],
    ["A=1\nA=2\n", "A", "2"],
    ["\uFEFFA=1\n", "A", "1"],
    ["#A=1\nAA=2\nB_A=3\n", "A", null],
    ["", "A", null],
    ["A\n", "A", null],
  ])("%j has %s = %j", (text, key, raw) => {
    expect(readEnvKey(text, key)).toBe(raw);
  });

  it.each([
    ["# head\nA=1 \nB=2\n", "A", "9", "# head\nA=9\nB=2\n"],
    ["export A=1\r\nB=2\r\n", "A", "9", "export A=9\r\nB=2\r\n"],
    ["A=1\nA=2\n", "A", "9", "A=1\nA=9\n"],
    ["A=1\n", "B", "9", "A=1\nB=9\n"],
    ["A=1", "B", "9", "A=1\nB=9"],
    ["A=1\r\n", "B", "9", "A=1\r\nB=9\r\n"],
    ["", "B", "9", "B=9\n"],
    ["A=$&\n", "A", "$1$&", "A=$1$&\n"],
  ])("%j with %s set to %j is %j", (text, key, raw, wanted) => {
    expect(setEnvKey(text, key, raw)).toBe(wanted);
  });

  it("is the same to the byte after a set and its undo, whatever else is in it", () => {
    const line = oneof(
      constantFrom("# note", "", "  ", "A=1", "export KEY=old", "KEY = x # y", "KEY=", "X KEY=3"),
      string().map((text) => text.replaceAll(/[\r\n]/g, " ")),
    );
    const file = tuple(array(line), constantFrom("\n", "\r\n"), boolean()).map(
      ([lines, eol, ends]) => lines.join(eol) + (ends && lines.length > 0 ? eol : ""),
    );
    let [changed, added] = [0, 0];
    assert(
      property(file, (text) => {
        const before = readEnvKey(text, "KEY");
        const set = setEnvKey(text, "KEY", "new");
        expect(readEnvKey(set, "KEY")).toBe("new");
        const back = before === null ? removeEnvKey(set, "KEY") : setEnvKey(set, "KEY", before);
        expect(back).toBe(text);
        if (before === null) added += 1;
        else changed += 1;
      }),
    );
    expect(changed).toBeGreaterThan(5);
    expect(added).toBeGreaterThan(5);
  });

  it("removes nothing where there is nothing", () => {
    expect(removeEnvKey("A=1\n", "B")).toBe("A=1\n");
  });

  it("refuses a value that goes on over several lines", () => {
    expect(envKeyProblem('A="one\ntwo"\n', "A")).toContain("several lines");
    expect(envKeyProblem("A='one' # it's\n", "A")).toBeNull();
    expect(envKeyProblem("B=1\n", "A")).toBeNull();
  });
});

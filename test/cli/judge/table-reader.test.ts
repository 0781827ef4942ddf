import { describe, expect, it } from "vitest";

import { splitCsv } from "../../../src/cli/judge/split-csv.ts";
import { tableReader, type BadRow, type Row } from "../../../src/cli/judge/table-reader.ts";
import { textLines } from "../../../src/cli/judge/text-lines.ts";

const HEADER = "run,canary_events,canary_total,stable_events,stable_total";
const ROW: Row = {
  run: "a",
  metric: "",
  canary: { events: 1, total: 10 },
  stable: { events: 2, total: 200 },
};

function readAll(text: string, isCount = false): readonly (Row | BadRow | null)[] {
  return text.split("\n").map(tableReader(isCount));
}

describe("a table", () => {
  it("of CSV has a header, columns in any order, and others that are passed over", () => {
    expect(readAll(`${HEADER}\na,1,10,2,200`)).toEqual([null, ROW]);
    const other = "look,stable_total, run ,stable_events,canary_total,canary_events";
    expect(readAll(`${other}\r\n\n7,2e2,a,2,10.0, 1 \r`)).toEqual([null, null, ROW]);
    expect(readAll(`${HEADER},metric\n"a, ""b""",1,10,2,200,p95`)[1]).toMatchObject({
      run: 'a, "b"',
      metric: "p95",
    });
  });

  it("of NDJSON is one from its first line on", () => {
    const json =
      '{"run":7,"canary_events":1,"canary_total":10,"stable_events":2,"stable_total":200}';
    expect(readAll(`${json}\n${json}`)).toEqual([
      { ...ROW, run: 7 },
      { ...ROW, run: 7 },
    ]);
  });

  it.each([
    ["a,1,10,2", "4 cells, but the first line names 5 columns"],
    ["a,1,10,2,200,9", "6 cells"],
    [",1,10,2,200", 'run "" is no name'],
    ["a,,10,2,200", 'canary_events "" is no count'],
    ["a,1,-10,2,200", 'canary_total "-10" is no count'],
    ["a,1,10,NaN,200", 'stable_events "NaN" is no count'],
    ["a,1,10,2,1e999", 'stable_total "1e999" is no count'],
    ["a,0x1,10,2,200", 'canary_events "0x1" is no count'],
    ["a,11,10,2,200", "canary_events 11 is more than canary_total 10"],
    ["a,1,10,201,200", "stable_events 201 is more than stable_total 200"],
    ["a,1,0,2,200", "canary_events 1 is more than canary_total 0"],
    ['"a,1,10,2,200', "a quote is not closed"],
  ])("tells what is wrong with the row %s", (row, problem) => {
    const [header, read] = readAll(`${HEADER}\n${row}`);
    expect(header).toBeNull();
    expect(read).toMatchObject({ problem: expect.stringContaining(problem) as string });
  });

  it.each([
    ["{", "not a JSON object"],
    ["{}\n[]", "not a JSON object"],
    ["{}\nnull", "not a JSON object"],
    ["{}", "run (missing) is no name"],
    ['{"run":{}}', "run {} is no name"],
    ['{"run":"a","canary_events":null}', "canary_events null is no count"],
    ['{"run":"a","canary_events":true}', "canary_events true is no count"],
    ["run,canary_events", "missing: canary_total, stable_events, stable_total"],
    ["a,1,10,2,200", `has to name the columns ${HEADER}`],
    [`${HEADER},run`, "the column run stands twice"],
  ])("tells what is wrong with %s", (text, problem) => {
    expect(readAll(text).at(-1)).toMatchObject({
      problem: expect.stringContaining(problem) as string,
    });
  });

  it("of pure counts has an exposure of any size, but not none", () => {
    const read = readAll(`${HEADER}\na,40,0.01,3000,0.99\na,1,0,2,1`, true);
    expect(read[1]).toMatchObject({ canary: { events: 40, total: 0.01 } });
    expect(read[2]).toEqual({ problem: "canary_events 1 without any canary_total", column: 3 });
  });

  it.each([
    ["a,1,10,-2,200", 8],
    ['"a, ""b""",1,10,2,x', 19],
    [",1,10,2,200", 1],
    ["a,1,10,2", 1],
    ["a,11,10,2,200", 3],
  ])("tells where in the row %s", (row, column) => {
    expect(readAll(`${HEADER}\n${row}`)[1]).toMatchObject({ column });
  });

  it("tells where in a line of NDJSON", () => {
    expect(readAll('{"run":"a", "canary_events":-1}')[0]).toMatchObject({ column: 13 });
    expect(readAll('{"run":"a"}')[0]).toMatchObject({ column: 1 });
  });
});

it.each([
  ["a,b", ["a", "b"]],
  ["", [""]],
  [",", ["", ""]],
  ['"a",b', ["a", "b"]],
  ['a,""', ["a", ""]],
  ['"a""",","', ['a"', ","]],
  ['"a"b,c', null],
  ['a,"b', null],
  ['"""', null],
])("the cells of %s", (line, cells) => {
  expect(splitCsv(line)).toEqual(cells);
});

it("lines come whole from chunks cut anywhere, the last with or without its end", async () => {
  const text = "\uFEFFone\ntwo\n\nthree";
  for (let size = 1; size <= text.length; size += 1) {
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
      text.slice(at * size, (at + 1) * size),
    );
    const found: string[] = [];
    for await (const lines of textLines(streamOf(chunks))) found.push(...lines);
    expect(found).toEqual(["one", "two", "", "three"]);
  }
});

async function* streamOf(chunks: readonly string[]): AsyncGenerator<string> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

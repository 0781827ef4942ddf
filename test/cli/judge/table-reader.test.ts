import { describe, expect, it } from "vitest";

import { splitCsv } from "../../../src/cli/judge/split-csv.ts";
import { tableReader, type BadLine, type Row } from "../../../src/cli/judge/table-reader.ts";
import { textLines } from "../../../src/cli/judge/text-lines.ts";

const HEADER = "run,canary_events,canary_total,stable_events,stable_total";
const ROW: Row = {
  run: "a",
  metric: "",
  canary: { events: 1, total: 10 },
  stable: { events: 2, total: 200 },
};

function problemsOf(line: Row | BadLine | null | undefined): readonly string[] {
  return line !== null && line !== undefined && "problems" in line
    ? line.problems.map(({ problem }) => problem)
    : [];
}

function readAll(text: string, isCount = false): readonly (Row | BadLine | null)[] {
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

  it("has metrics by name or number, and may have other columns twice", () => {
    const json =
      '{"run":"a","metric":1,"canary_events":1,"canary_total":10,"stable_events":2,"stable_total":200}';
    expect(readAll(json)).toEqual([{ ...ROW, metric: "1" }]);
    expect(readAll(`${HEADER},,\na,1,10,2,200,,`)).toEqual([null, ROW]);
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
    ["a,1,10,2,1e999", 'stable_total "1e999" is too large: write 9007199254740991 at most'],
    ["a,0x1,10,2,200", 'canary_events "0x1" is no count'],
    ["a,11,10,2,200", "canary_events 11 is more than canary_total 10"],
    ["a,1,10,201,200", "stable_events 201 is more than stable_total 200"],
    ["a,1,0,2,200", "canary_events 1 is more than canary_total 0"],
    ['"a,1,10,2,200', "a quote is not closed"],
  ])("tells what is wrong with the row %s", (row, problem) => {
    const [header, read] = readAll(`${HEADER}\n${row}`);
    expect(header).toBeNull();
    expect(problemsOf(read)).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    ["{", "not a JSON object"],
    ["{}\n[]", "not a JSON object"],
    ["{}\nnull", "not a JSON object"],
    ["{}", "run (missing) is no name"],
    ['{"run":{}}', "run {} is no name"],
    ['{"run":"a","canary_events":null}', "canary_events null is no count"],
    ['{"run":"a","canary_events":true}', "canary_events true is no count"],
    ['{"run":"a","canary_events":1e999}', "canary_events Infinity is too large"],
    ['{"run":"a","metric":[]}', "metric [] is no name"],
    ['[{"run":"a"}]', "seems to be a JSON array: write one object a line"],
    [HEADER.replaceAll(",", ";"), "set apart by semicolons: write commas"],
    [HEADER.replaceAll(",", "\t"), "set apart by tabs: write commas"],
    ["run,canary_events", "missing: canary_total, stable_events, stable_total"],
    ["a,1,10,2,200", `has to name the columns ${HEADER}`],
    [`${HEADER},run`, "the column run stands twice"],
  ])("tells what is wrong with %s", (text, problem) => {
    expect(problemsOf(readAll(text).at(-1))[0]).toContain(problem);
  });

  it("of pure counts has an exposure of any size, but not none", () => {
    const read = readAll(`${HEADER}\na,40,0.01,3000,0.99\na,1,0,2,1`, true);
    expect(read[1]).toMatchObject({ canary: { events: 40, total: 0.01 } });
    expect(problemsOf(read[2])).toEqual([
      "canary_events 1 without any canary_total: state the exposure that they come from",
    ]);
  });

  it.each([
    ["a,1,10,-2,200", 8],
    ['"a, ""b""",1,10,2,x', 19],
    [",1,10,2,200", 1],
    ["a,1,10,2", 1],
    ["a,11,10,2,200", 3],
  ])("tells where in the row %s", (row, column) => {
    expect(readAll(`${HEADER}\n${row}`)[1]).toMatchObject({ problems: [{ column }] });
  });

  it("tells where in a line of NDJSON", () => {
    const [line] = readAll('{"run":"a", "canary_events":-1, "canary_total":"x"}');
    const columns = line !== null && line !== undefined && "problems" in line ? line.problems : [];
    expect(columns.map(({ column }) => column)).toEqual([13, 33, 1, 1]);
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

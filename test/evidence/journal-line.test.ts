import { createHash } from "node:crypto";

import { array, assert, integer, json, property, string, tuple } from "fast-check";
import { expect, test } from "vitest";

import { createChain, parseJournal, type Link } from "../../src/evidence/journal-line.ts";

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

/** Lines of one epoch with these texts, and the last of them. */
function journal(
  texts: readonly string[],
  previous: Link | null = null,
  epoch = 1,
): { readonly lines: readonly string[]; readonly last: Link | null } {
  const chain = createChain(previous);
  const lines = texts.map((text, index) =>
    chain.line({
      at: AT + index,
      mono: index,
      epoch,
      actor: "ana",
      event: { kind: "noted", text },
    }),
  );
  const line = lines.at(-1);
  const last = line === undefined ? previous : { seq: (previous?.seq ?? 0) + lines.length, line };
  return { lines, last };
}

const problemsOf = (lines: readonly string[], previous: Link | null = null): readonly string[] =>
  parseJournal(lines, previous).problems;

test("a line has the fields of the design, in UTC, linked to the exact bytes before it", () => {
  const { lines } = journal(["ä", "b"]);
  expect(lines[0]).toBe(
    '{"v":1,"seq":1,"at":"2026-01-02T03:04:05.006Z","mono":0,"epoch":1,"actor":"ana","prev":null,"event":{"kind":"noted","text":"ä"}}',
  );
  const hash = createHash("sha256")
    .update(Buffer.from(lines[0] ?? "", "utf8"))
    .digest("hex");
  expect(JSON.parse(lines[1] ?? "")).toMatchObject({ seq: 2, prev: hash });
});

test("what was written is read back, whatever is in it, and no line holds a newline", () => {
  const texts = array(string({ unit: "binary", maxLength: 50 }), { minLength: 1, maxLength: 10 });
  assert(
    property(texts, json(), (all, extra) => {
      const { lines } = journal([...all, extra]);
      expect(lines.every((line) => !/[\r\n]/u.test(line))).toBe(true);
      const { entries, problems } = parseJournal<{ kind: string; text: string }>(
        lines.map((line) => Buffer.from(line, "utf8").toString("utf8")),
      );
      expect(problems).toEqual([]);
      expect(entries.map(({ event }) => event.text)).toEqual([...all, extra]);
      expect(entries.map(({ seq }) => seq)).toEqual(all.concat(extra).map((_, index) => index + 1));
    }),
  );
});

test("an epoch goes on from the last line that its claimant saw", () => {
  const first = journal(["a", "b"]);
  const second = journal(["c"], first.last, 2);
  expect(problemsOf(second.lines, first.last)).toEqual([]);
  expect(problemsOf(second.lines, journal(["a"]).last)).toEqual([
    "line 1 is not linked to the line before it",
    "line 1 has number 3, not 2",
  ]);
});

test("every change of any byte of any line but the last shows", () => {
  const { lines } = journal(["one", "two", "three", "four"]);
  const place = tuple(
    integer({ min: 0, max: 2 }),
    integer({ min: 0, max: 500 }),
    integer({ min: 32, max: 126 }),
  );
  assert(
    property(place, ([number, offset, byte]) => {
      const line = lines[number] ?? "";
      const at = offset % line.length;
      const changed = line.slice(0, at) + String.fromCodePoint(byte) + line.slice(at + 1);
      const problems = problemsOf(lines.with(number, changed));
      expect(problems.length > 0).toBe(changed !== line);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["removed", (lines: readonly string[]) => lines.toSpliced(1, 1)],
  ["doubled", (lines: readonly string[]) => lines.toSpliced(1, 0, lines[1] ?? "")],
  ["swapped", (lines: readonly string[]) => [lines[0], lines[2], lines[1], lines[3]].map(String)],
  ["emptied", (lines: readonly string[]) => lines.with(1, "")],
])("a line that was %s shows", (_, change) => {
  expect(problemsOf(change(journal(["1", "2", "3", "4"]).lines))).not.toEqual([]);
});

test("a cut end does not show in the chain alone: that is what signed heads are for", () => {
  expect(problemsOf(journal(["1", "2", "3"]).lines.slice(0, 2))).toEqual([]);
});

test.each([
  "",
  "null",
  "[]",
  "3",
  "{",
  '{"v":2,"seq":1,"at":"2026-01-01T00:00:00.000Z","mono":0,"epoch":1,"actor":"a","prev":null,"event":{"kind":"x"}}',
  '{"v":1,"seq":1.5,"at":"2026-01-01T00:00:00.000Z","mono":0,"epoch":1,"actor":"a","prev":null,"event":{"kind":"x"}}',
  '{"v":1,"seq":1,"at":"soon","mono":0,"epoch":1,"actor":"a","prev":null,"event":{"kind":"x"}}',
  '{"v":1,"seq":1,"at":"2026-01-01T00:00:00.000Z","mono":0,"epoch":1,"actor":3,"prev":null,"event":{"kind":"x"}}',
  '{"v":1,"seq":1,"at":"2026-01-01T00:00:00.000Z","mono":0,"epoch":1,"actor":"a","prev":7,"event":{"kind":"x"}}',
  '{"v":1,"seq":1,"at":"2026-01-01T00:00:00.000Z","mono":0,"epoch":1,"actor":"a","prev":null,"event":null}',
])("what is not a line of a journal is named, and the others are still read: %s", (bad) => {
  const { lines } = journal(["a", "b"]);
  const { entries, problems } = parseJournal([...lines, bad, ...journal(["c"]).lines]);
  expect(problems).toEqual(["line 3 is not a line of a journal"]);
  expect(entries).toHaveLength(3);
});

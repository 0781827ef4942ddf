import { join } from "node:path";

import { expect, test } from "vitest";

import type { CommandSpec } from "../../src/cli/command-spec.ts";
import { commandTable } from "../../src/cli/command-table.ts";
import { exitCodes } from "../../src/cli/exit-codes.ts";

const docs = join(import.meta.dirname, "../../docs");
const ANEW = "write it anew with `npx vitest run test/cli/docs.test.ts -u`";

test(`docs/cli.md has every command and option (${ANEW})`, async () => {
  await expect(cliPage()).toMatchFileSnapshot(join(docs, "cli.md"));
});

test(`docs/exit-codes.md has every exit code (${ANEW})`, async () => {
  await expect(exitCodesPage()).toMatchFileSnapshot(join(docs, "exit-codes.md"));
});

test("every exit code stands once, and says what to do next", () => {
  const codes = exitCodes.map(({ code }) => code);
  expect(codes).toEqual([...new Set(codes)].toSorted((a, b) => a - b));
  for (const { next, means, production } of exitCodes)
    for (const text of [next, means, production]) expect(text).toMatch(/^\S.*[^.]$/u);
});

function cliPage(): string {
  const groups = [...new Set(commandTable.map(({ group }) => group))];
  return [
    "# The command line",
    "",
    "`canary help COMMAND` says the same. Data goes to stdout, words for people to stderr; how a command ends is told by",
    "its [exit code](exit-codes.md). A rollout is named by its id, or by a beginning or end of it that no other has.",
    "",
    ...groups.flatMap((group) => [
      `## ${group.charAt(0).toUpperCase()}${group.slice(1)}`,
      "",
      ...commandTable.filter((spec) => spec.group === group).flatMap(commandSection),
    ]),
    "## Environment",
    "",
    ...table(
      ["variable", "what"],
      [
        [
          "`CANARY_STATE_DIR`",
          "where the signing key and the index of rollouts lie (default: `~/.local/state/canary`)",
        ],
        ["`CANARY_BY`", "who acts, for the journal, where `--by` is not given"],
        ["`NO_COLOR`, `FORCE_COLOR`", "no colour, or colour also where stdout is no terminal"],
        ["`TERM=dumb`", "lines only: nothing is redrawn"],
      ],
    ),
    "",
  ].join("\n");
}

function commandSection(spec: CommandSpec): readonly string[] {
  const usage = ["canary", spec.name, spec.args].filter((part) => part !== "").join(" ");
  const options = spec.options.map(({ flags, about }) => [`\`${flags}\``, about]);
  return [
    `### canary ${spec.name}`,
    "",
    `\`${usage}\`: ${spec.summary}.`,
    "",
    ...(spec.details === "" ? [] : [spec.details, ""]),
    ...(options.length === 0 ? [] : [...table(["option", "what"], options), ""]),
    "```",
    ...spec.examples,
    "```",
    "",
  ];
}

function exitCodesPage(): string {
  return [
    "# Exit codes",
    "",
    "`start`, `resume`, `rehearse` and `abort` exit with the code of the rollout's end, so a good abort exits 31. Codes never",
    "change their meaning.",
    "",
    ...table(
      ["code", "name", "means", "production has", "next"],
      exitCodes.map(({ code, name, means, production, next }) => [
        String(code),
        name,
        means,
        production,
        next,
      ]),
    ),
    "",
    "In a script: 0 goes on, 30 and 31 are safe (the old version serves), 2 and 20 to 22 changed nothing, 32 waits for a",
    "person, and 40 to 42 page one.",
    "",
    "31 and 30 are about the targets, not about the journal: an abort, `guard` and `reap` also read what the journal does not say",
    "was set, and restore it where it has a value that only the plan gives. A journal whose last lines are lost, with a disk or in",
    "a store that came back from a backup, is told (`the journal lost lines: …`) and does not make them 31 by itself. Where such a",
    "field cannot be read, the end is 41 and names it: everything else is back, and `canary abort` again, from where it can be",
    "read, ends 31. A value of somebody else in a field that the rollout never set is left alone and changes no exit code. What a",
    "plan does by a command leaves nothing to be read: where lines are lost, its undo is run with the rest.",
    "",
    "Through `npx`, a Ctrl-C ends in 130: that is npm's own. The rollout was rolled back all the same, and `canary list` has its",
    "code.",
    "",
  ].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [line(cells[0] ?? []), line(rule), ...cells.slice(1).map(line)];
}

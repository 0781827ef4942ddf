import { readFileSync, existsSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { describe, expect, test } from "vitest";

import { commandTable } from "../../src/cli/command-table.ts";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { builtInDrivers } from "../../src/drivers/registry.ts";
import { loadPlan } from "../../src/plan/load-plan.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const read = (page: string): string => readFileSync(join(ROOT, page), "utf8");

test("the plan of the README lints clean", () => {
  const text = /```yaml\n(.*?)```/su.exec(read("README.md"))?.[1] ?? "";
  const { plan, diagnostics } = loadPlan(
    { path: "README.md", text },
    { catalog: builtInDrivers(), set: {}, useExamples: true },
  );
  expect(diagnostics).toEqual([]);
  expect(plan?.stages.map(({ name }) => name)).toEqual(["pilot", "quarter", "all"]);
});

test("the README has every exit code that a command ends with", () => {
  const table = read("README.md").split("## Exit codes")[1]?.split("## ")[0] ?? "";
  const used = exitCodes.filter(({ means }) => !means.startsWith("reserved"));
  const missing = used.filter(({ code }) => !new RegExp(`\\b${code}\\b`, "u").test(table));
  expect(missing).toEqual([]);
});

describe.each(pages)("%s", (page) => {
  const text = read(page);

  test("links lead to files that are there", () => {
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/gu))
      expect(existsSync(resolve(ROOT, dirname(page), target)), target).toBe(true);
  });

  test("files that it names are there", () => {
    const named = text.matchAll(/`((?:src|test|plans|docs|bench|bin|schema|scripts)\/[\w./-]+)`/gu);
    // A word in capitals stands for a name of one's own.
    const paths = [...named].flatMap(([, path = ""]) =>
      /\b[A-Z]{2,}\b/u.test(path) ? [] : [path],
    );
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("commands and options that it shows are there", () => {
    for (const [line, name = ""] of text.matchAll(/(?<=^|`|npx |\s)canary ([a-z]+)[^\n`|]*/gmu)) {
      const spec = commandTable.find((each) => each.name === name);
      if (spec === undefined) continue;
      const flags = [...spec.options.map(({ flags }) => flags.split(" ")[0]), "--help"];
      // What stands behind a pipe or a comment belongs to another command.
      for (const [option] of (line.split(/[|#;]|&&/u)[0] ?? "").matchAll(/(?<=\s)--[a-z][a-z-]*/gu))
        expect(flags, line).toContain(option);
    }
  });
});

test("every line of a code block that begins with canary is one of its commands", () => {
  const unknown = pages.flatMap((page) =>
    [...read(page).matchAll(/^```\w*\n(.*?)^```/gmsu)]
      .flatMap(([, block = ""]) => [...block.matchAll(/^ *(?:npx )?canary ([a-z]+)/gmu)])
      .filter(([, name]) => !commandTable.some((spec) => spec.name === name) && name !== "help")
      .map(([line]) => `${page}: ${line}`),
  );
  expect(unknown).toEqual([]);
});

import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { execa } from "execa";

import type { Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";

/**
 * Seeds one bug after another into copies of the tree and runs the tests of the core against each: `npm run mutation`,
 * or `npm run mutation -- WORDS` for those whose name contains the words. Four to eight minutes for all.
 * Exits 1 when a bug is not noticed, or when the tests fail without one.
 */

const ROOT = resolve(import.meta.dirname, "../..");
const WORKERS = 2;
/** The tests take about four seconds: a bug that makes the machine run in circles is noticed by this. */
const LIMIT_MS = 90_000;

type Verdict =
  | { readonly kind: "caught"; readonly by: string }
  | { readonly kind: "survived" }
  | { readonly kind: "broken"; readonly why: string };

interface VitestReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly title: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

async function copyTree(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "canary-mutation-"));
  const parts = ["src", "test/core", "test/support", "test/mutation", "test/tsconfig.json"];
  for (const part of [...parts, "package.json", "tsconfig.base.json", "tsconfig.json"])
    await cp(join(ROOT, part), join(folder, part), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** What the tests of the core say about a tree. */
async function test(folder: string): Promise<Verdict> {
  const output = join(folder, "report.json");
  await rm(output, { force: true });
  const ran = await execa(
    process.execPath,
    [
      join(ROOT, "node_modules/vitest/vitest.mjs"),
      "run",
      "--root",
      folder,
      "--config",
      join(folder, "test/mutation/vitest.config.ts"),
      `--outputFile=${output}`,
    ],
    { cwd: folder, reject: false, timeout: LIMIT_MS, killSignal: "SIGKILL", stdin: "ignore" },
  );
  if (ran.timedOut) return { kind: "caught", by: `no end within ${LIMIT_MS / 1000} s` };
  const text = await readFile(output, "utf8").catch(() => null);
  if (text === null) return { kind: "broken", why: ran.stderr.slice(0, 300) };
  const report = JSON.parse(text) as VitestReport;
  for (const file of report.testResults) {
    const failed = file.assertionResults.find(({ status }) => status === "failed");
    if (failed !== undefined)
      return { kind: "caught", by: invariantIn(failed.failureMessages) ?? failed.title };
    // A tree that does not load was not tested: the seeded text is wrong, which is no merit of the tests.
    if (file.assertionResults.length === 0) return { kind: "broken", why: file.message };
  }
  return ran.exitCode === 0
    ? { kind: "survived" }
    : { kind: "broken", why: ran.stderr.slice(0, 300) };
}

/** The name of the rule that a random history broke, which says more than the title of the one test of all rules. */
function invariantIn(messages: readonly string[]): string | null {
  const found = /Error: ([a-z][^:\n]*): (?:step|the end)/.exec(messages.join("\n"));
  return found?.[1] === undefined ? null : `the rule "${found[1]}"`;
}

async function testWith(mutant: Mutant, folder: string): Promise<Verdict> {
  const path = join(folder, "src", mutant.file);
  const text = await readFile(path, "utf8");
  const times = text.split(mutant.find).length - 1;
  if (times !== 1)
    return {
      kind: "broken",
      why: `the text stands ${times} times in ${mutant.file}: ${mutant.find}`,
    };
  try {
    await writeFile(
      path,
      text.replace(mutant.find, () => mutant.become),
    );
    return await test(folder);
  } finally {
    await writeFile(path, text);
  }
}

async function work(
  queue: Mutant[],
  folder: string,
  verdicts: Map<string, Verdict>,
): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const verdict = await testWith(next, folder);
    verdicts.set(next.name, verdict);
    const said =
      verdict.kind === "caught"
        ? verdict.by
        : verdict.kind === "broken"
          ? verdict.why.trim()
          : "nobody noticed";
    console.log(`${verdict.kind.padEnd(8)}  ${next.name.padEnd(58)}  ${said.slice(0, 90)}`);
  }
}

async function main(words: readonly string[]): Promise<number> {
  const wanted = mutants.filter(({ name }) => words.every((word) => name.includes(word)));
  const began = Date.now();
  const folders = await Promise.all(Array.from({ length: WORKERS }, copyTree));
  const verdicts = new Map<string, Verdict>();
  try {
    const untouched = await test(folders[0] ?? "");
    if (untouched.kind !== "survived") {
      console.log(`the tests fail without a seeded bug: ${JSON.stringify(untouched)}`);
      return 1;
    }
    const queue = [...wanted];
    await Promise.all(folders.map((folder) => work(queue, folder, verdicts)));
  } finally {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }
  const count = (kind: Verdict["kind"]) =>
    [...verdicts.values()].filter((verdict) => verdict.kind === kind).length;
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(
    `\n${count("caught")} of ${wanted.length} seeded bugs caught, ${count("survived")} survived, ${count("broken")} could not be seeded, in ${seconds} s`,
  );
  return wanted.length > 0 && count("caught") === wanted.length ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));

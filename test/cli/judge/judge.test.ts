import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";

import { describe, expect, it } from "vitest";

import { judgedRuns, type JudgedLook } from "../../../src/cli/judge/judged-runs.ts";
import { averageE } from "../../../src/core/judge/average-e.ts";
import { addLook, readRateTest, startRateTest } from "../../../src/core/judge/rate-test.ts";
import { folderForTest, runCanary } from "../../e2e/support/run-canary.ts";
import { afterTest } from "../../support/after-test.ts";
import { present } from "../../support/present.ts";
import { lookAt, randomFrom, steady } from "../../support/simulate.ts";

const BIN = resolve(import.meta.dirname, "../../../bin/canary.js");
const HEADER = "run,canary_events,canary_total,stable_events,stable_total";
const OPTIONS = { alpha: 0.05, margin: 1, noWorseThan: 2, designEffect: 1 };

/** Two runs, their rows mixed: one whose canary fails ten times as often, one that is healthy. */
const looks = (() => {
  const random = randomFrom(4);
  return Array.from({ length: 60 }, (_, at) => [
    { run: "bad", metric: "", ...lookAt({ ...steady, ratio: 10 }, at, random) },
    { run: "good", metric: "", ...lookAt({ ...steady, share: () => 0.2 }, at, random) },
  ]).flat();
})();

const table = [
  HEADER,
  ...looks.map(({ run, canary, stable }) =>
    [run, canary.events, canary.total, stable.events, stable.total].join(","),
  ),
].join("\n");

function parsed(stdout: string): readonly JudgedLook[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as JudgedLook);
}

async function judge(text: string, args: readonly string[] = []) {
  const folder = folderForTest();
  writeFileSync(join(folder, "looks"), text);
  return runCanary(folder, ["judge", "looks", ...args]);
}

describe("canary judge", () => {
  it("prints a line for each row, which is what the tests of the core say", async () => {
    const { code, stdout, stderr } = await judge(table);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = parsed(stdout);
    expect(lines).toHaveLength(looks.length);
    for (const name of ["bad", "good"]) {
      const own = looks.filter(({ run }) => run === name);
      const last = readRateTest(own.reduce(addLook, startRateTest(OPTIONS)));
      const { verdict, e, p, ratio, lower } = last;
      expect(lines.findLast(({ run }) => run === name)).toEqual({
        run: name,
        look: own.length,
        verdict,
        e,
        p,
        ratio,
        lower,
      });
    }
    expect(lines.at(-2)).toMatchObject({ run: "bad", verdict: "worse" });
    expect(lines.at(-1)).toMatchObject({ run: "good", verdict: "no-worse" });
  });

  it("has a verdict that stays, and looks that are counted by run", async () => {
    const { stdout } = await judge(table, ["--no-worse-than", "2.5", "--alpha", "0.01"]);
    for (const name of ["bad", "good"]) {
      const own = parsed(stdout).filter(({ run }) => run === name);
      expect(own.map(({ look }) => look)).toEqual(own.map((_, at) => at + 1));
      const first = own.findIndex(({ verdict }) => verdict !== "undecided");
      expect(first).toBeGreaterThanOrEqual(0);
      expect(new Set(own.slice(first).map(({ verdict }) => verdict)).size).toBe(1);
      expect(own.slice(0, first).every(({ p }) => p > 0.01)).toBe(true);
    }
  });

  it("prints what came before a row that is none, and names all that is wrong with the table", async () => {
    const broken = [HEADER, "a,0,100,5,9900", "a,1,ten,5,+2", "a,0,100,5,9900", "a,1,2"].join("\n");
    const { code, stdout, stderr } = await judge(broken);
    expect(code).toBe(2);
    expect(parsed(stdout)).toHaveLength(1);
    expect(stderr).toBe(
      [
        'canary: looks:3:5: canary_total "ten" is no count: write a number, 0 or more',
        'looks:3:11: stable_total "+2" is no count: write a number, 0 or more',
        "looks:5:1: 3 cells, but the first line names 5 columns: write one for each",
        "",
      ].join("\n"),
    );
  });

  it("tells the first twenty of many problems, and of a stream what has come", async () => {
    const many = [HEADER, ...Array.from({ length: 50 }, () => "a,0,x,5,9900")].join("\n");
    const told = (await judge(many)).stderr.trimEnd().split("\n");
    expect(told).toHaveLength(21);
    expect(told[19]).toContain("looks:21:5:");
    expect(told[20]).toBe("and more: only the first ones are told");
    const child = spawn(process.execPath, [BIN, "judge", "-"], { stdio: "pipe" });
    afterTest(() => void child.kill("SIGKILL"));
    child.stdin.write(`${HEADER}\na,0,x,5,9900\n`);
    const stderr = await text(child.stderr);
    expect(stderr).toContain("stdin:2:5:");
    expect(child.stdin.writableEnded).toBe(false);
  });

  it.each([
    [["--alpha", "0"], "alpha 0 is not between 0 and 1"],
    [["--alpha", "5%"], "--alpha 5% is no number: write it like 0.05"],
    [["--margin", "3"], "no-worse-than 2 is below the margin 3"],
    [["--design-effect", "0.9"], "design effect 0.9 is below 1"],
    [["--no-worse-than", "0.5"], "no-worse-than 0.5 is below the margin 1"],
    [
      ["--metrics", "0", "--alpha", "1", "--margin", "2e6", "--design-effect", "x"],
      "--metrics 0: write a whole number from 1 to 1000\nalpha 1 is not between 0 and 1\n--margin 2e6: write 1000000 at most\n--design-effect x is no number",
    ],
  ])("refuses %o", async (args, message) => {
    const { code, stdout, stderr } = await judge(table, args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`canary: ${message}`);
  });

  it("proves no worse than what it is told, and no more", async () => {
    const equal = [HEADER, ...Array.from({ length: 3 }, () => "a,10,1000,10,1000")].join("\n");
    const verdicts = async (limit: string) =>
      parsed((await judge(equal, ["--no-worse-than", limit])).stdout).map(({ verdict }) => verdict);
    expect(await verdicts("1.2")).toEqual(["undecided", "undecided", "undecided"]);
    expect(await verdicts("9")).toEqual(["no-worse", "no-worse", "no-worse"]);
  });

  it("warns of readings of counters, which are no counts of looks", async () => {
    const counters = Array.from({ length: 30 }, (_, at) => `a,${at},${at * 10},${at},${at * 90}`);
    const { code, stderr } = await judge([HEADER, ...counters].join("\n"));
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^canary: warning: looks: run a counts more in each of its first 20 .*\n$/u,
    );
  });

  it("wants a name for each of several metrics", async () => {
    const { code, stderr } = await judge(table, ["--metrics", "2"]);
    expect(code).toBe(2);
    expect(stderr).toContain("canary: looks:2:1: the row names no metric");
  });

  it("says that its answers could not be written", async () => {
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, [BIN, "judge", "-"], { stdio: ["pipe", full, "pipe"] });
    afterTest(() => closeSync(full));
    child.stdin?.end(table);
    const [stderr, [code]] = await Promise.all([text(present(child.stderr)), once(child, "exit")]);
    expect(stderr).toContain("canary: stdout cannot be written: ENOSPC");
    expect(code).toBe(2);
  });

  it("refuses a table without rows, a file that is not there, and a folder", async () => {
    expect(await judge(HEADER)).toMatchObject({ code: 2, stdout: "" });
    expect((await judge("")).stderr).toContain("looks has no rows");
    const folder = folderForTest();
    expect((await runCanary(folder, ["judge", "no.csv"])).stderr).toContain("no file no.csv");
    expect((await runCanary(folder, ["judge", folder])).stderr).toContain("is a folder");
    symlinkSync("loop", join(folder, "loop"));
    expect(await runCanary(folder, ["judge", "loop"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("loop cannot be read: ELOOP") as string,
    });
    expect(await runCanary(folder, ["judge"])).toMatchObject({ code: 2 });
  });
});

describe("several metrics of a run", () => {
  const random = randomFrom(9);
  const names = ["a", "b", "c"];
  const rows = Array.from({ length: 40 }, (_, at) =>
    names.map((metric) => ({
      run: "r",
      metric,
      ...lookAt({ ...steady, ratio: metric === "c" ? 8 : 1 }, at, random),
    })),
  ).flat();

  it("are judged by the mean of their evidence, those not seen yet counting as 1", () => {
    const add = judgedRuns(OPTIONS, 3);
    const tests = new Map(names.map((name) => [name, startRateTest(OPTIONS)]));
    let peak = 0;
    let worse = false;
    for (const row of rows) {
      const test = addLook(tests.get(row.metric) ?? startRateTest(OPTIONS), row);
      tests.set(row.metric, test);
      const log = averageE(
        [...tests.values()].map((each) => Math.log(readRateTest(each).e)),
        3,
      );
      peak = Math.max(peak, log);
      worse ||= log >= Math.log(20);
      const answer = add(row);
      expect(answer?.e).toBeCloseTo(Math.exp(log), 8);
      expect(answer?.p).toBeCloseTo(Math.min(1, Math.exp(-peak)), 8);
      expect(answer?.verdict).toBe(worse ? "worse" : "undecided");
    }
    expect(worse).toBe(true);
  });

  it("are no worse when each of them is", () => {
    const add = judgedRuns({ ...OPTIONS, noWorseThan: 3 }, 2);
    const answers = Array.from({ length: 200 }, (_, at) => {
      const look = lookAt({ ...steady, share: () => 0.5 }, at, random);
      return [
        add({ run: "r", metric: "a", ...look })?.verdict,
        at < 100 ? null : add({ run: "r", metric: "b", ...look })?.verdict,
      ];
    }).flat();
    expect(answers.slice(0, 200)).not.toContain("no-worse");
    expect(answers.at(-1)).toBe("no-worse");
  });

  it("are never more than were stated: the level would not hold", () => {
    const add = judgedRuns(OPTIONS, 2);
    const [first, second, third] = rows;
    if (first === undefined || second === undefined || third === undefined) throw new Error("rows");
    expect([add(first), add(second)].every((answer) => answer !== null)).toBe(true);
    expect(add(third)).toBeNull();
    expect(add(first)).toMatchObject({ look: 2 });
  });
});

import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";

import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";

import { BASELINE, untilShare, worldForTest, type World } from "../e2e/support/world.ts";

const ROOT = resolve(import.meta.dirname, "../..");

interface Workflow {
  readonly jobs: {
    readonly rollout: {
      readonly steps: readonly {
        readonly name?: string;
        readonly run?: string;
        readonly if?: string;
      }[];
    };
  };
}

/** The shell of the steps in the example of docs/ci.md, by their names. */
function steps(): ReadonlyMap<string, string> {
  const page = readFileSync(join(ROOT, "docs/ci.md"), "utf8");
  const { jobs } = parse(/```yaml\n(.*?)```/su.exec(page)?.[1] ?? "") as Workflow;
  return new Map(jobs.rollout.steps.map(({ name = "", run = "" }) => [name, run]));
}

interface Done {
  readonly code: number | null;
  readonly text: string;
}

interface Job {
  /** Runs a step as GitHub does. */
  readonly step: (name: string) => {
    readonly done: Promise<Done>;
    /** Ends the step and all that it started. */
    readonly kill: () => void;
    /** What a cancelled job begins with: a SIGINT to the step's entry process alone. */
    readonly cancel: () => void;
  };
}

/** A workspace with the plan, and an installed `canary` that is this repository's, also through `npx`. */
function jobIn({ folder, sandbox }: World): Job {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(
    join(bin, "npx"),
    `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(ROOT, "bin/canary.js")}" "$@"\n`,
  );
  chmodSync(join(bin, "npx"), 0o755);
  const installed = join(folder, "node_modules/.bin");
  mkdirSync(installed, { recursive: true });
  symlinkSync(join(ROOT, "bin/canary.js"), join(installed, "canary"));
  const plan = readFileSync(join(ROOT, "test/e2e/plans/fast.yaml"), "utf8")
    .replaceAll("${sandbox.url}", sandbox.url)
    .replace("params:\n", "params:\n  version: { required: true }\n");
  writeFileSync(join(folder, "rollout.yaml"), plan);
  const shells = steps();
  return {
    step: (name) => {
      const child = spawn("bash", ["-e", "-o", "pipefail", "-c", shells.get(name) ?? "exit 99"], {
        cwd: folder,
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          PATH: [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter),
          HOME: folder,
          CANARY_STATE_DIR: join(folder, "state"),
          CI: "true",
          VERSION: "v2",
          GITHUB_STEP_SUMMARY: join(folder, "summary.md"),
        },
      });
      const kill = (): void => {
        if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
          process.kill(-child.pid, "SIGKILL");
      };
      onTestFinished(kill);
      let text = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      const done = new Promise<Done>((end) => child.on("close", (code) => end({ code, text })));
      return { done, kill, cancel: () => void child.kill("SIGINT") };
    },
  };
}

test("the example has a step that starts, and one that always runs", () => {
  expect([...steps().keys()]).toEqual(
    expect.arrayContaining(["roll out", "leave nothing half done"]),
  );
  expect(readFileSync(join(ROOT, "docs/ci.md"), "utf8").match(/if: always\(\)/gu)).toHaveLength(2);
});

test("a healthy version: green, and the summary tells the story", async () => {
  const world = await worldForTest();
  const job = jobIn(world);
  const start = await job.step("roll out").done;
  expect(start.code, start.text).toBe(0);
  const after = await job.step("leave nothing half done").done;
  expect(after.code, after.text).toBe(0);
  expect(after.text).toContain("verified: ");
  expect(readFileSync(join(world.folder, "summary.md"), "utf8")).toContain("**Promoted: ");
  expect((await world.state()).traffic.canary).toBe(100);
});

test("a failing version: red with 30, and nothing is left to do", async () => {
  const world = await worldForTest();
  const job = jobIn(world);
  const start = job.step("roll out");
  await untilShare(world, 10);
  await world.knobs({ canary: { errorRate: 0.6 } });
  expect((await start.done).code).toBe(30);
  const after = await job.step("leave nothing half done").done;
  expect(after.code, after.text).toBe(0);
  expect((await world.state()).traffic).toEqual(BASELINE.traffic);
});

test("a start that is killed in the middle: the always-run step rolls back", async () => {
  const world = await worldForTest();
  const job = jobIn(world);
  const start = job.step("roll out");
  await untilShare(world, 10);
  start.kill();
  await start.done;
  const after = await job.step("leave nothing half done").done;
  expect(after.code, after.text).toBe(0);
  expect(after.text).toContain("rolled back after the abort");
  const state = await world.state();
  expect(state.traffic).toEqual(BASELINE.traffic);
  expect(state.deploys.canary).toEqual(BASELINE.canary);
});

test("a cancelled job: the start gets the signal and rolls back by itself", async () => {
  const world = await worldForTest();
  const job = jobIn(world);
  const start = job.step("roll out");
  await untilShare(world, 10);
  start.cancel();
  const { code, text } = await start.done;
  expect(code, text).toBe(31);
  expect((await world.state()).traffic).toEqual(BASELINE.traffic);
  expect((await job.step("leave nothing half done").done).code).toBe(0);
});

test("nothing was started: the always-run step has nothing to do", async () => {
  const job = jobIn(await worldForTest());
  const after = await job.step("leave nothing half done").done;
  expect(after, after.text).toMatchObject({ code: 0, text: "" });
});

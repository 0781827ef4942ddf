/**
 * How soon canary is there, as ratios to `node -e 0` in the same run: `canary --version`, and the moment at which
 * `canary abort` sends its first write. Machines differ and are noisy; a ratio of medians in one run can be compared.
 * `npm run bench -- --save` keeps the figures in start-up.json.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { startSandbox } from "../dist/sandbox/start-sandbox.js";

const ROUNDS = 15;
const BIN = resolve(import.meta.dirname, "../bin/canary.js");
const PLAN = resolve(import.meta.dirname, "../test/e2e/plans/fast.yaml");

const folder = mkdtempSync(join(tmpdir(), "canary-bench-"));
const environment = { PATH: process.env["PATH"], HOME: folder, CANARY_STATE_DIR: folder };

function timed(args: readonly string[]): number {
  const began = performance.now();
  spawnSync(process.execPath, args, { env: environment });
  return performance.now() - began;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

interface Write {
  readonly at: string;
  readonly epoch: number | null;
}

/** From the start of the process `canary abort` until the sandbox has its first write, in milliseconds. */
async function firstWriteOfAbort(): Promise<number> {
  const sandbox = await startSandbox({ port: 0 });
  const evidence = join(folder, "evidence");
  const run = (args: readonly string[]) =>
    spawn(process.execPath, [BIN, ...args, "--evidence", evidence], {
      env: environment,
      stdio: "ignore",
    });
  const writes = async (): Promise<readonly Write[]> => {
    const response = await fetch(`${sandbox.url}/state`);
    return ((await response.json()) as { readonly writes: readonly Write[] }).writes;
  };
  const start = run(["start", "--plan", PLAN, "--sandbox", sandbox.url]);
  while ((await writes()).length < 3) await new Promise((done) => setTimeout(done, 20));
  start.kill("SIGKILL");
  await new Promise((done) => start.on("close", done));
  const began = Date.now();
  const abort = run(["abort", "--reason", "bench"]);
  await new Promise((done) => abort.on("close", done));
  const first = (await writes()).find(({ epoch }) => (epoch ?? 0) > 1);
  await sandbox.close();
  rmSync(evidence, { recursive: true, force: true });
  return first === undefined ? Number.NaN : Date.parse(first.at) - began;
}

const empty: number[] = [];
const version: number[] = [];
const abort: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  empty.push(timed(["-e", "0"]));
  version.push(timed([BIN, "--version"]));
  if (round < 7) abort.push(await firstWriteOfAbort());
}
rmSync(folder, { recursive: true, force: true });

const base = median(empty);
const result = {
  "canary --version": { ratio: Number((median(version) / base).toFixed(2)), aim: 1.5 },
  "canary abort, first write": { ratio: Number((median(abort) / base).toFixed(2)), aim: 3 },
};
if (process.argv.includes("--save"))
  writeFileSync(
    join(import.meta.dirname, "start-up.json"),
    `${JSON.stringify({ comparedWith: "node -e 0", rounds: ROUNDS, node: process.version, result }, null, 2)}\n`,
  );
console.table(result);

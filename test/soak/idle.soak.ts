import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { runCanary, type CanaryProcess } from "../e2e/support/run-canary.ts";
import { untilShare, worldForTest, type World } from "../e2e/support/world.ts";
import { clusterForTest, kubectl, withoutCluster } from "../support/cluster.ts";
import { slopeOf, usageOf } from "./support/process-tree.ts";

const PLAN = resolve(import.meta.dirname, "plans/day.yaml");
/** How long a rollout is watched at its real speed, and how long it has before that to warm up, in milliseconds. */
const WATCHED = 300_000;
const WARM = 60_000;

interface Sample {
  readonly measurements: number;
  /** In KiB. */
  readonly rss: number;
}

test("a day in a quarter of an hour: memory stays flat, and the journal can be read, reported and verified", async () => {
  const world = await worldForTest();
  const runner = world.start(PLAN, ["--time-scale", "1/100"]);
  const samples: Sample[] = [];
  const over = runner.exit.then(() => "over" as const);
  while ((await Promise.race([over, sleep(5000)])) !== "over") {
    const { rss } = usageOf(runner.pid);
    // A process that is about to be gone has none.
    if (rss > 0) samples.push({ measurements: measurementsOf(world), rss });
  }
  const { code, stdout, stderr } = await runner.exit;
  expect(code, stdout + stderr).toBe(0);
  // What a process has learned to do fast, it has paid for in memory: the first third is not counted.
  const points = samples.slice(Math.floor(samples.length / 3));
  const perMeasurement = slopeOf(points.map(({ measurements, rss }) => [measurements, rss]));
  const measurements = measurementsOf(world);
  const id = await world.rolloutId();
  const reads = await Promise.all(
    [["report", id], ["status", id], ["list"], ["verify", id]].map(async (args) => {
      const began = performance.now();
      const read = await runCanary(world.folder, [...args, "--evidence", world.evidence]);
      return { read: args[0], code: read.code, ms: Math.round(performance.now() - began) };
    }),
  );
  console.log(
    `${measurements} measurements, a journal of ${journalOf(world).length} bytes; ${points.at(-1)?.rss} KiB at the end, ` +
      `${points[0]?.rss} KiB after a third, ${perMeasurement.toFixed(3)} KiB more with each measurement`,
  );
  console.table(reads);
  expect(measurements).toBeGreaterThan(3000);
  expect(reads.map((read) => read.code)).toEqual([0, 0, 0, 0]);
  // A whole day of it, 57,600 measurements, may add less than half of what the process has anyway.
  expect(perMeasurement * 57_600).toBeLessThan(50_000);
});

test("a soak at its real speed takes less than a hundredth of a core, in every store", async () => {
  const stores = [{}, ...(withoutCluster === false ? [await kubernetesStore()] : [])];
  const shares = await Promise.all(
    stores.map(async (env) => {
      const world = await worldForTest();
      const runner = world.start(PLAN, [], env);
      const share = await cpuShare(world, runner);
      return { store: "CANARY_STORE" in env ? "kubernetes" : "file", share };
    }),
  );
  console.table(shares.map(({ store, share }) => ({ store, percent: (share * 100).toFixed(2) })));
  for (const { store, share } of shares) expect(share, store).toBeLessThan(0.01);
});

async function kubernetesStore(): Promise<Readonly<Record<string, string>>> {
  const cluster = await clusterForTest();
  await kubectl(cluster, ["create", "namespace", "idle"]);
  return { CANARY_STORE: "kubernetes:///idle", KUBECONFIG: cluster.kubeconfig };
}

/** What the runner and its children take of one core while nothing happens but measurements. */
async function cpuShare(world: World, runner: CanaryProcess): Promise<number> {
  await Promise.race([untilShare(world, 50), runner.exit]);
  await sleep(WARM);
  const [before, began] = [usageOf(runner.pid).cpu, performance.now()];
  await sleep(WATCHED);
  const [after, ended] = [usageOf(runner.pid).cpu, performance.now()];
  expect(runner.stderr() + runner.stdout()).toMatch(/still soaking/u);
  return (after - before) / (ended - began);
}

function journalOf({ evidence }: World): string {
  const [id = ""] = readdirSync(evidence);
  return readFileSync(join(evidence, id, "journal.1.ndjson"), "utf8");
}

function measurementsOf(world: World): number {
  return journalOf(world).split('"kind":"measured"').length - 1;
}

import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { afterTest } from "../support/after-test.ts";
import { clusterForTest, describeCluster, type TestCluster } from "../support/cluster.ts";
import { eventually } from "../support/sandbox-client.ts";
import { phasesOf } from "./support/job-phases.ts";
import { startJob, type JobWorld } from "./support/job-world.ts";
import { deletePod, type Deletion } from "./support/pods.ts";

const DELETIONS = Number(process.env["CANARY_SOAK_RUNS"] ?? 50);
/** Said of the one action of the plan whose target carries no mark. */
const UNCERTAIN = /a late write of pilot\/4-http cannot be ruled out/u;
/** As many as one rollout sees at most. */
const EACH = 12;
/** The longest pause between two deletions, in milliseconds: some come while the next Pod still waits for a silent heartbeat. */
const PAUSE = 12_000;
/** On the way back, which is shorter. */
const PAUSE_BACK = 8000;
/** How long the next Pod is waited for, in milliseconds: it begins when the heartbeat has stood still for ten seconds. */
const LEASE = 25_000;

interface Story {
  readonly name: string;
  readonly ownHost: boolean;
  /** Of each stage: long enough that an abort comes in time also where the machine is busy. */
  readonly soak: string;
  /** The end that it has to reach. */
  readonly exit: number;
  /** What happens to it besides, while its Pods are deleted. */
  readonly meanwhile: (job: JobWorld) => Promise<void>;
}

const STORIES: readonly Story[] = [
  { name: "promoted, one host", ownHost: false, soak: "12s", exit: 0, meanwhile: nothing },
  { name: "promoted, a host for each Pod", ownHost: true, soak: "8s", exit: 0, meanwhile: nothing },
  {
    name: "broken at the second stage",
    ownHost: true,
    soak: "10s",
    exit: 30,
    meanwhile: breakAtHalf,
  },
  { name: "aborted from elsewhere", ownHost: true, soak: "30s", exit: 31, meanwhile: abort },
  {
    name: "aborted, and the abort is killed",
    ownHost: true,
    soak: "30s",
    exit: 31,
    meanwhile: killedAbort,
  },
];

describeCluster("a rollout as a Job whose Pods are deleted at random moments", () => {
  test(`${DELETIONS} deletions: each ends as it should, and nothing is done twice with effect`, async () => {
    const cluster = await clusterForTest();
    const told: Told[] = [];
    const deleted = (): number => told.reduce((sum, { deletions }) => sum + deletions, 0);
    // Some rollouts are over before their last deletion: then there are more rollouts.
    while (deleted() < DELETIONS)
      told.push(...(await Promise.all(STORIES.map((story) => tell(cluster, story, EACH)))));
    console.table(told);
    console.log(`${deleted()} Pods deleted in ${told.length} rollouts`);
    expect(told.some(({ phases }) => phases.includes("inside"))).toBe(true);
  });
});

interface Told {
  readonly story: string;
  readonly exit: number | null;
  readonly deletions: number;
  readonly ways: string;
  readonly phases: string;
  readonly epochs: number;
  readonly marksOnly: number;
  /** How often each command of the plan, and each of its undos, had its effect. */
  readonly ledger: string;
}

async function tell(cluster: TestCluster, story: Story, deletions: number): Promise<Told> {
  const job = await startJob(cluster, story);
  afterTest(() => job.close());
  const meanwhile = story.meanwhile(job);
  // It is awaited below; what it fails with before that is not unheard of.
  meanwhile.catch(() => undefined);
  const deleted = await deletePods(cluster, job, story, deletions);
  await meanwhile;
  const { code, stdout, stderr } = await job.start.exit;
  // What a Pod was killed in the middle of, on a host that nobody can look at, may land later where no mark keeps it out.
  const isUncertain = story.ownHost && story.exit !== 0 && UNCERTAIN.test(stdout);
  expect(code, `${story.name}\n${stdout}${stderr}`).toBe(isUncertain ? 41 : story.exit);
  await eventually(
    () => job.kube.run(["get", "jobs", "--output=json"]),
    (text) => text.includes('"Complete"'),
  );
  await expectOnce(job, story);
  const phases = await phasesOf(job.world, deleted);
  return {
    story: story.name,
    exit: code,
    deletions: deleted.length,
    ways: countsOf(deleted.map(({ leaving }) => leaving)),
    phases: countsOf(phases.hit),
    epochs: phases.epochs,
    marksOnly: job.ingress.marksOnly() + job.deployment.marksOnly(),
    ledger: countsOf(job.ledger()),
  };
}

/**
 * Most deletions wait until the Pod that came for the last one has taken over, some do not. Half of those of a rollout that
 * goes back are kept for its way back.
 */
async function deletePods(
  cluster: TestCluster,
  job: JobWorld,
  { exit }: Story,
  count: number,
): Promise<readonly Deletion[]> {
  const deleted: Deletion[] = [];
  const over = job.start.exit.then(() => "over" as const);
  let epoch = 0;
  while (deleted.length < count) {
    if (Math.random() < 0.75) await Promise.race([over, untilEpoch(job, epoch + 1)]);
    epoch = await lastEpoch(job);
    const isBack = isGoingBack(job);
    const pause = Math.random() * (isBack ? PAUSE_BACK : PAUSE);
    if ((await Promise.race([over, sleep(pause)])) === "over") break;
    if (exit !== 0 && !isBack && deleted.length >= count / 2) continue;
    const deletion = await deletePod(cluster, job.kube.namespace);
    if (deletion !== null) deleted.push(deletion);
  }
  return deleted;
}

/** Not for ever: an orphaned process may be the one that goes on. */
async function untilEpoch(job: JobWorld, epoch: number): Promise<void> {
  const until = performance.now() + LEASE;
  while (performance.now() < until && (await lastEpoch(job)) < epoch) await sleep(500);
}

function isGoingBack({ ingress }: JobWorld): boolean {
  const weights = (ingress.values.get("weight") ?? []).map(Number);
  return (weights.at(-1) ?? 0) < Math.max(0, ...weights);
}

/** Every value comes once, in the order of the plan, and back it goes once. */
async function expectOnce(job: JobWorld, { name, exit }: Story): Promise<void> {
  const weights = (job.ingress.values.get("weight") ?? []).map(Number);
  const peak = weights.indexOf(Math.max(...weights));
  const [up, down] = [weights.slice(0, peak + 1), weights.slice(peak)];
  const said = `${name}: ${weights.join(" ")}`;
  expect(up, said).toEqual([0, 10, 50, 100].slice(0, up.length));
  expect(down, said).toEqual([...new Set(down)].toSorted((a, b) => b - a));
  expect(weights.at(-1), said).toBe(exit === 0 ? 100 : 0);
  const { writes } = await job.world.state();
  const images = writes.flatMap(({ what, value }) =>
    what.includes("canary") ? [JSON.stringify(value)] : [],
  );
  const fields = [...job.deployment.values, ["http image", withoutRepeats(images)] as const];
  for (const [field, values] of fields) {
    // There and, where it was undone, back again.
    const there = new Set(values);
    const most = there.size + (exit === 0 ? 0 : 1);
    expect(values.length, `${name}: ${field}: ${values.join(" ")}`).toBeLessThanOrEqual(most);
  }
  const forward = job.ledger().filter((line) => !line.endsWith("-undone"));
  expect(forward, `${name}: ${forward.join(" ")}`).toEqual([...new Set(forward)]);
}

function withoutRepeats(values: readonly string[]): readonly string[] {
  return values.filter((value, index) => value !== values[index - 1]);
}

function countsOf(words: readonly string[]): string {
  const groups = Map.groupBy(words, (word) => word);
  return [...groups].map(([word, all]) => `${word} ${all.length}`).join(", ");
}

function nothing(): Promise<void> {
  return Promise.resolve();
}

async function breakAtHalf({ world, ingress }: JobWorld): Promise<void> {
  await untilWeight(ingress, (weights) => weights.includes("50"));
  await world.knobs({ stable: { errorRate: 0.9 } });
  await untilWeight(ingress, (weights) => weights.at(-1) === "0");
  await world.knobs({ stable: { errorRate: 0 } });
}

async function abort(job: JobWorld): Promise<void> {
  await untilWeight(job.ingress, (weights) => weights.includes("50"));
  const { code, stdout, stderr } = await job.elsewhere(ABORT).exit;
  expect(code, stdout + stderr).toBe(UNCERTAIN.test(stdout) ? 41 : 31);
}

/** The process that aborts dies at a random moment of it: what it claimed can only go back, whoever goes on. */
async function killedAbort(job: JobWorld): Promise<void> {
  await untilWeight(job.ingress, (weights) => weights.includes("10"));
  const epoch = await lastEpoch(job);
  const aborting = job.elsewhere(ABORT);
  await eventually(
    () => lastEpoch(job),
    (now) => now > epoch,
  );
  await sleep(Math.random() * 3000);
  aborting.signal("SIGKILL");
  await aborting.exit;
}

const ABORT = ["abort", "--reason", "from elsewhere"];

async function untilWeight(
  { values }: JobWorld["ingress"],
  done: (weights: readonly string[]) => boolean,
): Promise<void> {
  await eventually(() => Promise.resolve(values.get("weight") ?? []), done);
}

/** By the names of the claims in the store; what claims after the abort is an epoch of it, or comes after it. */
async function lastEpoch({ kube }: JobWorld): Promise<number> {
  const found = await kube.run([
    ...["get", "configmaps", "--selector=canary-rollout.dev/kind=rollout", "--output=json"],
  ]);
  return Math.max(0, ...[...found.matchAll(/"claim\.(\d+)":/gu)].map(([, epoch]) => Number(epoch)));
}

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { clusterForTest, kubectl, withoutCluster, type TestCluster } from "../support/cluster.ts";
import { folderForTest, runCanary } from "./support/run-canary.ts";
import { expectBaseline, untilShare, worldForTest, type World } from "./support/world.ts";

type Env = Readonly<Record<string, string>>;

/** A rollout at 10 %, whose runner was killed. */
async function left(env: Env = {}): Promise<{ readonly world: World; readonly id: string }> {
  const world = await worldForTest();
  // Long enough that a slow machine kills it at 10 %.
  const start = world.start("fast.yaml", ["--set", "soak=15s"], env);
  await untilShare(world, 10);
  const id = await world.rolloutId();
  start.signal("SIGKILL");
  await start.exit;
  return { world, id };
}

/** As a disk leaves it that did not write the last lines: by this journal nothing was ever changed. */
function cut({ evidence }: World, id: string, text: string): void {
  const path = join(evidence, id, "journal.1.ndjson");
  const lines = readFileSync(path, "utf8").split("\n");
  const at = lines.findIndex((line) => line.includes(text));
  expect(at).toBeGreaterThan(0);
  writeFileSync(path, `${lines.slice(0, at).join("\n")}\n`);
}

test.concurrent("abort --all brings back what a cut journal does not name, and says so", async () => {
  const { world, id } = await left();
  cut(world, id, '"action-intended"');
  const abort = await world.abort(["--all"]).exit;
  expect(abort.code, abort.stdout + abort.stderr).toBe(31);
  expect(abort.stdout).toContain("the journal lost lines");
  await expectBaseline(world);
});

test.concurrent("resume over a journal by which nothing was captured goes back to what was there before", async () => {
  const { world, id } = await left();
  cut(world, id, '"baseline-captured"');
  const resumed = await runCanary(world.folder, ["resume", id, "--evidence", world.evidence]);
  expect(resumed.code, resumed.stdout + resumed.stderr).toBe(30);
  await expectBaseline(world);
});

test.skipIf(withoutCluster)(
  "a store that came back as it once was does not make an abort from another machine believe it",
  async () => {
    const cluster = await clusterForTest();
    await kubectl(cluster, ["create", "namespace", "came-back"]);
    const env = { CANARY_STORE: "kubernetes:///came-back", KUBECONFIG: cluster.kubeconfig };
    const { world, id } = await left(env);
    await loseLines(cluster, "came-back");
    const abort = await runCanary(folderForTest(), ["abort", id, "--reason", "from elsewhere"], {
      env,
    });
    expect(abort.code, abort.stdout + abort.stderr).toBe(31);
    expect(abort.stdout).toContain("the journal lost lines");
    await expectBaseline(world);
  },
  60_000,
);

/** Takes all but the first two lines behind the claim out of the journals of a namespace. */
async function loseLines(cluster: TestCluster, namespace: string): Promise<void> {
  const own = [`--namespace=${namespace}`];
  const listed = await kubectl(cluster, [...own, "get", "configmaps", "--output=json"]);
  const { items } = JSON.parse(listed) as {
    items: { metadata: { name: string }; data?: Readonly<Record<string, string>> }[];
  };
  for (const { metadata, data = {} } of items) {
    const late = Object.keys(data).filter((key) => /^line\.0*([3-9]|\d\d+)$/u.test(key));
    if (late.length === 0) continue;
    const patch = JSON.stringify({ data: Object.fromEntries(late.map((key) => [key, null])) });
    await kubectl(cluster, [
      ...own,
      "patch",
      "configmap",
      metadata.name,
      "--type=merge",
      `--patch=${patch}`,
    ]);
  }
}

import { exitCode } from "../../core/ending.ts";
import { followRollout } from "../../engine/follow-rollout.ts";
import type { Engine, PlanSource } from "../../engine/ports.ts";
import { sleep } from "../../engine/sleep.ts";
import { line } from "../../report/line.ts";
import type { Renderer } from "../../report/renderer.ts";
import { rememberRollout } from "../../store/rollout-index.ts";
import { stateDir } from "../../store/state-dir.ts";
import { parseStoreAddress } from "../../store/store-address.ts";
import { composeEngine } from "../compose.ts";
import { sceneOf } from "../read-rollout-at.ts";
import { UsageError } from "../usage-error.ts";
import { runKubectl } from "./run-kubectl.ts";
import { startInCluster, type InCluster } from "./start-in-cluster.ts";

/** The options of `start` that only `--in-cluster` has. */
export interface JobOptions {
  readonly inCluster?: boolean;
  readonly image?: string;
  readonly command?: string;
  readonly secrets?: string;
  readonly acceptLive?: boolean;
}

export interface Started {
  readonly source: PlanSource;
  readonly store: string | null;
  readonly evidence: string;
  readonly by: string;
  readonly renderer: Renderer;
  readonly begin: (engine: Engine, rollout: string) => Promise<void>;
}

/** How often a Pod that has not begun is looked for, and how long, in milliseconds. */
const LOOK = 1000;
const PATIENCE = 300_000;

/**
 * Starts a rollout as a Job and follows it to its end; leaving that changes nothing. Gives the exit code of the rollout;
 * 41 where its Job is gone.
 */
export async function runAsJob(
  { source, store, evidence, by, renderer, begin }: Started,
  options: JobOptions,
): Promise<number> {
  const rollout = await startInCluster(source, requestOf(store, evidence, by, options), begin);
  const place = { id: rollout, evidence };
  const known = { ...place, plan: source.plan.name, at: Date.now() };
  await rememberRollout(stateDir(), { ...known, ...(store === null ? {} : { store }) });
  renderer.setScene(sceneOf(place, source.plan));
  renderer.say(
    line(
      "step",
      `rollout ${rollout} runs as the Job canary-${rollout}; it goes on without this terminal`,
      [
        `to follow it again: canary watch ${rollout}`,
        `to roll back: canary abort ${rollout} --reason …`,
      ],
    ),
  );
  const engine = await composeEngine({ evidence, store, by, observe: renderer.entry });
  return follow(engine, rollout, renderer, store ?? "");
}

function requestOf(
  store: string | null,
  evidence: string,
  by: string,
  { image, command, secrets, acceptLive }: JobOptions,
): InCluster {
  const address = store === null ? null : parseStoreAddress(store);
  if (
    address === null ||
    typeof address === "string" ||
    address.kind !== "kubernetes" ||
    store === null
  )
    throw new UsageError(
      "--in-cluster keeps the rollout in the cluster that it runs in",
      "add --store kubernetes://CONTEXT/NAMESPACE: the Job runs in that namespace",
    );
  if (image === undefined)
    throw new UsageError("--in-cluster, but no image", "--image names one with canary and kubectl");
  return {
    store,
    address,
    evidence,
    by,
    image,
    acceptLive: acceptLive === true,
    command: (command ?? "canary").split(" "),
    secrets: secrets ?? null,
  };
}

async function follow(
  engine: Engine,
  rollout: string,
  renderer: Renderer,
  store: string,
): Promise<number> {
  const until = engine.clock.mono() + PATIENCE;
  while ((await engine.store.lastEpoch(rollout)) === 0) {
    if (engine.clock.mono() > until)
      return lost(renderer, `no Pod of it began within ${PATIENCE / 60_000} min`);
    await sleep(engine.clock, LOOK);
  }
  for (;;) {
    const followed = await followRollout(engine, rollout);
    if (followed.kind === "end") {
      await engine.sealFollowed?.(rollout);
      return exitCode(followed.end);
    }
    if (followed.kind === "lost") return lost(renderer, followed.why);
    if (!(await hasJob(rollout, store))) return lost(renderer, "its Job is gone");
    renderer.say(
      line("warn", "its Pod is gone: the Job starts another one, which goes on from here"),
    );
    await sleep(engine.clock, LOOK);
  }
}

function lost(renderer: Renderer, why: string): number {
  renderer.say(line("bad", `it can not be followed any more (exit 41): ${why}`));
  return 41;
}

async function hasJob(rollout: string, store: string): Promise<boolean> {
  const address = parseStoreAddress(store);
  if (typeof address === "string" || address.kind !== "kubernetes") return false;
  const { context, namespace } = address;
  const asked = [`--namespace=${namespace}`, "get", "job", `canary-${rollout}`, "--output=name"];
  return runKubectl(context, [...asked, "--ignore-not-found"]).then(
    (said) => said.trim() !== "",
    // Nobody knows: it is looked for again.
    () => true,
  );
}

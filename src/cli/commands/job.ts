import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { JournalEntry, Outcome, PlanSource } from "../../engine/ports.ts";
import { processSignals, type SignalPort } from "../../engine/signals.ts";
import { actingPerson } from "../acting-person.ts";
import { composeEngine, composeEvidence } from "../compose.ts";
import { keepFiles } from "../in-cluster/kept-files.ts";
import { runKubectl } from "../in-cluster/run-kubectl.ts";
import { openRenderer } from "../open-renderer.ts";
import { hasNoRunner } from "../post-word.ts";
import { print } from "../print.ts";
import { readRolloutAt, sceneOf } from "../read-rollout-at.ts";
import { chosenStore } from "../stores/chosen-store.ts";
import { routeRollout } from "../stores/routes.ts";
import { sharedStoreAt } from "../stores/shared-stores.ts";
import { UsageError } from "../usage-error.ts";

interface Options {
  readonly by?: string;
  readonly acceptLive?: boolean;
  readonly secrets?: string;
}

/** After these the evidence has grown by something that a killed Pod would take along. */
const GROWN: ReadonlySet<string> = new Set(["collected", "stage-passed", "restored"]);

/**
 * What the Job of `start --in-cluster` runs: begins the rollout, or runs it on where an earlier Pod left it. Exits 0 when
 * the rollout is over, however it ended: with any other code the Job would start it again.
 */
export async function job(args: readonly string[], options: Options): Promise<number> {
  const [id = ""] = args;
  const store = chosenStore()?.text;
  if (store === undefined || store === "file")
    throw new UsageError("a Job needs the store that its rollout is in", "set CANARY_STORE");
  const folder = await mkdtemp(join(tmpdir(), "canary-job-"));
  process.env["CANARY_STATE_DIR"] = join(folder, "state");
  if (options.secrets !== undefined) await takeSecrets(options.secrets);
  const evidence = join(folder, "evidence");
  const place = { id, evidence };
  routeRollout(place, store);
  const shared = await sharedStoreAt(store);
  const keep = (): Promise<void> => keepFiles(shared, join(evidence, id), id);
  let keeping: Promise<void> = Promise.resolve();
  const onEntry = ({ event }: JournalEntry): void => {
    if (GROWN.has(event.kind)) keeping = keeping.then(keep).catch(() => undefined);
  };
  const outcome =
    (await shared.lastEpoch(id)) === 0
      ? await begin(place, store, options, onEntry)
      : await goOn(place, options, onEntry);
  await keeping;
  if (outcome === null) return 0;
  // What the process that ended it left on another Pod is there already.
  await keep();
  const isOver = outcome.kind === "ended" || outcome.kind === "over";
  print(isOver ? `the rollout is over (exit ${outcome.exit})` : `left: ${outcome.kind}`);
  return isOver || outcome.kind === "locked" ? 0 : 1;
}

async function begin(
  { id, evidence }: { readonly id: string; readonly evidence: string },
  store: string,
  options: Options,
  onEntry: (entry: JournalEntry) => void,
): Promise<Outcome> {
  const [{ startRollout }, source] = await Promise.all([
    import("../../engine/start-rollout.ts"),
    sourceOf(id, evidence),
  ]);
  const renderer = await openRenderer({ output: "plain" }, sceneOf({ id, evidence }, source.plan));
  const engine = await composeEngine({
    evidence,
    store,
    by: options.by ?? actingPerson(),
    observe: (entry, line) => (renderer.entry(entry, line), onEntry(entry)),
  });
  const outcome = await startRollout(engine, source, {
    rollout: id,
    signals: leaving,
    acceptLive: options.acceptLive === true,
    onRollout: () => Promise.resolve(),
  });
  await renderer.close();
  return outcome;
}

/** Null when it is over already. */
async function goOn(
  place: { readonly id: string; readonly evidence: string },
  options: Options,
  onEntry: (entry: JournalEntry) => void,
): Promise<Outcome | null> {
  const { takeOver } = await import("../../engine/take-over.ts");
  let read = await readRolloutAt(place);
  while (read.state.phase.kind !== "ended" && !(await hasNoRunner(place, read)))
    read = await readRolloutAt(place);
  if (read.state.phase.kind === "ended") return null;
  const renderer = await openRenderer({ output: "plain" }, sceneOf(place, read.plan));
  const engine = await composeEngine({
    evidence: place.evidence,
    by: options.by ?? actingPerson(),
    observe: (entry, line) => (renderer.entry(entry, line), onEntry(entry)),
  });
  const outcome = await takeOver(engine, place.id, {
    mode: "continue",
    cause: null,
    overwrite: false,
    pastIrreversible: false,
    afterPromoted: false,
    signals: leaving,
  });
  await renderer.close();
  return outcome;
}

/** A Pod that is told to go leaves, with things as they are: the next one goes on from there. */
const leaving: SignalPort = { ...processSignals, startsAgain: true };

async function sourceOf(id: string, evidence: string): Promise<PlanSource> {
  const { readEvidence } = await composeEvidence(evidence);
  const [text, stored] = await Promise.all(
    ["plan.yaml", "plan.json"].map((name) => readEvidence(join(evidence, id, name))),
  );
  if (typeof text !== "string" || typeof stored !== "string")
    throw new UsageError(
      `the store has no plan of rollout ${id}`,
      "canary start PLAN --in-cluster",
    );
  const parsed = JSON.parse(stored) as Pick<PlanSource, "plan" | "digest">;
  return { path: "plan.yaml", text, ...parsed };
}

/** The keys of a Secret become variables of this process, for `${env:NAME}` in the plan. */
async function takeSecrets(name: string): Promise<void> {
  const text = await runKubectl(null, ["get", `secret/${name}`, "--output=json"]);
  const { data = {} } = JSON.parse(text) as { data?: Readonly<Record<string, string>> };
  for (const [key, value] of Object.entries(data))
    process.env[key] = Buffer.from(value, "base64").toString("utf8");
}

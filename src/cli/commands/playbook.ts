import { join } from "node:path";

import type { Evidence, Plan, Playbook } from "../../core/plan.ts";
import type { PlanSource } from "../../engine/ports.ts";
import { renderChanges, renderFinding, renderPlaybook } from "../../report/playbook-view.ts";
import { command, type Scene } from "../../report/scene.ts";
import { actingPerson } from "../acting-person.ts";
import { askPerson } from "../ask-person.ts";
import { cannotKeep } from "../cannot-keep.ts";
import { composeEngine } from "../compose.ts";
import { findPlaybook, type Found } from "../find-playbook.ts";
import { evidenceFolder } from "../known-evidence.ts";
import { openRenderer, type OutputOptions } from "../open-renderer.ts";
import { askedWords } from "../policy/asked-words.ts";
import { playbookPolicy, wordsForPlaybook } from "../policy/playbook-words.ts";
import { postWord } from "../post-word.ts";
import { previewAction, previewEvidence } from "../preview.ts";
import { print, tell } from "../print.ts";
import type { PlanOptions } from "../read-plan.ts";
import { sceneOf } from "../read-rollout-at.ts";
import { storeOfStart, storeRefuses } from "../stores/store-of-start.ts";
import { tellOutcome } from "../tell-outcome.ts";
import { UsageError } from "../usage-error.ts";
import { waitForPlaybook } from "../wait-for-playbook.ts";

interface Options extends OutputOptions, PlanOptions {
  readonly look?: boolean;
  readonly yes?: boolean;
  readonly reason?: string;
  readonly by?: string;
  readonly evidence?: string;
  readonly policy?: string;
  readonly key?: string;
}

/** Shows a playbook, asks what it asks, and runs its actions when a person says so. */
export async function playbook(args: readonly string[], options: Options): Promise<number> {
  const [name = "", rollout] = args;
  const found = await findPlaybook(name, rollout, options);
  if (found === null) return 2;
  const { actions } = found.playbook;
  const show = options.json === true || options.output === "ndjson" ? tell : print;
  show(renderPlaybook(found.playbook));
  // Who says --yes wants the change now, and the evidence of the run says how things are after it.
  if (options.yes !== true) await tellDiagnosis(found, options, show);
  if (actions.length === 0) return 0;
  show(renderChanges(actions, (action) => previewAction(action, null)));
  if (options.look === true) return 0;
  if (options.yes !== true && !(await isWanted(found.playbook))) return 0;
  return found.about !== null && found.playbook.asks.length === 0
    ? runWithin(found.about, found.playbook, options)
    : runAlone(found.source, found.playbook, options);
}

async function isWanted({ name, actions }: Playbook): Promise<boolean> {
  const count = actions.length === 1 ? "this change" : `these ${actions.length} changes`;
  const answer = await askPerson(`make ${count} now?`);
  if (answer === null)
    throw new UsageError(
      `${name} changes something, and nobody can be asked here: nothing was changed`,
      "add --yes to change it, or --look to look only",
    );
  if (!answer) tell("nothing was changed");
  return answer;
}

async function tellDiagnosis(
  { source, playbook: { diagnose: items }, about }: Found,
  options: Options,
  show: (text: string) => void,
): Promise<void> {
  if (items.length === 0) return;
  const { diagnose } = await import("../../engine/diagnose.ts");
  const evidence = about?.place.evidence ?? evidenceFolder(options.evidence);
  const engine = await composeEngine({ evidence, by: actingPerson(), observe: () => undefined });
  const identity = { rollout: about?.place.id ?? "playbook", plan: source.plan, digest: "" };
  for (const finding of await diagnose(engine, identity, items, about?.read ?? null))
    show(renderFinding(finding, asked(finding.item)));
}

function asked(item: Evidence): string {
  return previewEvidence(item);
}

/** The runner of the rollout captured what these actions change, and makes the changes itself. */
async function runWithin(
  { place, read }: NonNullable<Found["about"]>,
  { name }: Playbook,
  options: Options,
): Promise<number> {
  const by = options.by ?? actingPerson();
  const word = {
    kind: "playbook",
    by,
    reason: options.reason ?? "",
    check: name,
    yes: true,
  } as const;
  const answer = await postWord(place, word, { key: options.key, by: options.by });
  tell(answer);
  // The runner makes the changes when the last of them has said so.
  if (answer.startsWith("counted: ")) return 32;
  const problem = await waitForPlaybook(place, name, read.entries.length);
  const abort = command(sceneOf(place, read.plan), "abort", "--reason …");
  if (problem !== null) {
    tell(
      `playbook ${name} was not run to its end: ${problem}\n  to undo it with the rollout: ${abort}`,
    );
    return 32;
  }
  tell(`playbook ${name} was run: its changes read back\n  to undo it with the rollout: ${abort}`);
  return 0;
}

/** Who runs it holds none of the roles that the policy asks for. */
function notForThem(plan: Plan): number {
  const asked = askedWords({ plan, words: [] }).map(
    ({ count, role, people }) => `  ${count} of ${role ?? "anybody"}: ${people.join(", ")}`,
  );
  tell(
    ["not run: the policy does not let you; nothing was touched (exit 22)", ...asked].join("\n"),
  );
  return 22;
}

/** As a rollout of its own: one stage, nothing that judges, undone by an abort of it. */
async function runAlone(from: PlanSource, book: Playbook, options: Options): Promise<number> {
  const { plan, text } = from;
  const policy = await playbookPolicy(from, book.name, options.policy);
  if (policy === "wrong") return 2;
  const [
    { playbookPlan },
    { startRollout },
    { processSignals },
    { rememberRollout },
    digest,
    state,
  ] = await Promise.all([
    import("../../engine/playbook-plan.ts"),
    import("../../engine/start-rollout.ts"),
    import("../../engine/signals.ts"),
    import("../../store/rollout-index.ts"),
    import("../../plan/digest.ts"),
    import("../../store/state-dir.ts"),
  ]);
  const own = playbookPlan(plan, book, policy);
  const words = await wordsForPlaybook(own, digest.digestPlan(own), {
    ...{ by: options.by, key: options.key, reason: options.reason ?? "" },
  });
  if (policy !== null && words.length === 0) return notForThem(own);
  const evidence = evidenceFolder(options.evidence);
  const store = await storeOfStart(plan);
  if (await cannotKeep(evidence, `playbook ${book.name} --plan …`)) return 20;
  if (await storeRefuses(store, `playbook ${book.name} --plan …`)) return 20;
  let scene: Scene = { plan: own, rollout: "", evidence: null };
  const renderer = await openRenderer(options, scene);
  const by = options.by ?? actingPerson();
  const engine = await composeEngine({ evidence, store, by, observe: renderer.entry });
  const source = { path: "", text, plan: own, digest: digest.digestPlan(own) };
  const outcome = await startRollout(engine, source, {
    signals: processSignals,
    acceptLive: false,
    onRollout: async (id) => {
      scene = { plan: own, rollout: id, evidence: join(evidence, id) };
      renderer.setScene(scene);
      const known = { id, evidence, ...(store === null ? {} : { store }), plan: own.name };
      await rememberRollout(state.stateDir(), { ...known, at: Date.now() });
      for (const word of words) await engine.store.post(id, JSON.stringify(word));
    },
  });
  const code = tellOutcome(outcome, renderer, scene);
  await renderer.close();
  return code;
}

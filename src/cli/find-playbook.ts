import { join } from "node:path";

import type { Playbook } from "../core/plan.ts";
import type { PlanSource } from "../engine/ports.ts";
import type { RolloutRead } from "../engine/read-rollout.ts";
import { unknownName } from "../plan/decode/unknown-name.ts";
import { activePlaces, findRollout } from "./find-rollout.ts";
import type { Place } from "./known-evidence.ts";
import { loadPlanFile, type PlanOptions } from "./read-plan.ts";
import { readRolloutAt } from "./read-rollout-at.ts";
import { tellDiagnostics } from "./tell-diagnostics.ts";
import { UsageError } from "./usage-error.ts";

export interface Found {
  readonly source: PlanSource;
  readonly playbook: Playbook;
  /** The active rollout that it is about; null where there is none. */
  readonly about: { readonly place: Place; readonly read: RolloutRead } | null;
}

interface Asked extends PlanOptions {
  readonly evidence?: string;
}

/**
 * The playbook that is meant: of `--plan`, else of the rollout that is named or the only active one. Null when the plan
 * has errors, which were told.
 */
export async function findPlaybook(
  name: string,
  rollout: string | undefined,
  options: Asked,
): Promise<Found | null> {
  const about = await rolloutOf(rollout, options);
  const source = await sourceOf(name, about, options);
  if (source === null) return null;
  const playbook = source.plan.playbooks?.[name];
  if (playbook === undefined) {
    const names = Object.keys(source.plan.playbooks ?? {});
    throw new UsageError(
      `plan ${source.plan.name} has no playbook ${name}`,
      unknownName(name, names) ?? "it has none",
    );
  }
  const isSame = about !== null && about.read.plan.name === source.plan.name;
  return { source, playbook, about: isSame ? about : null };
}

async function rolloutOf(id: string | undefined, options: Asked): Promise<Found["about"]> {
  const { plan, evidence } = options;
  if (id !== undefined) return readAt(await findRollout(id, evidence));
  const places = await activePlaces(evidence);
  if (plan === undefined) return readAt(onlyOf(places));
  // With a plan it may stand alone; several rollouts are told apart by their plan.
  const reads = await Promise.all(places.map(readAt));
  const { source } = await loadPlanFile(plan, {}, { useExamples: true, sandbox: null });
  const own = reads.filter(({ read }) => read.plan.name === source?.plan.name);
  const [only] = own;
  if (own.length < 2) return only ?? null;
  return readAt(onlyOf(own.map(({ place }) => place)));
}

function onlyOf(places: readonly Place[]): Place {
  const [only] = places;
  if (only !== undefined && places.length === 1) return only;
  if (only === undefined)
    throw new UsageError(
      "no rollout is active, whose playbook this could be",
      "add --plan FILE to run it on its own",
    );
  throw new UsageError(
    `${places.length} rollouts are active: say which`,
    places.map((place) => `canary playbook NAME ${place.id}   # in ${place.evidence}`).join("\n"),
  );
}

async function readAt(place: Place): Promise<NonNullable<Found["about"]>> {
  return { place, read: await readRolloutAt(place) };
}

/** Its own parameters are read from the plan as it was written: the one in the evidence, if no other is named. */
async function sourceOf(
  name: string,
  about: Found["about"],
  options: Asked,
): Promise<PlanSource | null> {
  const stored = about?.read.plan;
  if (options.plan === undefined && about !== null && stored !== undefined) {
    if (stored.playbooks?.[name]?.asks.length !== 0 && stored.playbooks?.[name] !== undefined)
      return load(name, written(about.place), [...given(stored.params), ...(options.set ?? [])]);
    return { path: written(about.place), text: "", plan: stored, digest: about.read.digest };
  }
  return load(name, options.plan ?? "", options.set ?? []);
}

function written({ evidence, id }: Place): string {
  return join(evidence, id, "plan.yaml");
}

function given(params: PlanSource["plan"]["params"]): readonly string[] {
  return Object.entries(params).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
}

async function load(
  name: string,
  path: string,
  set: readonly string[],
): Promise<PlanSource | null> {
  const loaded = await loadPlanFile(
    path,
    { set },
    { useExamples: false, sandbox: null, playbook: name },
  );
  tellDiagnostics(path, loaded.text, loaded.diagnostics);
  return loaded.source;
}

import { drillsPath, type KnownDrills } from "../engine/drilled.ts";
import type { Engine, PlanSource } from "../engine/ports.ts";
import { wayBackDigest } from "../plan/way-back-digest.ts";
import { readDrills } from "./drill-records.ts";

/** Puts what is known of a plan's drills where its checks of kind `drill` look; nothing where it has none. */
export async function keepDrills(
  engine: Engine,
  rollout: string,
  source: PlanSource,
): Promise<void> {
  const known = await knownDrills(source);
  if (known === null) return;
  await engine.writeEvidence(drillsPath(engine.evidence, rollout), textOf(known), 0o644);
}

/** An engine that knows them without writing anything. */
export async function knowingDrills(engine: Engine, source: PlanSource): Promise<Engine> {
  const known = await knownDrills(source);
  if (known === null) return engine;
  const readEvidence: Engine["readEvidence"] = (path) =>
    path.endsWith("/drills.json") ? Promise.resolve(textOf(known)) : engine.readEvidence(path);
  return { ...engine, readEvidence };
}

async function knownDrills({ path, text, plan }: PlanSource): Promise<KnownDrills | null> {
  if (Object.values(plan.checks).every(({ driver }) => driver !== "drill")) return null;
  const drills = await readDrills(path, plan.name);
  return { v: 1, wayBack: wayBackDigest(path, text, plan), drills };
}

function textOf(known: KnownDrills): string {
  return `${JSON.stringify(known, null, 2)}\n`;
}

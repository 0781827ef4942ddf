import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { runCanary, type Exit } from "./run-canary.ts";
import type { World } from "./world.ts";

/** Somebody with a laptop of their own: a state folder, and in it a key. */
export interface Colleague {
  readonly name: string;
  /** The public key, as `canary key` prints it. */
  readonly key: string;
  /** Runs a command as this person, about the evidence of the world. */
  readonly run: (...args: readonly string[]) => Promise<Exit>;
}

export async function colleague(world: World, name: string): Promise<Colleague> {
  const env = { CANARY_STATE_DIR: join(world.folder, name) };
  const { stdout } = await runCanary(world.folder, ["key"], { env });
  return { name, key: stdout.trim(), run: (...args) => runCanary(world.folder, args, { env }) };
}

/** Writes a policy under which ana and bo are the council, cy is a steward, and what a start has to bring is `tiers`. */
export async function policyFor(
  world: World,
  tiers: string,
): Promise<Record<"ana" | "bo" | "cy" | "eve", Colleague> & { readonly path: string }> {
  const [ana, bo, cy, eve] = await Promise.all([
    colleague(world, "ana"),
    colleague(world, "bo"),
    colleague(world, "cy"),
    colleague(world, "eve"),
  ]);
  const path = join(world.folder, "policy.yaml");
  const text = `apiVersion: canary/v1
kind: Policy
people:
  ana: { key: "${ana.key} ana@laptop", roles: [council] }
  bo: { key: "${bo.key}", roles: [council] }
  cy: { key: "${cy.key}", roles: [steward] }
stop: [council]
override: { council: 2 }
resume: { steward: 1 }
unlock: { council: 1, steward: 1 }
${tiers}
`;
  writeFileSync(path, text);
  return { path, ana, bo, cy, eve };
}

import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

import { expect } from "vitest";

import type { Sandbox } from "../../../src/sandbox/start-sandbox.ts";
import { ask, eventually, sandboxForTest } from "../../support/sandbox-client.ts";
import { folderForTest, runCanary, startCanary, type CanaryProcess } from "./run-canary.ts";

/** What `GET /state` of the sandbox says. */
export interface SandboxState {
  readonly traffic: { readonly stable: number; readonly canary: number };
  readonly deploys: Readonly<
    Record<"stable" | "canary", { readonly image: string; readonly replicas: number }>
  >;
  readonly writes: readonly {
    readonly at: string;
    readonly what: string;
    readonly value: unknown;
    readonly rollout: string | null;
    readonly epoch: number | null;
  }[];
}

/** One sandbox, one folder of evidence, and the commands to work with them. */
export interface World {
  readonly sandbox: Sandbox;
  readonly folder: string;
  readonly evidence: string;
  readonly state: () => Promise<SandboxState>;
  readonly knobs: (knobs: unknown) => Promise<void>;
  /** Heals every knob as soon as the router is back at 0 %; resolves then. */
  readonly healWhenBack: () => Promise<void>;
  /** Starts a plan of `test/e2e/plans`, or one by its absolute path. */
  readonly start: (
    plan: string,
    args?: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => CanaryProcess;
  readonly abort: (args?: readonly string[]) => CanaryProcess;
  /** Waits until the rollout has begun, and gives its id. */
  readonly rolloutId: () => Promise<string>;
  readonly list: () => Promise<readonly ListedRollout[]>;
  /** Exit code of `canary verify` of the newest rollout, and what it says; `witness`: a text that saw it, on its stdin. */
  readonly verify: (
    witness?: string,
  ) => Promise<{ readonly code: number | null; readonly text: string }>;
}

export interface ListedRollout {
  readonly id: string;
  readonly plan: string;
  readonly state: string;
  readonly exit: number | null;
}

const PLANS = resolve(import.meta.dirname, "../plans");

/** Builds a world on a free port that ends with the test. */
export async function worldForTest(): Promise<World> {
  const sandbox = await sandboxForTest();
  const folder = folderForTest();
  const evidence = join(folder, "evidence");
  const world: World = {
    sandbox,
    folder,
    evidence,
    state: async () => (await ask(`${sandbox.url}/state`)).json as SandboxState,
    knobs: async (knobs) => void (await ask(`${sandbox.url}/knobs`, "POST", knobs)),
    healWhenBack: () => {
      const healed = eventually(world.state, ({ traffic }) => traffic.canary === 0).then(
        async () => void (await ask(`${sandbox.url}/knobs`, "DELETE")),
      );
      // A test that fails meanwhile says why by itself.
      healed.catch(() => undefined);
      return healed;
    },
    start: (plan, args = [], env = {}) =>
      startCanary(
        folder,
        [
          ...["start", "--plan", resolve(PLANS, plan), "--sandbox", sandbox.url],
          ...["--evidence", evidence, ...args],
        ],
        { env },
      ),
    abort: (args = []) => startCanary(folder, ["abort", "--reason", "the test says so", ...args]),
    list: async () => {
      const { stdout } = await runCanary(folder, ["list", "--json", "--evidence", evidence]);
      return JSON.parse(stdout) as readonly ListedRollout[];
    },
    rolloutId: async () => {
      const begun = await eventually(
        () => Promise.resolve(begunIn(evidence)),
        (ids) => ids.length > 0,
      );
      return begun.at(-1) ?? "";
    },
    verify: async (witness) => {
      const args = ["verify", begunIn(evidence).at(-1) ?? "", "--evidence", evidence];
      const { code, stdout, stderr } = await (witness === undefined
        ? runCanary(folder, args)
        : runCanary(folder, [...args, "--witness", "-"], { input: witness }));
      return { code, text: stdout + stderr };
    },
  };
  return world;
}

/** The rollouts in a folder, oldest first. Read from the disk: a process for each look would cost more than the test. */
function begunIn(evidence: string): readonly string[] {
  if (!existsSync(evidence)) return [];
  const has = (id: string): boolean => existsSync(join(evidence, id, "journal.1.ndjson"));
  return readdirSync(evidence).filter(has).toSorted();
}

/** Waits until the sandbox's canary serves at least this share. */
export function untilShare(world: World, share: number): Promise<SandboxState> {
  return eventually(world.state, ({ traffic }) => traffic.canary >= share);
}

/** What must be true of a sandbox that a rollout went back from. */
export const BASELINE = {
  traffic: { stable: 100, canary: 0 },
  canary: { image: "shop:1.0.0", replicas: 1 },
};

/** Fails unless the sandbox is what it was before its rollout. */
export async function expectBaseline(world: World): Promise<void> {
  const state = await world.state();
  expect(state.traffic).toEqual(BASELINE.traffic);
  expect(state.deploys.canary).toEqual(BASELINE.canary);
}

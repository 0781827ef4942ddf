import { setTimeout as sleep } from "node:timers/promises";

import { runCanary, type CanaryProcess, type Exit } from "../../e2e/support/run-canary.ts";

/** Between two looks at what a rollout waits for, in milliseconds. */
const PAUSE = 3000;

/** A person who says yes to whatever the rollout asks for, until it is over: `canary confirm` and `canary promote`. */
export async function sayYes(
  canary: CanaryProcess,
  folder: string,
  evidence: string,
  preflight: readonly string[],
): Promise<Exit> {
  const open = [...preflight];
  for (;;) {
    const exit = await Promise.race([canary.exit, sleep(PAUSE, null)]);
    if (exit !== null) return exit;
    const [name] = open;
    const words = name === undefined ? ["promote"] : ["confirm", name];
    const said = await runCanary(folder, [...words, "--evidence", evidence, "--reason", "go"]);
    if (said.code === 0 && name !== undefined) open.shift();
  }
}

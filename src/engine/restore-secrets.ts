import type { Check } from "../core/plan.ts";
import { attemptCheck } from "./attempt-check.ts";
import type { Run } from "./run.ts";

/**
 * Reads secret values again that died with the process that read them, where `used` speaks of them: only their checks know
 * them, and a check can be made again. What else these checks give stays as it was journalled. A value that cannot be read
 * again is missing where it is used, which says so.
 */
export async function restoreSecrets(run: Run, used: unknown, cancel: AbortSignal): Promise<void> {
  // The process that started the rollout read them itself.
  if (run.epoch === 1) return;
  const checks = Object.values(run.plan.checks).filter((check) => isNeeded(run, check));
  if (checks.length === 0) return;
  const own = JSON.stringify(used ?? null);
  // What goes through a connection is signed in with what stands there.
  const through = Object.values(run.plan.connections).filter(({ name }) =>
    own.includes(`"connection":${JSON.stringify(name)}`),
  );
  const text = own + JSON.stringify(through);
  const needed = checks.filter((check) =>
    secretsOf(check).some((name) => text.includes(`\${outputs.${name}}`)),
  );
  await Promise.all(needed.map((check) => once(run, check, cancel)));
}

/** Several things that need one value at once ask for it once. */
async function once(run: Run, check: Check, cancel: AbortSignal): Promise<void> {
  const asked = run.restoring.get(check.name) ?? readAgain(run, check, cancel);
  run.restoring.set(check.name, asked);
  await asked;
  run.restoring.delete(check.name);
}

async function readAgain(run: Run, check: Check, cancel: AbortSignal): Promise<void> {
  const before = new Map(run.outputs);
  await attemptCheck(run, check, cancel);
  for (const [name, output] of before) run.outputs.set(name, output);
}

function isNeeded(run: Run, check: Check): boolean {
  return secretsOf(check).some((name) => !run.outputs.has(name));
}

/** The names of the secret values that a check or its steps give. */
function secretsOf({ outputs = {}, steps = [] }: Check): readonly string[] {
  const all = [outputs, ...steps.flatMap((step) => (step.kind === "test" ? [step.outputs] : []))];
  return all.flatMap((each) =>
    Object.entries(each).flatMap(([name, { secret }]) => (secret ? [name] : [])),
  );
}

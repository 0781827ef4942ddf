import { preflightOrder } from "../core/preflight-order.ts";
import type { DriverContext } from "../drivers/driver.ts";
import { driverContext, fillPublic } from "./driver-context.ts";
import type { Run } from "./run.ts";

/** Something that only looks, and may lack the right to. */
interface Look {
  readonly title: string;
  readonly connection: string | null;
  /** What is missing; undefined where its driver has nothing to ask for. */
  readonly ask: (context: DriverContext) => Promise<readonly string[]> | undefined;
}

/**
 * The permissions that the plan's checks and its required evidence lack: they are needed in the middle of the rollout, or
 * of its way back. Checks of the preflight are made there and say it themselves; evidence that may be missing may.
 */
export async function looksPermitted(run: Run, cancel: AbortSignal): Promise<readonly string[]> {
  const all = await Promise.all(
    [...checksOf(run), ...evidenceOf(run)].map(async ({ title, connection, ask }) => {
      try {
        const missing = (await ask(driverContext(run, connection, cancel))) ?? [];
        return missing.map((problem) => `${title}: ${problem}`);
      } catch (error) {
        return [`${title}: ${error instanceof Error ? error.message : String(error)}`];
      }
    }),
  );
  return all.flat();
}

function checksOf(run: Run): readonly Look[] {
  const { plan, engine } = run;
  const made = new Set(preflightOrder(plan));
  const later = Object.values(plan.checks).filter(({ name }) => !made.has(name));
  return later.flatMap(({ steps, ...check }) => {
    const parts = steps === undefined ? [check] : steps.filter((step) => step.kind === "test");
    return parts.map(({ driver, connection, input }): Look => ({
      title: `check ${check.name}`,
      connection,
      ask: (context) =>
        engine.catalog.checks.get(driver)?.permissions?.(fillPublic(run, input, null), context),
    }));
  });
}

function evidenceOf(run: Run): readonly Look[] {
  const { plan, engine } = run;
  const items = plan.stages.flatMap(({ evidence }) => evidence.filter(({ required }) => required));
  return items.map(({ as, driver, connection, input }) => ({
    title: `evidence ${as}`,
    connection,
    ask: (context) =>
      engine.catalog.evidence.get(driver)?.permissions?.(fillPublic(run, input, null), context),
  }));
}

import { preflightOrder } from "../core/preflight-order.ts";
import type { Json } from "../core/units.ts";
import type { DriverContext } from "../drivers/driver.ts";
import { driverContext, fillPublic } from "./driver-context.ts";
import type { Run } from "./run.ts";

/** Something that only looks, and may lack the right to. */
interface Look {
  readonly title: string;
  readonly connection: string | null;
  readonly input: Readonly<Record<string, Json>>;
  readonly asked:
    | ((input: unknown, context: DriverContext) => Promise<readonly string[]>)
    | undefined;
}

/**
 * The permissions that the plan's checks and its required evidence lack: they are needed in the middle of the rollout, or
 * of its way back. Checks of the preflight are made there and say it themselves; evidence that may be missing may.
 */
export async function looksPermitted(run: Run, cancel: AbortSignal): Promise<readonly string[]> {
  const all = await Promise.all(
    looksOf(run).map(async ({ title, connection, input, asked }) => {
      if (asked === undefined) return [];
      try {
        const context = driverContext(run, connection, cancel);
        const missing = await asked(fillPublic(run, input, null), context);
        return missing.map((problem) => `${title}: ${problem}`);
      } catch (error) {
        return [`${title}: ${error instanceof Error ? error.message : String(error)}`];
      }
    }),
  );
  return all.flat();
}

function looksOf({ plan, engine }: Run): readonly Look[] {
  const { checks, evidence } = engine.catalog;
  const made = new Set(preflightOrder(plan));
  const later = Object.values(plan.checks).filter(({ name }) => !made.has(name));
  const tests = later.flatMap(({ steps, ...check }) => {
    const parts = steps === undefined ? [check] : steps.filter((step) => step.kind === "test");
    return parts.map((part) => ({ ...part, name: check.name }));
  });
  const required = plan.stages.flatMap((stage) => stage.evidence.filter((item) => item.required));
  return [
    ...tests.map(({ name, driver, connection, input }) => ({
      title: `check ${name}`,
      connection,
      input,
      asked: checks.get(driver)?.permissions,
    })),
    ...required.map(({ as, driver, connection, input }) => ({
      title: `evidence ${as}`,
      connection,
      input,
      asked: evidence.get(driver)?.permissions,
    })),
  ];
}

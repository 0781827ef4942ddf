import { driverContext } from "../driver-context.ts";
import type { Run } from "../run.ts";

/** The places that this process can not tell anything, because a credential is not set here, and which. Asks nobody. */
export function missingCredentials(run: Run): ReadonlyMap<string, string> {
  const places = new Set(
    (run.plan.reactions ?? []).flatMap(({ does }) => (does.kind === "tell" ? [does.to] : [])),
  );
  return new Map(
    [...places].flatMap((to) => {
      const why = missingFor(run, to);
      return why === null ? [] : [[to, why] as const];
    }),
  );
}

function missingFor(run: Run, to: string): string | null {
  try {
    driverContext(run, to, AbortSignal.abort());
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

import { driverContext } from "../driver-context.ts";
import type { Run } from "../run.ts";

/**
 * Journals which places can not be told because a credential is not set: at the start, where somebody can still set it,
 * and not when somebody is needed. It holds nothing up.
 */
export function checkCredentials(run: Run, of: string): void {
  const places = new Set(
    (run.plan.reactions ?? []).flatMap(({ does }) => (does.kind === "tell" ? [does.to] : [])),
  );
  for (const to of places) {
    try {
      driverContext(run, to, AbortSignal.abort());
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const told = { reaction: "credentials", of, to, receipt: {} };
      void run.note({ kind: "not-delivered", ...told, why, tries: 0 }).catch(() => undefined);
    }
  }
}

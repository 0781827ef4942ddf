import { thisOwner } from "../owner.ts";
import type { JournalEntry } from "../ports.ts";
import type { Run } from "../run.ts";

/**
 * The end of a rollout whose store takes no end, as an entry that no journal holds: nobody else will ever tell that a person
 * is needed.
 */
export function lostEntry(run: Run, seq: number, why: string): JournalEntry {
  const { engine, rollout, plan, digest, epoch, state } = run;
  return {
    at: engine.clock.now(),
    mono: engine.clock.mono(),
    epoch,
    seq,
    actor: engine.by,
    event: {
      kind: "claimed",
      rollout,
      plan: plan.name,
      digest,
      mode: "start",
      cause: state.cause,
      by: engine.by,
      owner: thisOwner(),
      end: { kind: "rollback-failed", certain: false, why: `the journal takes no end: ${why}` },
    },
  };
}

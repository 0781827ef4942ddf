import { exitCode, freesTargets, type End } from "../core/ending.ts";
import type { Cause } from "../core/state.ts";
import { claimEnd } from "./claim-end.ts";
import { closeEvidence } from "./close-evidence.ts";
import { followRollout } from "./follow-rollout.ts";
import type { OpenEpoch } from "./open-epoch.ts";
import { lazyOutbox } from "./outbox/lazy-outbox.ts";
import { lostEntry } from "./outbox/lost-entry.ts";
import type { Outbox } from "./outbox/outbox.ts";
import type { Engine, Outcome } from "./ports.ts";
import { releaseMarks } from "./release-marks.ts";
import { repeatEvidence } from "./repeat-evidence.ts";
import type { Run } from "./run.ts";
import { runEpoch } from "./runner.ts";
import { rememberHead, signHead } from "./sign-head.ts";
import type { SignalPort } from "./signals.ts";

export interface EndPorts {
  readonly signals: SignalPort;
  readonly polls: boolean;
  /** Takes over from an epoch that superseded this one and then fell silent. */
  readonly takeOverSilent: (cause: Cause) => Promise<Outcome>;
}

/** Runs an epoch to its end, or follows the one that took over to its end: the exit code is the rollout's either way. */
export async function runToEnd(engine: Engine, open: OpenEpoch, ports: EndPorts): Promise<Outcome> {
  const { run, journal } = open;
  const { rollout } = run;
  // Beside the work: an abort's first write does not wait for a key.
  const signed = signHead(run, journal, open.claim);
  const repeated = repeatEvidence(run, open.earlier);
  const outbox = lazyOutbox(run, open.earlier);
  const finish = await runEpoch(run, open.first, {
    journal,
    signals: ports.signals,
    owners: open.owners,
    claimEnd: (end) =>
      claimEnd(run, journal, end, (entry) => {
        rememberHead(run, journal, entry.epoch);
        outbox.onEntry(entry);
      }),
    polls: ports.polls,
    firstWord: open.firstWord,
    onEntry: (entry) => {
      repeated.onEntry(entry);
      const sealed = signHead(run, journal, entry);
      outbox.onEntry(entry);
      return sealed;
    },
  });
  repeated.stop();
  // Who left or was superseded owes nobody a message: the next epoch sends what was not sent.
  if (finish.kind !== "end" && finish.kind !== "lost") outbox.stop();
  // They were told to end when the work on the epoch did, and are killed soon if they do not.
  await Promise.all(run.stopping);
  switch (finish.kind) {
    case "end":
      return close(run, finish.end, signed, outbox);
    case "detached":
      return { kind: "detached", rollout, exit: 33 };
    case "left":
      return { kind: "left", rollout, exit: 130 };
    case "lost":
      outbox.onEntry(lostEntry(run, journal.head().seq, finish.why));
      await outbox.close(LAST_MESSAGES);
      return { kind: "lost", rollout, exit: 41, why: finish.why };
    case "superseded":
      return follow(engine, rollout, ports);
  }
}

/** How long a process that is done waits for places that do not answer, in milliseconds. */
const LAST_MESSAGES = 10_000;

/** What is left to do when the end stands: none of it can change the verdict. */
async function close(run: Run, end: End, signed: Promise<void>, outbox: Outbox): Promise<Outcome> {
  await signed;
  const told = outbox.close(LAST_MESSAGES);
  if (run.epoch > 1) await run.engine.processes.endServices(run.rollout, run.epoch);
  const leftovers = freesTargets(end) ? await releaseMarks(run) : [];
  if (freesTargets(end)) await run.engine.records?.dropBundle(run.rollout);
  await told;
  await run.engine.store.tidy?.(run.rollout);
  await closeEvidence(run);
  return { kind: "ended", rollout: run.rollout, end, exit: exitCode(end), leftovers };
}

/** Follows another process's epoch to the end of the rollout, and takes over when it falls silent. */
export async function follow(
  engine: Engine,
  rollout: string,
  ports: Pick<EndPorts, "takeOverSilent">,
): Promise<Outcome> {
  const followed = await followRollout(engine, rollout);
  switch (followed.kind) {
    case "end":
      // Our own heartbeat may have come after the winner tidied up.
      await engine.store.tidy?.(rollout);
      // The winner may be on another machine, and the copy of the bundle is on this one.
      if (freesTargets(followed.end)) await engine.records?.dropBundle(rollout);
      await engine.sealFollowed?.(rollout);
      return {
        kind: "ended",
        rollout,
        end: followed.end,
        exit: exitCode(followed.end),
        leftovers: [],
      };
    case "lost":
      return { kind: "lost", rollout, exit: 41, why: followed.why };
    case "silent":
      return ports.takeOverSilent({
        kind: "lost",
        text: `the process that took over in epoch ${followed.epoch} fell silent`,
        by: "canary",
      });
  }
}

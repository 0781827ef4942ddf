import type { End } from "../core/ending.ts";
import { step } from "../core/step.ts";
import type { Journal } from "./journal.ts";
import type { JournalEntry } from "./ports.ts";
import type { Run } from "./run.ts";
import { sleep } from "./sleep.ts";

/** How long a store that does not answer is asked to take the end, and the pause between, in milliseconds. */
const PATIENCE = 30_000;
const PAUSE = 500;

/** Ends the rollout by claiming the next epoch with the end as its first line: exactly one of all that could end it wins. */
export async function claimEnd(
  run: Run,
  journal: Journal,
  end: End,
  claimed: (entry: JournalEntry) => void = () => undefined,
): Promise<"claimed" | "taken" | Error> {
  const { engine, rollout } = run;
  const next = run.epoch + 1;
  const began = engine.clock.mono();
  await journal.write([]);
  const made = journal.endLine(next, {
    kind: "claimed",
    rollout,
    plan: run.plan.name,
    digest: run.digest,
    mode: "start",
    cause: run.state.cause,
    by: engine.by,
    owner: engine.processes.self(),
    end,
  });
  for (;;) {
    try {
      if (journal.unwritten() > 0) await journal.write([]);
      const result = await engine.store.claim(rollout, next, made.line);
      if (result === "taken") return "taken";
      run.state = step(run.plan, run.state, made.entry).state;
      journal.moveTo(next);
      engine.observe(made.entry, made.line);
      claimed(made.entry);
      return "claimed";
    } catch (error) {
      if (engine.clock.mono() - began > PATIENCE)
        return error instanceof Error ? error : new Error(String(error));
    }
    await sleep(engine.clock, PAUSE);
  }
}

import type { Evidence } from "../core/plan.ts";
import { fillName } from "./driver-context.ts";
import { takeEvidence } from "./perform-collect.ts";
import type { JournalEntry } from "./ports.ts";
import type { Run } from "./run.ts";
import { saveCapture } from "./save-capture.ts";

/** Takes what is asked for `every` so often while its stage lasts. An observer: what fails is seen missing, no more. */
export interface RepeatedEvidence {
  onEntry(entry: JournalEntry): void;
  stop(): void;
}

/** Watches the journal for stages that begin and end. */
export function repeatEvidence(run: Run): RepeatedEvidence {
  let cancels: (() => void)[] = [];
  const abort = new AbortController();
  function stop(): void {
    for (const cancel of cancels) cancel();
    cancels = [];
  }
  function repeat(item: Evidence, every: number): void {
    const index = cancels.length;
    cancels.push(
      run.engine.clock.after(every, () => {
        cancels[index] = () => undefined;
        void capture(run, item, abort.signal);
        repeat(item, every);
      }),
    );
  }
  return {
    onEntry({ event }) {
      if (event.kind === "stage-passed" || event.kind === "stopping") return stop();
      if (event.kind !== "stage-started") return;
      stop();
      const stage = run.plan.stages.find(({ name }) => name === event.stage);
      for (const item of stage?.evidence ?? []) if (item.every !== null) repeat(item, item.every);
    },
    stop() {
      stop();
      abort.abort();
    },
  };
}

async function capture(run: Run, item: Evidence, signal: AbortSignal): Promise<void> {
  const at = new Date(run.engine.clock.now()).toISOString().replaceAll(/[-:]|\.\d+/gu, "");
  const name = stamped(fillName(run, item.as), at);
  const result = await takeEvidence(run, item, signal);
  const content = result.kind === "taken" ? result.content : `missing: ${result.why}\n`;
  // The stage's own capture at its end says what could not be taken or written.
  await saveCapture(run, name, content);
}

/** `orders.txt` taken at a time becomes `orders.20260105T101500Z.txt`. */
function stamped(name: string, at: string): string {
  const dot = name.lastIndexOf(".");
  return dot <= name.lastIndexOf("/")
    ? `${name}.${at}`
    : `${name.slice(0, dot)}.${at}${name.slice(dot)}`;
}

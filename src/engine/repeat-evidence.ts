import type { Evidence } from "../core/plan.ts";
import type { WallTime } from "../core/units.ts";
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

/** Watches the journal for stages that begin and end; `earlier`: that of the epochs before, whose stage may go on. */
export function repeatEvidence(run: Run, earlier: readonly JournalEntry[]): RepeatedEvidence {
  let cancels: (() => void)[] = [];
  const abort = new AbortController();
  const { clock } = run.engine;
  function stop(): void {
    for (const cancel of cancels) cancel();
    cancels = [];
  }
  function repeat(item: Evidence, every: number, since: WallTime): void {
    const index = cancels.length;
    // On the grid of the stage's beginning: a resumed stage goes on with it, and late timers do not add up.
    const next = every - (Math.max(0, clock.now() - since) % every);
    cancels.push(
      clock.after(next, () => {
        cancels[index] = () => undefined;
        void capture(run, item, abort.signal);
        repeat(item, every, since);
      }),
    );
  }
  function onEntry({ event, at }: JournalEntry): void {
    if (event.kind === "stage-passed" || event.kind === "stopping") return stop();
    if (event.kind !== "stage-started") return;
    stop();
    const stage = run.plan.stages.find(({ name }) => name === event.stage);
    for (const item of stage?.evidence ?? []) if (item.every !== null) repeat(item, item.every, at);
  }
  const last = earlier.findLast(({ event }) => TELLING.has(event.kind));
  if (last !== undefined) onEntry(last);
  return {
    onEntry,
    stop() {
      stop();
      abort.abort();
    },
  };
}

/** What a stage that goes on, or is over, is known by. */
const TELLING: ReadonlySet<string> = new Set(["stage-started", "stage-passed", "stopping"]);

async function capture(run: Run, item: Evidence, signal: AbortSignal): Promise<void> {
  const at = new Date(run.engine.clock.now()).toISOString().replaceAll(/[-:]|\.\d+/gu, "");
  const name = stamped(fillName(run, item.as), at);
  const result = await takeEvidence(run, item, false, signal);
  // A table has its rows in one file.
  if (item.driver === "table") return;
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

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
  /** The `nth` time: on the grid of the stage's beginning, so that late timers do not add up. */
  function repeat(item: Evidence, every: number, since: WallTime, nth: number): void {
    const index = cancels.length;
    cancels.push(
      clock.after(Math.max(0, since + nth * every - clock.now()), () => {
        cancels[index] = () => undefined;
        void capture(run, item, abort.signal);
        // Rounded, not cut: a timer may fire a moment early. What a sleeping machine missed is left out.
        const passed = Math.round((clock.now() - since) / every);
        repeat(item, every, since, Math.max(nth, passed) + 1);
      }),
    );
  }
  /** A resumed stage goes on with the grid that it began. */
  function begin(item: Evidence, every: number, since: WallTime): void {
    const passed = Math.floor(Math.max(0, clock.now() - since) / every);
    repeat(item, every, since, passed + 1);
  }
  function onEntry({ event, at }: JournalEntry): void {
    if (event.kind === "stage-passed" || event.kind === "stopping") return stop();
    if (event.kind !== "stage-started") return;
    stop();
    const stage = run.plan.stages.find(({ name }) => name === event.stage);
    for (const item of stage?.evidence ?? []) if (item.every !== null) begin(item, item.every, at);
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

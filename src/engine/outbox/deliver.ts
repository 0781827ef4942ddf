import type { Json, Millis } from "../../core/units.ts";
import type { Delivery, Notice, Receipt, SinkDriver } from "../../sinks/sink.ts";
import { driverContext } from "../driver-context.ts";
import type { Run } from "../run.ts";

/** What is sent, and where. */
export interface Letter {
  readonly sink: SinkDriver;
  readonly to: string;
  readonly notice: Notice;
  readonly options: Readonly<Record<string, Json>>;
  readonly receipt: Receipt;
  /** False for a sink that was down just now: it gets one try a letter until it is back, so that letters do not pile up. */
  readonly patient: boolean;
}

/** How it ended: `why` is null when it was delivered. */
export interface Sent {
  readonly why: string | null;
  readonly receipt: Receipt;
  readonly tries: number;
}

/** Bound of one try, and of all tries of one letter with the pauses between, in milliseconds. */
export const TRY: Millis = 15_000;
const PATIENCE: Millis = 180_000;
const FIRST_PAUSE: Millis = 1000;
const LONGEST_PAUSE: Millis = 30_000;

/** Sends a letter, again and again within bounds; ends at once when `leave` aborts. Never throws. */
export async function deliver(run: Run, letter: Letter, leave: AbortSignal): Promise<Sent> {
  const { clock } = run.engine;
  const until = clock.mono() + PATIENCE;
  let { receipt } = letter;
  if (leave.aborted) return { why: "the process left before its turn came", receipt, tries: 0 };
  for (let tries = 1; ; tries += 1) {
    const answer = await tryOnce(run, { ...letter, receipt }, leave);
    receipt = answer.receipt ?? receipt;
    if (answer.kind === "delivered") return { why: null, receipt, tries };
    const given = (why: string): Sent => ({ why, receipt, tries });
    if (answer.kind === "refused") return given(answer.why);
    if (leave.aborted) return given(`${answer.why}; the process left before it could try again`);
    const pause = answer.after ?? Math.min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE);
    if (!letter.patient || clock.mono() + pause > until)
      return given(`${answer.why}; tried ${tries === 1 ? "once" : `${tries} times`}`);
    await rest(run, pause, leave);
    if (leave.aborted) return given(`${answer.why}; the process left before it could try again`);
  }
}

/** One try. A sink that neither answers nor minds its signal is left behind. */
async function tryOnce(run: Run, letter: Letter, leave: AbortSignal): Promise<Delivery> {
  const { sink, to, notice, options, receipt } = letter;
  const own = new AbortController();
  const signal = AbortSignal.any([own.signal, leave]);
  const stop = run.engine.clock.after(TRY, () => own.abort());
  const late = new Promise<Delivery>((resolve) => {
    const tell = (): void => {
      const why = leave.aborted ? "not answered yet" : `no answer within ${TRY} ms`;
      resolve({ kind: "again", why, after: null });
    };
    if (signal.aborted) tell();
    else signal.addEventListener("abort", tell, { once: true });
  });
  try {
    const context = driverContext(run, to, signal);
    const { connection: config, http } = context;
    const now = () => context.now();
    const answer = sink.deliver(notice, { config, options, http, signal, receipt, now });
    return await Promise.race([answer, late]);
  } catch (error) {
    // A secret that is not set; or a bug in a sink, which must not become one of the rollout.
    return { kind: "refused", why: error instanceof Error ? error.message : String(error) };
  } finally {
    stop();
  }
}

function rest(run: Run, ms: Millis, leave: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = run.engine.clock.after(ms, done);
    function done(): void {
      leave.removeEventListener("abort", stop);
      resolve();
    }
    function stop(): void {
      cancel();
      resolve();
    }
    leave.addEventListener("abort", stop, { once: true });
  });
}

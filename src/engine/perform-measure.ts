import { agedSample } from "../core/aged-sample.ts";
import type { Over } from "../core/condition.ts";
import type { Effect } from "../core/effect.ts";
import type { Sample } from "../core/sample.ts";
import type { Json, Millis } from "../core/units.ts";
import type { MetricSource } from "../drivers/driver.ts";
import { driverContext, fillPublic } from "./driver-context.ts";
import { fillArm, type Arm } from "./fill-arm.ts";
import type { Run } from "./run.ts";
import { sinceChecks } from "./since-checks.ts";

/** Asks one question of a tick. */
export async function performMeasure(
  run: Run,
  effect: Extract<Effect, { kind: "measure" }>,
  cancel: AbortSignal,
): Promise<void> {
  const { key, metric, over, arm = "canary" } = effect.measurement;
  const window = windowOf(over, effect.window);
  const cut = cutWindow(run, metric, over, window);
  const ask = (asked: Millis | null): Promise<Sample> => measure(run, metric, asked, cancel, arm);
  const sample = cut === null ? await ask(window) : await sinceChecksPassed(ask, cut, window);
  await run.record({ kind: "measured", effect: effect.id, key, sample: redacted(run, sample) });
}

/**
 * What a source has to say of a window that was cut. In so short a time it is no wonder that there is nothing; but only of
 * one that has something to say of the whole window: one that is dead is silent in every stage, and must not pass for early.
 */
async function sinceChecksPassed(
  ask: (window: Millis | null) => Promise<Sample>,
  cut: Millis,
  window: Millis | null,
): Promise<Sample> {
  const sample = await ask(cut);
  if (sample.kind !== "noData") return sample;
  const whole = await ask(window);
  const isAlive = whole.kind === "value" || whole.kind === "inconclusive";
  return isAlive ? { kind: "inconclusive", why: sample.why, observedAt: null } : whole;
}

/** The window that is left of one which would reach back before the checks of the stage passed; null where none would. */
function cutWindow(
  run: Run,
  name: string,
  over: Over | null,
  window: Millis | null,
): Millis | null {
  const metric = run.plan.metrics[name];
  // Whoever asks `over rollout` means all of it.
  if (metric === undefined || (over !== null && over.kind !== "window")) return null;
  // A server's own query states its range, which is nothing to be cut here.
  if (run.engine.catalog.metrics.get(metric.driver)?.over !== undefined) return null;
  const since = sinceChecks(run);
  return since !== null && since < (window ?? metric.window) ? since : null;
}

/** Asks a metric source once, within the metric's timeout; a source that hangs or throws is an error, never a wait. */
export async function measure(
  run: Run,
  name: string,
  window: Millis | null,
  cancel: AbortSignal,
  arm: Arm = "canary",
): Promise<Sample> {
  const metric = run.plan.metrics[name];
  if (metric === undefined) throw new Error(`the plan has no metric ${name}`);
  const own = new AbortController();
  const late = new Promise<Sample>((resolve) => {
    own.signal.addEventListener(
      "abort",
      () => resolve({ kind: "error", why: `no answer within ${metric.timeout} ms` }),
      { once: true },
    );
  });
  const cancelTimer = run.engine.clock.after(metric.timeout, () => own.abort());
  try {
    const context = driverContext(run, metric.connection, AbortSignal.any([own.signal, cancel]));
    const query = fillArm(fillPublic(run, metric.query, null), context.connection, arm);
    const asked = sourceOf(run, metric.connection, metric.driver, context.connection).sample(
      query,
      window ?? metric.window,
      context,
    );
    return agedSample(await Promise.race([asked, late]), metric.maxAge, run.engine.clock.now());
  } catch (error) {
    return { kind: "error", why: error instanceof Error ? error.message : String(error) };
  } finally {
    cancelTimer();
  }
}

/** One source a connection: it may keep scrapes and file offsets between ticks. */
function sourceOf(
  run: Run,
  connection: string,
  driver: string,
  config: Readonly<Record<string, Json>>,
): MetricSource<unknown> {
  const open = run.sources.get(connection);
  if (open !== undefined) return open;
  const found = run.engine.catalog.metrics.get(driver);
  if (found === undefined) throw new Error(`no metric driver ${driver}`);
  const source = found.open(config);
  run.sources.set(connection, source);
  return source;
}

function windowOf(over: Over | null, window: Millis | null): Millis | null {
  return over === null ? null : window;
}

function redacted(run: Run, sample: Sample): Sample {
  if (sample.kind !== "value") return { ...sample, why: run.redactor.redact(sample.why) };
  const { finds } = sample;
  return finds === undefined
    ? sample
    : { ...sample, finds: finds.map((find) => run.redactor.redact(find)) };
}

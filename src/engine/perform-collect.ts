import type { Effect } from "../core/effect.ts";
import type { Evidence } from "../core/plan.ts";
import type { Json } from "../core/units.ts";
import type { EvidenceResult } from "../drivers/driver.ts";
import { captureName } from "../evidence/capture-name.ts";
import { appendTable } from "./append-table.ts";
import { driverContext, fillName, fillPublic } from "./driver-context.ts";
import { measure } from "./perform-measure.ts";
import type { Run } from "./run.ts";
import { saveCapture } from "./save-capture.ts";

/** Takes a stage's evidence. A missing item is a warning; a required one is the machine's to judge. */
export async function performCollect(
  run: Run,
  effect: Extract<Effect, { kind: "collect" }>,
  cancel: AbortSignal,
): Promise<void> {
  const items = run.plan.stages[effect.stage]?.evidence ?? [];
  const results = await Promise.all(items.map((item) => take(run, item, cancel)));
  if (cancel.aborted) return;
  await run.record({
    kind: "collected",
    effect: effect.id,
    taken: results.filter(({ missing }) => missing === null).map(({ name }) => name),
    missing: whys(results.filter(({ item }) => !item.required)),
    missingRequired: whys(results.filter(({ item }) => item.required)),
  });
}

interface Taken {
  readonly item: Evidence;
  readonly name: string;
  /** Why there is no file; null when there is. */
  readonly missing: string | null;
}

/** Takes one item and writes it; what cannot be written is as missing as what cannot be taken. */
async function take(run: Run, item: Evidence, cancel: AbortSignal): Promise<Taken> {
  const name = captureName(fillName(run, item.as));
  const result = await takeEvidence(run, item, true, cancel);
  if (result.kind === "missing") return { item, name, missing: run.redactor.redact(result.why) };
  if (cancel.aborted) return { item, name, missing: "interrupted" };
  // A table writes itself, row by row.
  if (item.driver === "table") return { item, name, missing: null };
  return { item, name, missing: await saveCapture(run, name, result.content) };
}

function whys(results: readonly Taken[]): readonly string[] {
  return results.flatMap(({ name, missing }) => (missing === null ? [] : [`${name}: ${missing}`]));
}

/** Takes one item within its timeout; never throws. `final`: at the end of its stage. */
export async function takeEvidence(
  run: Run,
  item: Evidence,
  final: boolean,
  cancel: AbortSignal,
): Promise<EvidenceResult> {
  const own = new AbortController();
  const cancelTimer = run.engine.clock.after(item.timeout, () => own.abort());
  const late = new Promise<EvidenceResult>((resolve) => {
    own.signal.addEventListener(
      "abort",
      () => resolve({ kind: "missing", why: `no answer within ${item.timeout} ms` }),
      { once: true },
    );
  });
  const signal = AbortSignal.any([own.signal, cancel]);
  try {
    if (item.driver === "table")
      return await Promise.race([appendTable(run, item, final, signal), late]);
    if (item.driver === "metric") return await Promise.race([metric(run, item, signal), late]);
    const driver = run.engine.catalog.evidence.get(item.driver);
    if (driver === undefined) throw new Error(`no evidence driver ${item.driver}`);
    const context = driverContext(run, item.connection, signal);
    return await Promise.race([
      driver.take(fillPublic(run, item.input as Json, null), context),
      late,
    ]);
  } catch (error) {
    return { kind: "missing", why: error instanceof Error ? error.message : String(error) };
  } finally {
    cancelTimer();
  }
}

async function metric(run: Run, item: Evidence, signal: AbortSignal): Promise<EvidenceResult> {
  const name = item.input["metric"];
  if (typeof name !== "string") return { kind: "missing", why: "no metric is named" };
  const sample = await measure(run, name, null, signal);
  const at = new Date(run.engine.clock.now()).toISOString();
  return {
    kind: "taken",
    content: `${at} ${name} ${sample.kind === "value" ? sample.value : `${sample.kind}: ${sample.why}`}\n`,
  };
}

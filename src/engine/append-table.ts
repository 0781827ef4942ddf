import type { Evidence } from "../core/plan.ts";
import type { EvidenceResult } from "../drivers/driver.ts";
import { captureName } from "../evidence/capture-name.ts";
import { fillName } from "./driver-context.ts";
import { measure } from "./perform-measure.ts";
import type { Run } from "./run.ts";
import { capturePath, saveCapture } from "./save-capture.ts";
import { lastRowTime, tableHead, tableRow } from "./table-row.ts";

/** What is taken at the end of a stage too soon after a row says the same once more: a tenth of the time between rows. */
const TOO_SOON = 0.1;

/**
 * Adds a row to a table of metrics in the evidence, and gives the whole table. Rows of earlier processes stay: the table
 * is read before each row. `final`: at the end of the stage, where a row of a moment ago is enough.
 */
export async function appendTable(
  run: Run,
  item: Evidence,
  final: boolean,
  signal: AbortSignal,
): Promise<EvidenceResult> {
  const metrics = tableMetrics(item);
  const name = captureName(fillName(run, item.as));
  // The next stage may begin while the metrics answer: the row belongs to this one.
  const stage = run.plan.stages[run.state.stage];
  const path = capturePath(run, name, stage);
  // One row after another: two at once would each miss the other.
  const before = run.tables.get(path) ?? Promise.resolve();
  const turn = before.then(async (): Promise<EvidenceResult> => {
    const table = await run.engine.readEvidence(path);
    const now = run.engine.clock.now();
    if (table !== null && final && isRecent(table, item, now))
      return { kind: "taken", content: table };
    const samples = await Promise.all(metrics.map((each) => measure(run, each, null, signal)));
    if (signal.aborted) return { kind: "missing", why: "interrupted" };
    const row = tableRow(run.plan, metrics, samples, now);
    const content = (table ?? tableHead(metrics)) + row;
    const problem = await saveCapture(run, name, content, stage);
    return problem === null ? { kind: "taken", content } : { kind: "missing", why: problem };
  });
  const settled = turn.catch(() => undefined);
  run.tables.set(path, settled);
  return await turn;
}

/** The metrics that are the columns of a table. */
export function tableMetrics({ input }: Evidence): readonly string[] {
  const { metrics } = input;
  return Array.isArray(metrics) ? metrics.filter((each) => typeof each === "string") : [];
}

function isRecent(table: string, { every }: Evidence, now: number): boolean {
  const last = lastRowTime(table);
  return every !== null && last !== null && now - last < every * TOO_SOON;
}

import type { Effect } from "../core/effect.ts";
import type { UndoResult } from "../core/event.ts";
import { sameValue, type FieldValue } from "../core/field.ts";
import type { Action } from "../core/plan.ts";
import { actionOf } from "../core/unwind.ts";
import type { ActionDriver } from "../drivers/driver.ts";
import { bounded } from "./bounded.ts";
import type { BundleField } from "./bundle.ts";
import { driverContext } from "./driver-context.ts";
import { requestOf } from "./perform-apply.ts";
import type { Run } from "./run.ts";

/** How long the target is asked for what is only said, in milliseconds: it may be the one that gives no answer. */
const ASKED = 3000;

type Undo = Extract<Effect, { kind: "undo" }>;

/** How one try to write a field back went. */
export interface Tried {
  readonly entry: BundleField;
  readonly result: UndoResult;
  readonly wanted: FieldValue;
  /** What it reads as after the try; null when that is not known. */
  readonly found: FieldValue | null;
}

/**
 * Says of each value that does not take what it should be, what it is, and what a person can run meanwhile: at the first
 * try, and again when the finding changes. `left` are the milliseconds for which it is tried again.
 */
export function tellUndo(run: Run, effect: Undo): (tried: readonly Tried[], left: number) => void {
  const told = new Map<string, string>();
  return (tried, left) => {
    for (const each of tried) {
      const { field, label, result, why } = each.result;
      if (result !== "failed" && result !== "unknown") continue;
      const found = each.found === null ? null : show(run, each.found);
      const finding = `${found ?? ""} ${why}`;
      if (told.get(field) === finding) continue;
      told.set(field, finding);
      // Beside the way back, which never waits for what is only said.
      void byHand(run, effect, each)
        .then((lines) =>
          run.note({
            kind: "undo-retried",
            field,
            label,
            wanted: show(run, each.wanted),
            found,
            why,
            byHand: lines,
            left: Math.max(0, left),
          }),
        )
        .catch(() => undefined);
    }
  };
}

/** A value for people. */
export function show(run: Run, value: FieldValue): string {
  return value.present ? run.redactor.redact(JSON.stringify(value.value)) : "absent";
}

/** What a person would type to put a field back; empty where its driver cannot say. */
async function byHand(run: Run, effect: Undo, tried: Tried): Promise<readonly string[]> {
  try {
    const writers = new Set(tried.entry.writes.map(({ action }) => action));
    const last = run.state.intended.findLast(
      (id) => writers.has(id) && effect.actions.includes(id),
    );
    const action = last === undefined ? undefined : actionOf(run.plan, last);
    const lazy = run.engine.catalog.actions.get(action?.driver ?? "");
    if (action === undefined || lazy === undefined) return [];
    const driver = (await lazy.whole?.()) ?? lazy;
    const request = requestOf(run, action);
    const isOff = action.role === "traffic" && (await isShareOf(run, driver, action, 0, tried));
    const lines = driver
      .preview(isOff ? { ...request, share: 0 } : request)
      .map(({ does, undo }) => (isOff ? does : filled(undo, tried.wanted)));
    return lines.map((text) => run.redactor.redact(`${text}${at(run, action)}`));
  } catch {
    return [];
  }
}

/** Where a preview leaves room for the one value from before. */
const ROOM = /"<value before>"|<(?:the )?(?:value|number|image|weight) before>/gu;

/** The text with the value itself, so that it can be pasted; as it is where it speaks of several, or of none. */
function filled(text: string, value: FieldValue): string {
  const [room, ...more] = text.match(ROOM) ?? [];
  if (room === undefined || more.length > 0 || !value.present) return text;
  const json = JSON.stringify(value.value);
  if (room.startsWith('"')) return text.replace(room, () => json);
  if (typeof value.value === "object") return text;
  return text.replace(room, () => (typeof value.value === "string" ? value.value : json));
}

/** Whether what is wanted is what a stage of this share would set. */
async function isShareOf(
  run: Run,
  driver: ActionDriver<unknown>,
  action: Action,
  share: number,
  { entry, wanted }: Tried,
): Promise<boolean> {
  const { signal } = new AbortController();
  const found = await bounded(run, ASKED, signal, (own) =>
    driver.changes(
      { ...requestOf(run, action), share },
      driverContext(run, action.connection, own),
    ),
  );
  if (found.kind !== "ok") return false;
  const change = found.value.find(({ field }) => field.key === entry.field.key);
  return change !== undefined && sameValue(change.value, wanted);
}

/** Where a connection leads, as far as a command line does not say it itself. Secrets stay references. */
function at(run: Run, { connection }: Action): string {
  const config = connection === null ? undefined : run.plan.connections[connection]?.config;
  const places = ["url", "context", "namespace", "host"].flatMap((key) => {
    const value = config?.[key];
    return typeof value === "string" ? [`${key} ${value}`] : [];
  });
  return places.length === 0 ? "" : `  (${places.join(", ")})`;
}

import type { Reaction, ReactionEvent } from "../../core/reaction.ts";
import type { WallTime } from "../../core/units.ts";
import type { Receipt } from "../../sinks/sink.ts";
import type { Run } from "../run.ts";
import { askedLines } from "./asked-lines.ts";
import { collect } from "./collect.ts";
import { deliver, type Sent } from "./deliver.ts";
import type { EventWords } from "./event-words.ts";
import { messageValues, type Subject } from "./message-values.ts";
import { noticeOf } from "./notice-of.ts";
import { outputValue } from "./output-value.ts";
import { runCommand } from "./run-command.ts";
import type { Tale } from "./tale.ts";
import { writeRecord } from "./write-record.ts";

/** An event that is reacted to, and how things stood then. */
export interface Occasion {
  /** Epoch and number of the event. */
  readonly of: string;
  readonly at: WallTime;
  readonly event: ReactionEvent;
  readonly words: EventWords;
  readonly tale: Tale;
}

/** What a place was sent before, and whether it answered then. */
export interface Standing {
  readonly receipt: Receipt;
  readonly patient: boolean;
}

/** Sends the message, or runs the command, of one line of `on:`. Never throws. */
export function carryOut(
  run: Run,
  reaction: Reaction,
  occasion: Occasion,
  { receipt, patient }: Standing,
  leave: AbortSignal,
): Promise<Sent> {
  const { does, options } = reaction;
  const subject = subjectOf(run, reaction, occasion);
  const outputs = outputValue(run);
  const values = messageValues(subject);
  const stage = run.plan.stages.find(({ name }) => name === occasion.tale.stages.at(-1)?.name);
  const lookup = (name: string) => values(name) ?? outputs(name);
  if (does.kind === "run") return runCommand(run, does, lookup, leave);
  if (does.kind === "collect") return collect(run, does.items, { values: lookup, stage }, leave);
  if (does.kind === "record" && leave.aborted)
    return Promise.resolve({ why: "the process left before its turn came", receipt, tries: 0 });
  if (does.kind === "record")
    return writeRecord(run, { as: does.as, text: reaction.text ?? "" }, lookup, stage);
  const { to } = does;
  const sink = run.engine.catalog.sinks.get(run.plan.connections[to]?.type ?? "");
  if (sink === undefined)
    return Promise.resolve({ why: `no sink behind ${to}`, receipt, tries: 0 });
  const { redactor } = run;
  const asked = askedLines(run, reaction, occasion.at);
  const plain = noticeOf({ subject, reaction, of: occasion.of, outputs, asked, redactor });
  const notice = run.head === null ? plain : { ...plain, head: run.head };
  return deliver(run, { sink, to, notice, options, receipt, patient }, leave);
}

function subjectOf(run: Run, { event }: Reaction, { at, words, tale }: Occasion): Subject {
  return { plan: run.plan, rollout: run.rollout, event, at, words, tale };
}

import type { Reaction } from "../../core/reaction.ts";
import type { Json } from "../../core/units.ts";
import { fillText } from "../../drivers/template.ts";
import { redactPersonal } from "../../evidence/redact-personal.ts";
import type { Redactor } from "../../evidence/redact.ts";
import type { Notice, StageNotice } from "../../sinks/sink.ts";
import { CLOSING } from "./matching.ts";
import { messageValues, type Subject } from "./message-values.ts";
import type { Tale } from "./tale.ts";

export interface NoticeRequest {
  readonly subject: Subject;
  readonly reaction: Reaction;
  /** The event, as epoch and number. */
  readonly of: string;
  /** Values of non-secret outputs. */
  readonly outputs: (name: string) => Json | undefined;
  /** What is asked for, a line each. */
  readonly asked: readonly string[];
  readonly redactor: Redactor;
}

/** Makes the message of a reaction to an event. Everything in it is redacted. */
export function noticeOf(request: NoticeRequest): Notice {
  const { reaction, of, outputs, redactor } = request;
  const subject = withoutPersons(request.subject);
  const { plan, rollout, words, tale, at } = subject;
  const values = messageValues(subject);
  const fill = (text: string): string =>
    redactor.redact(fillText(text, (name) => values(name) ?? outputs(name)));
  const title = `${plan.name}: ${words.title}`;
  const why = words.reason === "" || title.includes(words.reason) ? "" : words.reason;
  const progress = progressOf(subject);
  const name = words.stage ?? tale.stages.at(-1)?.name;
  return {
    key: `${rollout}/${of}/${reaction.id}`,
    event: reaction.event,
    asked: !reaction.id.startsWith(CLOSING),
    at,
    rollout,
    plan: plan.name,
    owner: plan.about.owner,
    links: plan.about.links,
    subject: oneLine(fill(reaction.subject ?? title)),
    text: [fill(reaction.text ?? why), ...request.asked].filter((line) => line !== "").join("\n"),
    tone: words.tone,
    needsPerson: words.needsPerson,
    isOver: words.isOver,
    isEnd: words.isEnd,
    stage: progress.find((stage) => stage.name === name) ?? null,
    progress,
  };
}

/** What a target said may name its users. Who acted is named all the same. */
function withoutPersons(subject: Subject): Subject {
  const { words } = subject;
  const [title, reason] = [redactPersonal(words.title), redactPersonal(words.reason)];
  return { ...subject, words: { ...words, title, reason } };
}

/** Headers of mails and titles of incidents have one line. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, " ").trim();
}

function progressOf({ plan, tale }: { plan: Subject["plan"]; tale: Tale }): readonly StageNotice[] {
  return plan.stages.map(({ name, share }): StageNotice => {
    const told = tale.stages.findLast((stage) => stage.name === name);
    if (told === undefined) return { name, share, state: "to come", began: null };
    return { name, share, state: told.state, began: told.began };
  });
}

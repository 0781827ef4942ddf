import type { Json } from "../core/units.ts";
import { cutText } from "./cut-text.ts";
import type { Notice, StageNotice } from "./sink.ts";
import { webLinks } from "./web-links.ts";

/** Slack's own bounds: the text of a section, of a header, and of a message's fallback. */
const SECTION = 2900;
const HEADER = 150;
const FALLBACK = 3500;

const SIGNS: Readonly<Record<Notice["tone"], string>> = {
  info: "🔵",
  good: "🟢",
  warn: "🟡",
  bad: "🔴",
};

const STAGES: Readonly<Record<StageNotice["state"], string>> = {
  "to come": "⚪",
  running: "🔵",
  passed: "🟢",
  "rolled back": "↩️",
  stopped: "🔴",
};

/** The message that shows the whole rollout and is changed as it goes on. */
export function livingMessage(notice: Notice): { readonly text: string; readonly blocks: Json } {
  const { subject, text, progress, tone } = notice;
  const title = `${SIGNS[tone]} ${subject}`;
  const stages = progress.map((stage) => `${STAGES[stage.state]} ${escape(nameOf(stage))}`);
  const links = webLinks(notice).map(({ href, text }) => `<${href}|${escape(text)}>`);
  const foot = [`rollout \`${notice.rollout}\``, ...ownerOf(notice), ...links, ...headOf(notice)];
  const blocks: Json[] = [
    { type: "header", text: { type: "plain_text", text: cutText(title, HEADER), emoji: true } },
    ...(text === "" ? [] : [section(escape(text))]),
    ...(stages.length === 0 ? [] : [section(stages.join("\n"))]),
    { type: "context", elements: [{ type: "mrkdwn", text: cutText(foot.join(" · "), SECTION) }] },
  ];
  return { text: cutText(escape(title), FALLBACK), blocks };
}

/** What is told in the thread of the living message, or where there is no such message. */
export function plainMessage(notice: Notice): string {
  const { subject, text, tone } = notice;
  const lines = text === "" ? subject : `${subject}\n${text}`;
  const whole = cutText(`${SIGNS[tone]} ${escape(lines)}`, FALLBACK);
  return [whole, ...headOf(notice)].join("\n");
}

function section(text: string): Json {
  return { type: "section", text: { type: "mrkdwn", text: cutText(text, SECTION) } };
}

function nameOf({ name, share, state }: StageNotice): string {
  const part = share === null ? "" : ` ${share} %`;
  return `${name}${part} — ${state}`;
}

/** The one part of a message that is for `canary verify` and not for people. */
function headOf({ head }: Notice): readonly string[] {
  return head === undefined ? [] : [`\`${head}\``];
}

function ownerOf({ owner }: Notice): readonly string[] {
  return owner === null ? [] : [escape(owner)];
}

/** What Slack reads as markup must not come from an answer of a target: `<!channel>` would wake everybody. */
function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

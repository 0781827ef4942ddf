import type { Notice } from "./sink.ts";

/** A notice as the plain text of a mail. */
export function mailText(notice: Notice): string {
  const { subject, text, progress, links, rollout, owner, head } = notice;
  const stages = progress.map(
    ({ name, share, state }) => `  ${name}${share === null ? "" : ` ${share} %`}: ${state}`,
  );
  const named = Object.entries(links).map(([name, href]) => `  ${name}: ${href}`);
  const parts = [
    [subject],
    text === "" ? [] : [text],
    stages,
    named,
    [`rollout ${rollout}${owner === null ? "" : `, owner ${owner}`}`],
    head === undefined ? [] : [head],
  ];
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n\n")}\n`;
}

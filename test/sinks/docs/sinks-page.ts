import { z } from "zod";

import { reactionEvents } from "../../../src/core/reaction.ts";
import { reactionShape } from "../../../src/plan/schema/reaction-shape.ts";
import type { SinkDriver } from "../../../src/sinks/sink.ts";
import { keyTable } from "../../drivers/docs/key-table.ts";
import { markdownTable } from "../../drivers/docs/markdown-table.ts";
import { sinkNotes } from "./sink-notes.ts";

/** The parts of docs/sinks.md that the code says, each between marks of its name. */
export function generatedParts(
  sinks: ReadonlyMap<string, SinkDriver>,
): Readonly<Record<string, readonly string[]>> {
  return {
    events: markdownTable(["event", "when"], Object.entries(reactionEvents).map(row)),
    keys: keyTable(z.strictObject(reactionShape)),
    sinks: [
      ...markdownTable(
        ["type", "", "proven by", "against"],
        [...sinks.values()].map(({ type, description }) => [
          `[${type}](#${type})`,
          description,
          `\`${sinkNotes[type]?.test ?? ""}\``,
          sinkNotes[type]?.against ?? "",
        ]),
      ),
      ...[...sinks.values()].flatMap(section),
    ],
  };
}

function row([name, about]: readonly [string, string]): readonly string[] {
  return [`\`${name}\``, about];
}

function section({ type, description, config, options }: SinkDriver): readonly string[] {
  const note = sinkNotes[type];
  if (note === undefined) return [];
  return [
    `### ${type}`,
    "",
    `${description.charAt(0).toUpperCase()}${description.slice(1)}. Needs ${note.rights}.`,
    "",
    "```yaml",
    "connections:",
    ...note.connection.map((line) => `  ${line}`),
    "on:",
    ...note.lines.map((line) => `  ${line}`),
    "```",
    "",
    ...note.more,
    "",
    ...keyTable(config),
    ...(options === null
      ? []
      : ["Keys of a line of `on` that only this sink has:", "", ...keyTable(options)]),
  ];
}

/** A page with its generated parts written anew. */
export function withParts(
  page: string,
  parts: Readonly<Record<string, readonly string[]>>,
): string {
  return Object.entries(parts).reduce((text, [name, lines]) => {
    const [begin, end] = [`<!-- ${name}: generated -->`, `<!-- ${name}: end -->`];
    const [before, rest] = text.split(begin);
    const after = rest?.split(end)[1];
    if (before === undefined || after === undefined)
      throw new Error(`the page has no part ${name}`);
    return `${before}${begin}\n\n${lines.join("\n").trim()}\n\n${end}${after}`;
  }, page);
}

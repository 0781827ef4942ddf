import { z } from "zod";

import { reactionEvents, type ReactionEvent } from "../../core/reaction.ts";
import { argv } from "./argv.ts";
import { fileName } from "./file-name.ts";
import { duration, positiveDuration } from "./scalars.ts";

const EVENTS = Object.keys(reactionEvents) as [ReactionEvent, ...ReactionEvent[]];

/** The keys of a line of `on:` with a plain value. What only one sink has stands beside them. */
export const reactionShape = {
  to: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1, "nobody is told")])
    .optional()
    .describe("the connection, or several, that are told"),
  message: z.string().optional().describe("the name of a message under `messages`"),
  subject: z.string().min(1).optional().describe("one line; without it the event's own words"),
  text: z.string().min(1).optional().describe("what is told; without it the reason of the event"),
  ask: z
    .array(z.string().min(1))
    .optional()
    .describe("confirmations that are asked for: their questions, and how to answer"),
  within: positiveDuration
    .optional()
    .describe("how long after the event what is asked for is expected; told with it"),
  run: argv.optional().describe("a command that is run, as a list; no shell reads it"),
  timeout: positiveDuration.optional().describe("how long the command may take; without it 60s"),
  record: fileName.optional().describe("the name of a file of evidence that `text` is written to"),
  trigger: z.string().optional().describe("only for this trigger, by its name"),
  stage: z.string().optional().describe("only in this stage"),
  after: duration.optional().describe("how long after the event"),
  every: positiveDuration.optional().describe("again and again from then on"),
  until: z.enum(EVENTS).optional().describe("the event that ends `every` and cancels `after`"),
};

/** The keys of a message. */
export const messageShape = {
  subject: z.string().min(1).optional().describe("one line"),
  text: z.string().min(1).describe("what is told; may hold ${event.x}, ${rollout.x}, ${stage.x}"),
  to: reactionShape.to.describe("who is told where a line of `on` does not say"),
};

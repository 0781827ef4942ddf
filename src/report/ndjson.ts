import type { Renderer } from "./renderer.ts";
import type { Sink } from "./sink.ts";

/** The version of the records; what is in a record may grow, and nothing in it changes its meaning. */
export const SCHEMA = "canary.events/v1";

/** The very lines of the journal, after one that names their schema. */
export function ndjsonRenderer(sink: Sink): Renderer {
  sink.write(`${JSON.stringify({ schema: SCHEMA })}\n`);
  return {
    entry: (entry, line) => {
      if (line !== "") return sink.write(`${line.trimEnd()}\n`);
      const { seq, at, mono, epoch, actor, event } = entry;
      const time = new Date(at).toISOString();
      sink.write(`${JSON.stringify({ v: 1, seq, at: time, mono, epoch, actor, event })}\n`);
    },
    say: () => undefined,
    setScene: () => undefined,
    close: () => sink.flush(5000),
  };
}

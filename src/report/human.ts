import type { ChalkInstance } from "chalk";

import { activityText, nextActivity, noActivity } from "./activity.ts";
import { describeEvent } from "./describe-event.ts";
import { createLineClock, type ClockForm } from "./line-clock.ts";
import type { Line, Tone } from "./line.ts";
import { printedHead } from "./printed-head.ts";
import type { Renderer } from "./renderer.ts";
import { repeats } from "./repeats.ts";
import type { Scene } from "./scene.ts";
import type { Sink } from "./sink.ts";
import type { Spinner } from "./spinner.ts";

const SIGNS: Readonly<Record<Tone, string>> = {
  good: "✔",
  bad: "✖",
  warn: "!",
  ask: "?",
  step: "▸",
  back: "↩",
  info: "·",
};

export interface HumanOptions {
  readonly colors: ChalkInstance;
  /** Null where nothing may be redrawn: not a terminal, or a dumb one. */
  readonly spinner: Spinner | null;
  /** `elapsed` for a rehearsal, whose clock is not the wall's. */
  readonly clock: ClockForm;
}

/** Lines with signs and colours, above a last line that shows what happens now and how long it takes. */
export function humanRenderer(sink: Sink, first: Scene, options: HumanOptions): Renderer {
  const { colors, spinner } = options;
  let scene = first;
  const clock = createLineClock(options.clock, "short");
  const seen = repeats();
  let activity = noActivity;
  let paused = false;
  const move = (): void => {
    if (!paused) spinner?.show(() => activityText(activity, Date.now()));
  };
  function print(at: number, line: Line): void {
    const time = clock(at);
    spinner?.clear();
    sink.write(`${colors.dim(time)} ${paint(colors, line)}\n`);
    const indent = " ".repeat(time.length + 3);
    for (const each of line.more) sink.write(`${indent}${colors.dim(each)}\n`);
    move();
  }
  return {
    entry: (entry, text) => {
      activity = nextActivity(activity, entry, scene);
      // People keep little of a terminal: who owned the rollout, and how it ended, are enough of its journal.
      const head = entry.event.kind === "claimed" ? printedHead(entry, text, scene) : null;
      if (head !== null) print(entry.at, { tone: "info", text: head, more: [], detail: false });
      const line = describeEvent(entry.event, scene);
      if (!line.detail && !seen(entry.event)) print(entry.at, line);
    },
    say: (line) => print(Date.now(), line),
    setScene: (next) => {
      scene = next;
    },
    pause: () => {
      paused = true;
      spinner?.clear();
      return () => {
        paused = false;
        move();
      };
    },
    async close() {
      spinner?.clear();
      await sink.flush(2000);
    },
  };
}

/** A line with its sign, in its colour. */
export function paint(colors: ChalkInstance, { tone, text }: Line): string {
  const marked = `${SIGNS[tone]} ${text}`;
  switch (tone) {
    case "good":
      return colors.green(SIGNS.good) + marked.slice(1);
    case "bad":
      return colors.red.bold(marked);
    case "warn":
      return colors.yellow(marked);
    case "ask":
      return colors.magenta.bold(marked);
    case "step":
      return colors.bold(marked);
    case "back":
      return colors.yellow.bold(marked);
    case "info":
      return marked;
  }
}

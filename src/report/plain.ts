import { activityText, nextActivity, noActivity } from "./activity.ts";
import { describeEvent } from "./describe-event.ts";
import { createLineClock, type ClockForm } from "./line-clock.ts";
import type { Line } from "./line.ts";
import { printedHead } from "./printed-head.ts";
import type { Renderer } from "./renderer.ts";
import { repeats } from "./repeats.ts";
import type { Scene } from "./scene.ts";
import type { Sink } from "./sink.ts";

/** After so much silence a line says that the runner lives, in milliseconds: CI systems end what is silent. */
const SILENCE = 60_000;

/** One line for each thing that happened, with its time in UTC; for files, pipes and CI. */
export function plainRenderer(sink: Sink, first: Scene, form: ClockForm): Renderer {
  let scene = first;
  const clock = createLineClock(form, "long");
  const seen = repeats();
  let activity = noActivity;
  let timer: NodeJS.Timeout | null = null;
  function print(at: number, { text, more }: Line): void {
    const time = clock(at);
    sink.write(`${time} ${text}\n${more.map((each) => `${time}   ${each}\n`).join("")}`);
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(heartbeat, SILENCE);
    timer.unref();
  }
  function heartbeat(): void {
    const now = Date.now();
    const text = activityText(activity, now);
    if (text !== null) print(now, { tone: "info", text: `still ${text}`, more: [], detail: false });
  }
  return {
    entry: (entry, text) => {
      activity = nextActivity(activity, entry, scene);
      const line = describeEvent(entry.event, scene);
      if (!line.detail && !seen(entry.event)) print(entry.at, line);
      const head = printedHead(entry, text, scene);
      if (head !== null) print(entry.at, { tone: "info", text: head, more: [], detail: false });
    },
    say: (line) => print(Date.now(), line),
    setScene: (next) => {
      scene = next;
    },
    async close() {
      if (timer !== null) clearTimeout(timer);
      await sink.flush(2000);
    },
  };
}

import ora from "ora";

import type { Sink } from "./sink.ts";

const FRAME = 100;
/** Of a terminal that does not say, in columns. */
const WIDTH = 80;
const CLEAR_LINE = "\r\u001B[2K";

/** One last line that is redrawn in place. */
export interface Spinner {
  /** Keeps showing what `text` gives, until `clear`; nothing while it gives null. */
  show(text: () => string | null): void;
  clear(): void;
}

/**
 * ora's frames, drawn by us: ora itself writes where a terminal that nobody reads blocks the process, puts stdin in raw
 * mode and hides the cursor, which a killed process leaves hidden.
 */
export function createSpinner(sink: Sink, columns: () => number): Spinner {
  const frames = ora({ isEnabled: false, discardStdin: false, hideCursor: false, color: false });
  let timer: NodeJS.Timeout | null = null;
  let drawn = false;
  function clear(): void {
    if (timer !== null) clearInterval(timer);
    timer = null;
    if (drawn) sink.write(CLEAR_LINE);
    drawn = false;
  }
  return {
    show(text) {
      clear();
      const draw = (): void => {
        const now = text();
        if (now === null) return clear();
        frames.text = fit(now, (columns() || WIDTH) - 4);
        sink.draw(`${CLEAR_LINE}${frames.frame()}`);
        drawn = true;
      };
      timer = setInterval(draw, FRAME);
      timer.unref();
      draw();
    },
    clear,
  };
}

/** A line that wraps can not be cleared. */
function fit(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;
}

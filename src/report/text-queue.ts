/** Texts on their way to a reader that may be slow, stuck or gone. */
export interface TextQueue {
  write(text: string): void;
  /** Only when nothing waits. */
  draw(text: string): void;
  /** Resolves when nothing waits any more, or `ms` are over. */
  flush(ms: number): Promise<void>;
}

/** A write that may take less than all: how many bytes it took, or null when nobody reads any more. */
export type Attempt = (bytes: Buffer) => number | null;

/** How soon a reader that took nothing is tried again, in milliseconds. */
const RETRY = 40;

interface Backlog {
  readonly attempt: Attempt;
  readonly limit: number;
  readonly waiting: Buffer[];
  size: number;
  /** Texts that did not fit since the reader stopped. */
  leftOut: number;
  gone: boolean;
  timer: NodeJS.Timeout | null;
}

/** A queue of at most `limit` bytes; what does not fit is left out as a whole, and the reader is told how much. */
export function createTextQueue(attempt: Attempt, limit: number): TextQueue {
  const backlog: Backlog = {
    attempt,
    limit,
    waiting: [],
    size: 0,
    leftOut: 0,
    gone: false,
    timer: null,
  };
  return {
    write: (text) => push(backlog, text),
    draw: (text) => {
      if (backlog.waiting.length === 0) push(backlog, text);
    },
    async flush(ms) {
      const end = performance.now() + ms;
      while (backlog.waiting.length > 0 && performance.now() < end)
        await new Promise((resolve) => setTimeout(resolve, RETRY));
    },
  };
}

function push(backlog: Backlog, text: string): void {
  if (backlog.gone) return;
  const bytes = Buffer.from(text, "utf8");
  if (backlog.size + bytes.length > backlog.limit) backlog.leftOut += 1;
  else enqueue(backlog, bytes);
}

function enqueue(backlog: Backlog, bytes: Buffer): void {
  backlog.waiting.push(bytes);
  backlog.size += bytes.length;
  if (backlog.timer === null) pump(backlog);
}

/** Writes as much as is taken; what is left is tried again soon. */
function pump(backlog: Backlog): void {
  const { waiting } = backlog;
  backlog.timer = null;
  for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
    const taken = backlog.attempt(first);
    if (taken === null) return giveUp(backlog);
    backlog.size -= taken;
    if (taken < first.length) {
      waiting[0] = first.subarray(taken);
      backlog.timer = setTimeout(() => pump(backlog), RETRY);
      backlog.timer.unref();
      return;
    }
    waiting.shift();
  }
  if (backlog.leftOut === 0) return;
  const text = `(${backlog.leftOut} texts were left out: nobody read them)\n`;
  backlog.leftOut = 0;
  enqueue(backlog, Buffer.from(text, "utf8"));
}

function giveUp(backlog: Backlog): void {
  backlog.gone = true;
  backlog.waiting.length = 0;
  backlog.size = 0;
}

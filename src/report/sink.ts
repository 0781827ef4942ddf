import { constants, closeSync, openSync, writeSync } from "node:fs";

/** Where lines for people and records for machines go. Writing never blocks, never throws and never grows without bound. */
export interface Sink {
  readonly isTerminal: boolean;
  /** Text that has to arrive, as long as somebody reads. */
  write(text: string): void;
  /** Text that is soon stale, a spinner's frame: left out whenever anything waits. */
  draw(text: string): void;
  /** Resolves when all is written, nobody reads any more, or `ms` are over. */
  flush(ms: number): Promise<void>;
}

/** What may wait for a reader that has stopped reading, in characters; beyond it whole texts are left out and counted. */
const LIMIT = 4 * 1024 * 1024;
const RETRY = 40;

/** A write that may come back with less than all, or nothing: the number of bytes taken, or null when nobody reads. */
type Attempt = (bytes: Buffer) => number | null;

/** Builds the sink of stdout (1) or stderr (2). */
export function openSink(fd: 1 | 2): Sink {
  const stream = fd === 1 ? process.stdout : process.stderr;
  const terminal = stream.isTTY ? openTerminal(fd) : null;
  return terminal === null
    ? streamSink(stream)
    : queueSink((bytes) => attempt(terminal, bytes), true);
}

/**
 * Opens the terminal behind a descriptor once more, without blocking: one that nobody reads (Ctrl-S, a stuck ssh) would
 * stop the whole process, heartbeat and abort included. Null where that does not work; then the stream has to do.
 */
function openTerminal(fd: number): number | null {
  const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
  for (const path of [`/proc/self/fd/${fd}`, "/dev/tty"]) {
    try {
      const opened = openSync(path, flags);
      process.once("exit", () => closeSync(opened));
      return opened;
    } catch {
      // The next path, or none.
    }
  }
  return null;
}

function attempt(fd: number, bytes: Buffer): number | null {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    const busy = error instanceof Error && "code" in error && error.code === "EAGAIN";
    return busy ? 0 : null;
  }
}

/** A sink over writes that may not be taken at once. */
export function queueSink(attemptWrite: Attempt, isTerminal: boolean): Sink {
  const waiting: Buffer[] = [];
  let size = 0;
  let leftOut = 0;
  let gone = false;
  let timer: NodeJS.Timeout | null = null;
  function pump(): void {
    timer = null;
    for (let first = waiting[0]; first !== undefined && !gone; first = waiting[0]) {
      const taken = attemptWrite(first);
      if (taken === null) gone = true;
      else if (taken < first.length) {
        waiting[0] = first.subarray(taken);
        size -= taken;
        timer = setTimeout(pump, RETRY);
        timer.unref();
        return;
      } else {
        size -= taken;
        waiting.shift();
      }
    }
    if (gone) waiting.length = 0;
    else if (leftOut > 0) {
      const text = `(${leftOut} lines were left out: nobody read them)\n`;
      leftOut = 0;
      push(text);
    }
  }
  function push(text: string): void {
    if (gone) return;
    const bytes = Buffer.from(text, "utf8");
    if (size + bytes.length > LIMIT) {
      leftOut += 1;
      return;
    }
    waiting.push(bytes);
    size += bytes.length;
    if (timer === null) pump();
  }
  return {
    isTerminal,
    write: push,
    draw: (text) => {
      if (waiting.length === 0) push(text);
    },
    async flush(ms) {
      const end = performance.now() + ms;
      while (waiting.length > 0 && !gone && performance.now() < end)
        await new Promise((resolve) => setTimeout(resolve, RETRY));
    },
  };
}

/** A sink over a stream that buffers by itself (a pipe, a file): only the bound is ours. */
function streamSink(stream: NodeJS.WriteStream): Sink {
  let gone = false;
  let leftOut = 0;
  stream.on("error", () => {
    gone = true;
  });
  function push(text: string): void {
    if (gone || !stream.writable) return;
    if (stream.writableLength > LIMIT) {
      leftOut += 1;
      return;
    }
    if (leftOut > 0) stream.write(`(${leftOut} lines were left out: nobody read them)\n`);
    leftOut = 0;
    stream.write(text);
  }
  return {
    isTerminal: stream.isTTY,
    write: push,
    draw: (text) => {
      if (stream.writableLength === 0) push(text);
    },
    flush: (ms) => drained(stream, () => gone, ms),
  };
}

function drained(stream: NodeJS.WriteStream, isGone: () => boolean, ms: number): Promise<void> {
  if (isGone() || stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stream.off("error", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stream.once("error", done);
    stream.write("", () => done());
  });
}

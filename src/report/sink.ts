import { closeSync, constants, openSync, writeSync } from "node:fs";

import { createTextQueue } from "./text-queue.ts";

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

/** What may wait for a reader that has stopped reading, in bytes; beyond it whole texts are left out and counted. */
const LIMIT = 4 * 1024 * 1024;

/** Builds the sink of stdout (1) or stderr (2). */
export function openSink(fd: 1 | 2): Sink {
  const stream = fd === 1 ? process.stdout : process.stderr;
  const terminal = stream.isTTY ? openTerminal(fd) : null;
  if (terminal === null) return streamSink(stream);
  return { isTerminal: true, ...createTextQueue((bytes) => attempt(terminal, bytes), LIMIT) };
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

/** Bytes that the terminal took; 0 when it takes none now, null when it is gone. */
function attempt(fd: number, bytes: Buffer): number | null {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    const busy = error instanceof Error && "code" in error && error.code === "EAGAIN";
    return busy ? 0 : null;
  }
}

/** A sink over a stream that buffers by itself (a pipe, a file): only the bound is ours. */
function streamSink(stream: NodeJS.WriteStream): Sink {
  const reader = { gone: false };
  let leftOut = 0;
  stream.on("error", () => {
    reader.gone = true;
  });
  function push(text: string): void {
    if (reader.gone || !stream.writable) return;
    if (stream.writableLength > LIMIT) {
      leftOut += 1;
      return;
    }
    if (leftOut > 0) stream.write(`(${leftOut} texts were left out: nobody read them)\n`);
    leftOut = 0;
    stream.write(text);
  }
  return {
    isTerminal: stream.isTTY,
    write: push,
    draw: (text) => {
      if (stream.writableLength === 0) push(text);
    },
    flush: (ms) => (reader.gone ? Promise.resolve() : drained(stream, ms)),
  };
}

function drained(stream: NodeJS.WriteStream, ms: number): Promise<void> {
  if (stream.writableLength === 0) return Promise.resolve();
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

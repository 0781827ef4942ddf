import type { Readable } from "node:stream";

const MAX_HEAD = 1024 * 1024;
const MAX_TAIL = 3 * 1024 * 1024;

/**
 * Collects a stream as UTF-8 text in bounded memory: the first 1 MiB and the last 3 MiB are kept, because a long
 * output has its settings at the top and its verdict at the end. It always reads on, so the writer never blocks.
 */
export function openCappedText(stream: Readable | null): { close(): string } {
  const head: Buffer[] = [];
  let headSize = 0;
  let tail: Buffer[] = [];
  let tailSize = 0;
  let dropped = 0;
  const compact = (): void => {
    const all = Buffer.concat(tail);
    const kept = all.subarray(Math.max(0, all.length - MAX_TAIL));
    dropped += all.length - kept.length;
    tail = [kept];
    tailSize = kept.length;
  };
  stream?.on("error", () => undefined);
  stream?.on("data", (chunk: Buffer) => {
    const room = Math.min(chunk.length, MAX_HEAD - headSize);
    if (room > 0) {
      head.push(chunk.subarray(0, room));
      headSize += room;
    }
    if (room === chunk.length) return;
    tail.push(chunk.subarray(room));
    tailSize += chunk.length - room;
    if (tailSize > 2 * MAX_TAIL) compact();
  });
  return {
    close(): string {
      stream?.destroy();
      if (tailSize > MAX_TAIL) compact();
      const parts = dropped === 0 ? [...head, ...tail] : [...head, note(dropped), ...tail];
      return Buffer.concat(parts).toString("utf8");
    },
  };
}

function note(dropped: number): Buffer {
  return Buffer.from(`\n[… ${dropped} bytes left out …]\n`);
}

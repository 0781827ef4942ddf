import { open, readFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

import { createChain, hashLine, type Link } from "../evidence/journal-line.ts";
import { sha256 } from "../evidence/manifest.ts";
import type { SigningKey } from "../evidence/signing-key.ts";
import { makeFolder } from "../evidence/write-file.ts";
import type { AuditEvent } from "./audit-event.ts";
import { writeAuditHead } from "./audit-head.ts";
import { parseAudit } from "./parse-audit.ts";

/** What `record` gives: the line's number and hash, to be repeated where this machine can not rewrite them. */
export interface Recorded {
  readonly seq: number;
  readonly hash: string;
}

/** An append-only file of hash-chained lines, with its signed end beside it. */
export interface Audit {
  readonly path: string;
  /** What it held when it was opened. */
  readonly earlier: readonly AuditEvent[];
  /** SHA-256 of a half line that a crash left; null without one. */
  readonly torn: string | null;
  /** Adds a line; it is on the disk when this answers. Throws when it can not be written. */
  readonly record: (event: AuditEvent, by: string) => Promise<Recorded>;
  readonly close: () => Promise<void>;
}

/**
 * Opens the audit trail, and goes on where it ended. Refuses one whose chain is broken: what was changed must be looked at
 * before more is written to it. One process may have it open at a time (see `lockAudit`).
 */
export async function openAudit(path: string, key: SigningKey): Promise<Audit> {
  await makeFolder(dirname(path), 0o700);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  const { events, problems, last, torn } = parseAudit(text);
  const [problem] = problems;
  if (problem !== undefined)
    throw new Error(`the audit trail ${path} was changed: ${problem}. Keep it, and name another`);
  // Appending only, also against a bug of ours: the kernel puts every write at the end.
  const file = await open(path, "a", 0o600);
  if (text !== "" && !text.endsWith("\n")) await file.writeFile("\n");
  const writer = createWriter(file, path, key, last);
  return {
    path,
    earlier: events,
    torn: torn === null ? null : sha256(torn),
    record: writer.record,
    close: async () => {
      await writer.idle();
      await file.close();
    },
  };
}

function createWriter(file: FileHandle, path: string, key: SigningKey, last: Link | null) {
  const chain = { from: last };
  let queue: Promise<unknown> = Promise.resolve();
  const write = async (event: AuditEvent, by: string): Promise<Recorded> => {
    const at = Date.now();
    const line = createChain(chain.from).line({
      at,
      mono: performance.now(),
      epoch: 0,
      actor: by,
      event,
    });
    const { size } = await file.stat();
    try {
      await file.writeFile(`${line}\n`);
      await file.datasync();
    } catch (error) {
      // A full disk takes half a line; the next one must not stand behind it.
      await file.truncate(size).catch(() => undefined);
      throw error;
    }
    // Only now: a line that could not be written is not one that the next is linked to.
    const seq = (chain.from?.seq ?? 0) + 1;
    chain.from = { seq, line };
    const hash = hashLine(line);
    await writeAuditHead(path, key, { seq, hash, at: new Date(at).toISOString() });
    return { seq, hash };
  };
  return {
    record: (event: AuditEvent, by: string): Promise<Recorded> => {
      const done = queue.then(() => write(event, by));
      queue = done.catch(() => undefined);
      return done;
    },
    idle: () => queue,
  };
}

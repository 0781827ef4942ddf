import { parseJournal } from "../evidence/journal-line.ts";
import type { SharedStore } from "./shared-store.ts";
import type { EpochLines, Store } from "./store.ts";

/** What the evidence on this machine needs from a shared store. */
export interface Mirror {
  /** The folder store of the evidence; it takes a copy of every line. */
  readonly local: Store;
  /** Says in the evidence that its journal is a copy; never throws. */
  readonly mark: (rollout: string) => Promise<void>;
  /** Copies the journals of earlier epochs and the documents of a rollout that another machine began; never throws. */
  readonly fetch: (rollout: string, before: number) => Promise<void>;
  /** Does the work after all that was given before, and beside everything else. */
  readonly beside: (work: () => Promise<void>) => void;
}

/**
 * A shared store whose journals are copied into the evidence of this machine. What counts is the shared one: a disk that
 * takes no copy, or takes long, holds up nothing, and what it missed is written when it takes lines again.
 */
export function createMirroredStore(
  shared: SharedStore,
  { local, mark, fetch, beside }: Mirror,
): Store {
  const waiting = new Map<string, readonly string[]>();
  async function copy(rollout: string, epoch: number): Promise<void> {
    const key = `${rollout} ${epoch}`;
    const lines = waiting.get(key) ?? [];
    if (lines.length === 0) return;
    await local.append(rollout, epoch, lines);
    waiting.set(key, (waiting.get(key) ?? []).slice(lines.length));
  }
  let isSilent = false;
  return {
    ...shared,
    async claim(rollout, epoch, firstLine) {
      const result = await shared.claim(rollout, epoch, firstLine);
      if (result === "taken") return result;
      if (epoch > 1) void fetch(rollout, epoch);
      beside(async () => {
        await mark(rollout);
        await local.claim(rollout, epoch, firstLine);
      });
      return result;
    },
    async read(rollout) {
      const own = isSilent ? null : within(OWN, local.read(rollout));
      const [there, here] = await Promise.all([shared.read(rollout), own]);
      // A disk that gave no answer once is not waited for again: an abort asks several times.
      isSilent ||= here === "late";
      return there.length === 0 || here === null || here === "late"
        ? there
        : whatWasLost(there, here);
    },
    async append(rollout, epoch, lines) {
      await shared.append(rollout, epoch, lines);
      const key = `${rollout} ${epoch}`;
      waiting.set(key, [...(waiting.get(key) ?? []), ...lines]);
      // What fails is tried again with the next lines; `canary verify` shows what is missing.
      beside(() => copy(rollout, epoch));
    },
  };
}

/** How long the disk of this machine is waited for, in milliseconds: the store alone is enough. */
const OWN = 1000;

/** What was asked for; null where it failed, `late` where it took longer. */
function within<T>(ms: number, asked: Promise<T>): Promise<T | null | "late"> {
  const late = Promise.withResolvers<"late">();
  const timer = setTimeout(() => late.resolve("late"), ms);
  return Promise.race([asked.catch(() => null), late.promise]).finally(() => clearTimeout(timer));
}

/**
 * The journals of a store, with what only the copies here still have. A copy is written after the line is in the store: one
 * that goes on where the store stops shows that the store came back as it once was.
 */
function whatWasLost(
  there: readonly EpochLines[],
  here: readonly EpochLines[],
): readonly EpochLines[] {
  const known = new Map(here.map((own) => [own.epoch, own]));
  const last = there.at(-1)?.epoch ?? 0;
  const beyond = here.filter(({ epoch }) => epoch > last);
  const whole = there.map((one): EpochLines => {
    const own = known.get(one.epoch);
    return own !== undefined && goesOn(own.lines, one.lines) ? { ...own, torn: null } : one;
  });
  return [...whole, ...beyond];
}

/** Whether the copy has all these lines, and behind them others that are linked to them. */
function goesOn(copy: readonly string[], lines: readonly string[]): boolean {
  return (
    copy.length > lines.length &&
    lines.every((line, at) => line === copy[at]) &&
    parseJournal(copy).problems.length === 0
  );
}

/**
 * The journals of epochs below `before` that a folder lacks, or has only the beginning of, each as its whole text. Nobody
 * writes them any more but late lines of a process that was superseded.
 */
export async function missingJournals(
  from: Store,
  to: Store,
  rollout: string,
  before: number,
): Promise<readonly { readonly epoch: number; readonly text: string }[]> {
  const [there, here] = await Promise.all([from.read(rollout), to.read(rollout)]);
  const known = new Map(here.map(({ epoch, lines }) => [epoch, lines]));
  return there.flatMap(({ epoch, lines }) => {
    const own = known.get(epoch) ?? [];
    const isWhole = own.length >= lines.length || own.some((line, at) => line !== lines[at]);
    return epoch >= before || isWhole ? [] : [{ epoch, text: `${lines.join("\n")}\n` }];
  });
}

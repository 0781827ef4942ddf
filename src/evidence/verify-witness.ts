import { note, problem, type Finding } from "./finding.ts";
import type { VerifiedEpoch } from "./verify-journals.ts";
import type { SeenLine } from "./witness-line.ts";

/** Somebody who saw lines of the journal, and whom the writer of the evidence cannot make unsee them. */
export interface Witness {
  /** As people know it: a path, an address. */
  readonly name: string;
  /** What it saw of a rollout. */
  readonly seen: (rollout: string) => Promise<readonly SeenLine[]>;
}

/** What a witness says, in a word for people. */
export interface Testimony {
  readonly name: string;
  /** How many lines it saw. */
  readonly lines: number;
  /** The last of them that it saw, as epoch and number; null when it saw none. */
  readonly upTo: string | null;
}

/**
 * Compares the journals with what a witness saw: a line that it saw and that is gone or another one shows that the evidence
 * was cut or written anew, by whomever it is signed.
 */
export async function verifyWitness(
  witness: Witness,
  rollout: string | null,
  epochs: ReadonlyMap<number, VerifiedEpoch>,
): Promise<{ readonly findings: readonly Finding[]; readonly testimony: Testimony }> {
  const { name } = witness;
  const seen = rollout === null ? [] : await witness.seen(rollout);
  const sorted = seen.toSorted((a, b) => a.epoch - b.epoch || a.seq - b.seq);
  const wrong = new Map<string, Finding>();
  for (const { epoch, seq, sha256 } of sorted) {
    const place = `line ${seq} of epoch ${epoch}`;
    const path = epochs.get(epoch)?.path ?? `journal.${epoch}.ndjson`;
    const live = epochs.get(epoch)?.hashes.get(seq);
    if (live === undefined)
      wrong.set(
        place,
        problem(path, `${place} was seen by ${name} and is gone: the journal was cut`),
      );
    else if (live !== sha256)
      wrong.set(place, problem(path, `${place} is not the one that ${name} saw: it was changed`));
  }
  const last = sorted.at(-1);
  const upTo = last === undefined ? null : `${last.epoch}.${last.seq}`;
  const silent = problem(
    name,
    `it saw nothing of rollout ${rollout ?? "(whose id no journal names)"}: it is no witness of it`,
  );
  return {
    findings: last === undefined ? [silent] : [...wrong.values(), ...unseen(name, last, epochs)],
    testimony: { name, lines: sorted.length, upTo },
  };
}

/** What came after the last line that a witness saw, it cannot speak of. */
function unseen(
  name: string,
  last: SeenLine,
  epochs: ReadonlyMap<number, VerifiedEpoch>,
): readonly Finding[] {
  let later = 0;
  for (const [epoch, { hashes }] of epochs)
    for (const seq of hashes.keys())
      if (epoch > last.epoch || (epoch === last.epoch && seq > last.seq)) later += 1;
  return later === 0
    ? []
    : [note(name, `it saw nothing of the ${later} lines after line ${last.epoch}.${last.seq}`)];
}

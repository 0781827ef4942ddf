import { isUnreachable, unreachable } from "../unreachable.ts";
import type { Database } from "./database.ts";
import { SYNCED } from "./schema.ts";

export interface PostgresJournal {
  /** Appends lines, all or none of them; throws when that is not known, and then the next call replaces them. */
  append(lines: readonly string[]): Promise<void>;
}

interface Place {
  readonly database: Database;
  readonly where: string;
  readonly rollout: string;
  readonly epoch: number;
}

/** Lines are counted in the row of the epoch, and only land behind as many as this process knows of. */
const APPEND = `
with owned as (
  update canary.epoch set lines = lines + $5 from ${SYNCED}
  where rollout = $1 and epoch = $2 and lines = $3 returning 1
)
insert into canary.line (rollout, epoch, n, line)
select $1, $2, $3 + number, line
from unnest($4::text[]) with ordinality as given (line, number), owned
returning n`;

/** Takes back what nobody acknowledged. */
const CUT = `
with owned as (
  update canary.epoch set lines = $3 from ${SYNCED}
  where rollout = $1 and epoch = $2 and lines > $3 returning 1
)
delete from canary.line using owned where rollout = $1 and epoch = $2 and n > $3`;

const BEHIND = `select line from canary.line where rollout = $1 and epoch = $2 and n > $3 order by n`;

/** Writes the journal of an epoch that this process claimed: nobody else writes it. Calls are taken one after the other. */
export function createPostgresJournal(place: Place): PostgresJournal {
  /** Lines behind the first that are acknowledged. */
  let good = 0;
  let unsure = false;
  let last: Promise<void> = Promise.resolve();
  async function append(lines: readonly string[]): Promise<void> {
    let rest = lines;
    if (unsure) {
      const landed = await settle(place, good, lines);
      good += landed;
      rest = lines.slice(landed);
      unsure = false;
    }
    if (rest.length === 0) return;
    try {
      await put(place, good, rest);
      good += rest.length;
    } catch (error) {
      unsure = true;
      throw error;
    }
  }
  return {
    append(lines) {
      const done = last.then(() => append(lines));
      last = done.catch(() => undefined);
      return done;
    },
  };
}

async function put(place: Place, good: number, lines: readonly string[]): Promise<void> {
  const { database, where, rollout, epoch } = place;
  const written = await database.query(APPEND, [rollout, epoch, good, lines, lines.length]);
  if (written.length === lines.length) return;
  throw unreachable(where, `epoch ${epoch} of rollout ${rollout} is not as this process left it`);
}

/** How many of the lines landed although their answer was lost; anything else behind the good ones is taken back. */
async function settle(place: Place, good: number, lines: readonly string[]): Promise<number> {
  const { database, rollout, epoch } = place;
  const behind = await database.query<{ line: string }>(BEHIND, [rollout, epoch, good]);
  if (behind.every(({ line }, index) => line === lines[index])) return behind.length;
  await database.query(CUT, [rollout, epoch, good]);
  return 0;
}

/** Does something that may be done twice, once more when the answer was lost. */
export async function twice<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    return await act();
  }
}

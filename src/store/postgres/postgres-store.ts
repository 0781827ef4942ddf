import { randomUUID } from "node:crypto";

import { isRolloutId } from "../../evidence/rollout-id.ts";
import type { SharedStore } from "../shared-store.ts";
import type { EpochLines, LockResult } from "../store.ts";
import { targetFileName } from "../target-file-name.ts";
import { textOf, unreachable } from "../unreachable.ts";
import { openDatabase, type Database, type DatabasePlace } from "./database.ts";
import { createPostgresJournal, twice, type PostgresJournal } from "./journal.ts";
import { SYNCED } from "./schema.ts";

/** Words that others put into an inbox first, in a row. */
const TRIES = 100;

/**
 * Keeps rollouts in PostgreSQL: for several clusters, and for teams without Kubernetes. Claims are rows under a primary
 * key. Every statement stands for itself, so that a pooler may stand between. Errors carry a `code` and say what to change.
 */
export function createPostgresStore(place: DatabasePlace): SharedStore {
  const where = place.url;
  const database = openDatabase(place);
  return {
    where,
    ...createWriter(database, where),
    read: (rollout) => readRollout(database, idOf(rollout)),
    async list() {
      const sql = `select distinct rollout collate "C" as rollout from canary.epoch order by 1 desc`;
      const rows = await database.query<{ rollout: string }>(sql, []);
      return rows.map(({ rollout }) => rollout).filter(isRolloutId);
    },
    ...createInbox(database, where),
    ...createBeats(database),
    lock: createLock(database, where),
    ...createDocuments(database),
    async lastClaim(rollout) {
      const sql = `select first_line from canary.epoch where rollout = $1 order by epoch desc limit 1`;
      const rows = await database.query<{ first_line: string }>(sql, [idOf(rollout)]);
      return rows[0]?.first_line ?? null;
    },
    problem: () => findProblem(database),
    close: () => database.close(),
  };
}

/** What the role may not do that a rollout needs. */
const DENIED = `
select name || ': ' || verb as denied
from unnest(array['epoch', 'line', 'word', 'beat', 'target', 'document']) as name,
  unnest(array['select', 'insert', 'update']) as verb
where not has_table_privilege('canary.' || name, verb)
  and (verb <> 'update' or name in ('epoch', 'beat', 'document'))
union all select 'this server is a read-only copy' where pg_is_in_recovery()`;

async function findProblem(database: Database): Promise<string | null> {
  try {
    const rows = await database.query<{ denied: string }>(DENIED, []);
    if (rows.length === 0) return null;
    const denied = rows.map((row) => row.denied).join(", ");
    return `the role lacks rights on schema canary (${denied}): see docs/stores.md`;
  } catch (error) {
    return textOf(error);
  }
}

/** An id that is none may be a mistake that makes records nobody finds. */
function idOf(rollout: string): string {
  if (!isRolloutId(rollout))
    throw new Error(`${JSON.stringify(rollout)} is not the id of a rollout: see canary list`);
  return rollout;
}

const CLAIM = `
insert into canary.epoch (rollout, epoch, nonce, first_line)
select $1, $2, $3, $4 from ${SYNCED} on conflict do nothing`;

/** The part that remembers what this process claimed. */
function createWriter(
  database: Database,
  where: string,
): Pick<SharedStore, "claim" | "append" | "lastEpoch"> {
  const journals = new Map<string, PostgresJournal>();
  const claimed = new Map<string, number>();
  /** The signatures of claims whose answer never came: tried again, they are still the same claim. */
  const unanswered = new Map<string, string>();
  async function insert(rollout: string, epoch: number, line: string): Promise<boolean> {
    const attempt = JSON.stringify([rollout, epoch, line]);
    const nonce = unanswered.get(attempt) ?? randomUUID();
    unanswered.delete(attempt);
    try {
      return await twice(async () => {
        await database.query(CLAIM, [rollout, epoch, nonce, line]);
        const sql = `select nonce from canary.epoch where rollout = $1 and epoch = $2`;
        const rows = await database.query<{ nonce: string }>(sql, [rollout, epoch]);
        return rows[0]?.nonce === nonce;
      });
    } catch (error) {
      unanswered.set(attempt, nonce);
      throw error;
    }
  }
  return {
    async claim(rollout, epoch, firstLine) {
      if (!(await insert(idOf(rollout), epoch, firstLine))) return "taken";
      const journal = createPostgresJournal({ database, where, rollout, epoch });
      journals.set(`${rollout} ${epoch}`, journal);
      claimed.set(rollout, Math.max(epoch, claimed.get(rollout) ?? 0));
      return "claimed";
    },
    async append(rollout, epoch, lines) {
      const journal = journals.get(`${rollout} ${epoch}`);
      if (journal === undefined)
        throw new Error(`epoch ${epoch} of rollout ${rollout} was not claimed by this process`);
      if (lines.length > 0) await journal.append(lines);
    },
    async lastEpoch(rollout) {
      const sql = `select coalesce(max(epoch), 0) as last from canary.epoch where rollout = $1`;
      const rows = await database.query<{ last: number }>(sql, [idOf(rollout)]);
      const last = rows[0]?.last ?? 0;
      // "Nobody claimed after us" must not follow from records that were deleted, or from a copy that lags behind.
      if (last < (claimed.get(rollout) ?? 0))
        throw unreachable(where, `the claims of rollout ${rollout} are not there any more`);
      return last;
    },
  };
}

async function readRollout(database: Database, rollout: string): Promise<readonly EpochLines[]> {
  const sql = `
    select epoch, first_line, coalesce(
      (select array_agg(line order by n) from canary.line
       where line.rollout = epoch.rollout and line.epoch = epoch.epoch), '{}') as lines
    from canary.epoch where rollout = $1 order by epoch`;
  const rows = await database.query<{ epoch: number; first_line: string; lines: string[] }>(sql, [
    rollout,
  ]);
  return rows.map(({ epoch, first_line: first, lines }) => ({
    epoch,
    lines: [first, ...lines],
    torn: null,
  }));
}

function createInbox(database: Database, where: string): Pick<SharedStore, "post" | "inbox"> {
  const sql = `
    insert into canary.word (rollout, n, nonce, word)
    select $1, coalesce((select max(n) from canary.word where rollout = $1), 0) + 1, $2, $3
    from ${SYNCED} on conflict do nothing`;
  const find = `select 1 from canary.word where nonce = $1`;
  return {
    async post(rollout, word) {
      const nonce = randomUUID();
      for (let tries = 0; tries < TRIES; tries += 1) {
        const found = await twice(async () => {
          await database.query(sql, [idOf(rollout), nonce, word]);
          return database.query(find, [nonce]);
        });
        if (found.length > 0) return;
      }
      throw unreachable(where, `${TRIES} words in a row were overtaken by others`);
    },
    async inbox(rollout, from) {
      const rows = await database.query<{ word: string }>(
        `select word from canary.word where rollout = $1 order by n offset $2`,
        [idOf(rollout), from],
      );
      return rows.map(({ word }) => word);
    },
  };
}

function createBeats(database: Database): Pick<SharedStore, "beat" | "readBeat"> {
  const write = `
    insert into canary.beat (rollout, epoch, counter) values ($1, $2, $3)
    on conflict (rollout, epoch) do update set counter = excluded.counter, at = clock_timestamp()`;
  return {
    async beat(rollout, epoch, counter) {
      await database.query(write, [idOf(rollout), epoch, counter]);
    },
    async readBeat(rollout, epoch) {
      const sql = `select counter from canary.beat where rollout = $1 and epoch = $2`;
      const rows = await database.query<{ counter: string }>(sql, [idOf(rollout), epoch]);
      return Number(rows[0]?.counter ?? 0);
    },
  };
}

function createLock(database: Database, where: string): SharedStore["lock"] {
  const write = `
    insert into canary.target (target, n, rollout) select $1, $2, $3 from ${SYNCED}
    on conflict do nothing returning n`;
  const read = `select rollout from canary.target where target = $1 and n = $2`;
  return async (target, rollout, after): Promise<LockResult> => {
    const n = after + 1;
    const name = targetFileName(target);
    if ((await database.query(write, [name, n, idOf(rollout)])).length > 0) return { kind: "held" };
    const [holder] = await database.query<{ rollout: string }>(read, [name, n]);
    if (holder === undefined) throw unreachable(where, `the claim ${name}.${n} was deleted there`);
    return { kind: "taken", holder: holder.rollout, n, where };
  };
}

function createDocuments(database: Database): Pick<SharedStore, "keep" | "kept"> {
  const write = `
    insert into canary.document (rollout, name, content) select $1, $2, $3 from ${SYNCED}
    on conflict (rollout, name) do update set content = excluded.content, at = clock_timestamp()`;
  return {
    async keep(rollout, name, text) {
      await database.query(write, [idOf(rollout), name, text]);
    },
    async kept(rollout, name) {
      const sql = `select content from canary.document where rollout = $1 and name = $2`;
      const rows = await database.query<{ content: string }>(sql, [idOf(rollout), name]);
      return rows[0]?.content ?? null;
    },
  };
}

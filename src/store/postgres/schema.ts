/**
 * The tables. Nothing in them is ever overwritten but heartbeats and documents: a claim, on an epoch or on a target, is a
 * row that only one process can insert. Times are the database's, for people.
 */
export const SCHEMA = `
create schema if not exists canary;
create table if not exists canary.epoch (
  rollout text not null,
  epoch integer not null,
  nonce text not null,
  first_line text not null,
  lines integer not null default 0,
  at timestamptz not null default clock_timestamp(),
  primary key (rollout, epoch)
);
create table if not exists canary.line (
  rollout text not null,
  epoch integer not null,
  n integer not null,
  line text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (rollout, epoch, n)
);
create table if not exists canary.word (
  rollout text not null,
  n integer not null,
  nonce text not null unique,
  word text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (rollout, n)
);
create table if not exists canary.beat (
  rollout text not null,
  epoch integer not null,
  counter bigint not null,
  at timestamptz not null default clock_timestamp(),
  primary key (rollout, epoch)
);
create table if not exists canary.target (
  target text not null,
  n integer not null,
  rollout text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (target, n)
);
create table if not exists canary.document (
  rollout text not null,
  name text not null,
  content text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (rollout, name)
);`;

/** Made under a lock: two processes that make one schema at once get errors, whatever "if not exists" says. */
export const MAKE_SCHEMA = `begin; select pg_advisory_xact_lock(7306062); ${SCHEMA} commit;`;

/** Null until the tables are there. */
export const FIND_SCHEMA = `select to_regclass('canary.document') as found`;

/**
 * For the \`from\` of every statement that must be synced: a database, a role or a session may have turned that off. Where
 * more is asked for than the own disk, that stays.
 */
export const SYNCED = `(select set_config('synchronous_commit', case
  when current_setting('synchronous_commit') in ('off', 'local') then 'on'
  else current_setting('synchronous_commit') end, true)) as synced`;

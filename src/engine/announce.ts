import type { Reaction } from "../core/reaction.ts";
import type { Millis, WallTime } from "../core/units.ts";
import {
  announcementOf,
  announcementPath,
  parseAnnouncement,
  type Announcement,
  type AnnouncementRecord,
} from "./announcement.ts";
import { createRun } from "./create-run.ts";
import { deliver } from "./outbox/deliver.ts";
import { noticeOf } from "./outbox/notice-of.ts";
import { untold } from "./outbox/tale.ts";
import type { Engine, PlanSource } from "./ports.ts";
import { plainOptions, type Run } from "./run.ts";

/** One message to one place. */
export interface Announced {
  readonly message: string;
  readonly to: string;
  /** When the place took it. */
  readonly at: WallTime | null;
  /** Why it did not; null when it did, or had before. */
  readonly why: string | null;
  readonly isNew: boolean;
}

export interface AnnounceOptions {
  /** Only this message; null: all that the plan's checks ask for. */
  readonly only: string | null;
  /** When the rollout is to start: `${event.time}` of the texts. */
  readonly planned: WallTime;
  /** Tells also whom it was told already. */
  readonly again: boolean;
}

/** The announcements that a plan's checks ask for, each message once. */
export function announcementsOf({ plan }: Pick<PlanSource, "plan">): readonly Announcement[] {
  const all = Object.values(plan.checks).flatMap((check) => announcementOf(check) ?? []);
  return [...new Map(all.map((each) => [each.name, each])).values()];
}

/** Sends what a plan announces, to whom it has not been told yet, and records it for the check that asks. */
export async function announce(
  engine: Engine,
  source: PlanSource,
  options: AnnounceOptions,
): Promise<readonly Announced[]> {
  const identity = { rollout: "announce", plan: source.plan, digest: source.digest, epoch: 0 };
  const run = createRun(engine, identity, plainOptions, []);
  const wanted = announcementsOf(source).filter(
    ({ name }) => options.only === null || name === options.only,
  );
  const told: Announced[] = [];
  for (const each of wanted) told.push(...(await announceOne(run, each, options)));
  return told;
}

async function announceOne(
  run: Run,
  asked: Announcement,
  options: AnnounceOptions,
): Promise<readonly Announced[]> {
  const { engine, plan } = run;
  const path = announcementPath(engine.evidence, plan, asked.name);
  const text = await engine.readEvidence(path);
  const known = text === null ? null : parseAnnouncement(text);
  const before = known?.hash === asked.hash ? known.told : {};
  const results = await Promise.all(
    asked.to.map(async (to): Promise<Announced> => {
      const at = Date.parse(before[to] ?? "");
      const isFresh = engine.clock.now() - at < asked.valid;
      if (isFresh && !options.again)
        return { message: asked.name, to, at, why: null, isNew: false };
      return tellOne(run, asked, to, options.planned);
    }),
  );
  const taken = results.flatMap(({ to, at }) =>
    at === null ? [] : [[to, new Date(at).toISOString()] as const],
  );
  const record: AnnouncementRecord = {
    v: 1,
    plan: plan.name,
    message: asked.name,
    hash: asked.hash,
    told: Object.fromEntries(taken),
    by: engine.by,
  };
  await engine.writeEvidence(path, `${JSON.stringify(record, null, 2)}\n`, 0o644);
  return results;
}

/** All tries together, in milliseconds: somebody waits at a terminal. */
const PATIENCE: Millis = 60_000;

async function tellOne(
  run: Run,
  { name, subject, text }: Announcement,
  to: string,
  planned: WallTime,
): Promise<Announced> {
  const { engine, plan, redactor } = run;
  const sink = engine.catalog.sinks.get(plan.connections[to]?.type ?? "");
  if (sink === undefined)
    return { message: name, to, at: null, why: `no sink behind ${to}`, isNew: true };
  const notice = noticeOf({
    subject: { plan, rollout: "announce", event: "started", at: planned, words, tale: untold },
    reaction: { ...silent, id: `announce/${name}/${to}`, subject, text },
    of: new Date(engine.clock.now()).toISOString(),
    outputs: () => undefined,
    asked: [],
    redactor,
  });
  const leave = new AbortController();
  const stop = engine.clock.after(PATIENCE, () => leave.abort());
  const letter = { sink, to, notice, options: {}, receipt: {}, patient: true };
  const sent = await deliver(run, letter, leave.signal).finally(stop);
  const at = sent.why === null ? engine.clock.now() : null;
  return { message: name, to, at, why: sent.why, isNew: true };
}

const words = {
  title: "is announced",
  reason: "",
  tone: "info",
  needsPerson: false,
  isOver: false,
  isEnd: false,
  stage: null,
  trigger: null,
  by: "canary",
} as const;

const silent: Omit<Reaction, "id" | "subject" | "text"> = {
  event: "started",
  does: { kind: "record", as: "" },
  asks: [],
  options: {},
  trigger: null,
  stage: null,
  after: 0,
  every: null,
  until: null,
  unless: null,
};

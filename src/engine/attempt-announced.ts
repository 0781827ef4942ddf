import type { Check } from "../core/plan.ts";
import type { WallTime } from "../core/units.ts";
import {
  announcementOf,
  announcementPath,
  parseAnnouncement,
  type Announcement,
  type AnnouncementRecord,
} from "./announcement.ts";
import type { Attempt } from "./attempt-test.ts";
import type { Run } from "./run.ts";

/** Looks whether a message was sent to everybody whom it is for, early enough and not too long ago. */
export async function attemptAnnounced(run: Run, check: Check): Promise<Attempt> {
  const asked = announcementOf(check);
  if (asked === null) throw new Error(`${check.name} is no announcement`);
  const { engine, plan } = run;
  const text = await engine.readEvidence(announcementPath(engine.evidence, plan, asked.name));
  const record = text === null ? null : parseAnnouncement(text);
  const problem = announcementProblem(asked, record, engine.clock.now());
  const detail = problem ?? `${asked.name} was told to ${asked.to.join(", ")} in time`;
  return { kind: problem === null ? "pass" : "fail", detail, body: text ?? "", outputs: {} };
}

/** Why an announcement does not count; null when it does. */
export function announcementProblem(
  { name, ahead, valid, hash, to }: Announcement,
  record: AnnouncementRecord | null,
  now: WallTime,
): string | null {
  const how = "canary announce PLAN";
  if (record === null) return `${name} was not announced: ${how}`;
  if (record.hash !== hash) return `another text was announced as ${name}: ${how}`;
  for (const place of to) {
    const at = Date.parse(record.told[place] ?? "");
    if (Number.isNaN(at)) return `${name} did not reach ${place}: ${how}`;
    if (now - at > valid) return `${name} was told to ${place} at ${iso(at)}, too long ago: ${how}`;
    if (now - at < ahead)
      return `${name} was told to ${place} at ${iso(at)}: it is early enough from ${iso(at + ahead)} on`;
  }
  return null;
}

function iso(at: WallTime): string {
  return new Date(at).toISOString();
}

import { createHash } from "node:crypto";
import { join } from "node:path";

import type { Check, Plan } from "../core/plan.ts";
import type { Millis } from "../core/units.ts";

/** What a check of kind `announced` asks for. */
export interface Announcement {
  /** The message's name. */
  readonly name: string;
  readonly ahead: Millis;
  readonly valid: Millis;
  readonly subject: string | null;
  readonly text: string | null;
  /** The connections that are told. */
  readonly to: readonly string[];
  /** SHA-256 of what is told: a changed message is another one. */
  readonly hash: string;
}

/** What was told, and when; it lies beside the evidence of rollouts. */
export interface AnnouncementRecord {
  readonly v: 1;
  readonly plan: string;
  readonly message: string;
  readonly hash: string;
  /** By connection: when it took the message, ISO 8601, UTC. */
  readonly told: Readonly<Record<string, string>>;
  readonly by: string;
}

/** Reads the input of such a check; null for any other check. */
export function announcementOf({ driver, input }: Check): Announcement | null {
  if (driver !== "announced") return null;
  const { announced, ahead, valid, subject, text, to } = input;
  const list = Array.isArray(to) ? to.map(String) : [];
  const words = {
    subject: typeof subject === "string" ? subject : null,
    text: typeof text === "string" ? text : null,
  };
  const told = JSON.stringify([words.subject, words.text]);
  return {
    name: typeof announced === "string" ? announced : "",
    ahead: Number(ahead),
    valid: Number(valid),
    ...words,
    to: list,
    hash: createHash("sha256").update(told).digest("hex"),
  };
}

/** Where the record of a message lies. */
export function announcementPath(evidence: string, plan: Pick<Plan, "name">, name: string): string {
  return join(evidence, "announcements", plan.name, `${name}.json`);
}

/** Reads a record; null for what is none. */
export function parseAnnouncement(text: string): AnnouncementRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    const { v, hash, told } = value as Partial<AnnouncementRecord>;
    const isRecord = v === 1 && typeof hash === "string" && typeof told === "object";
    return isRecord ? (value as AnnouncementRecord) : null;
  } catch {
    return null;
  }
}

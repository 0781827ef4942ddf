import { createHash } from "node:crypto";

import { isRolloutId } from "../../evidence/rollout-id.ts";
import { targetFileName } from "../target-file-name.ts";

/** Everything of canary carries these labels, so that people find it and can clean it up. */
const KIND = "canary-rollout.dev/kind";
const ROLLOUT = "canary-rollout.dev/rollout";

/** How much of a document's name stays readable. */
const READABLE = 60;

/** The selector of the head of every rollout. */
export const HEADS = `${KIND}=rollout`;

/** What a ConfigMap is for. */
export type Purpose = "rollout" | "journal" | "document" | "beat" | "target";

/** The labels of a ConfigMap. */
export function labelsOf(purpose: Purpose, rollout: string): Readonly<Record<string, string>> {
  return {
    "app.kubernetes.io/managed-by": "canary",
    [KIND]: purpose,
    [ROLLOUT]: rollout,
  };
}

/** The claims and the inbox of a rollout. Throws for an id that is none: it may be the name of something else. */
export function headName(rollout: string): string {
  if (!isRolloutId(rollout))
    throw new Error(`${JSON.stringify(rollout)} is not the id of a rollout: see canary list`);
  return `canary-${rollout}`;
}

/** The rollout of a head's name; null when it is not one. */
export function rolloutOf(name: string): string | null {
  const id = name.slice("canary-".length);
  return name.startsWith("canary-") && isRolloutId(id) ? id : null;
}

/** One part of the journal of an epoch, from 0. */
export function journalName(rollout: string, epoch: number, part: number): string {
  return `${headName(rollout)}-e${epoch}-${part}`;
}

/** One part of a document, from 0. */
export function documentName(rollout: string, name: string, part: number): string {
  const readable = name
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/gu, "-")
    .slice(0, READABLE);
  // Two paths may read the same.
  const own = name.includes("/") ? `${readable}-${hash(name)}` : readable;
  return `${headName(rollout)}-${own}-${part}`;
}

export function beatName(rollout: string): string {
  return `${headName(rollout)}-beat`;
}

function hash(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 16);
}

/** The `n`th claim on a target: no name of a ConfigMap can hold what a target is called. */
export function targetName(target: string, n: number): string {
  return `canary-target-${targetFileName(target).slice(-32)}-${n}`;
}

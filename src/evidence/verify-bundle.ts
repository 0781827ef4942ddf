import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { FieldValue } from "../core/field.ts";
import { problem, type Finding } from "./finding.ts";
import { hashValue } from "./hash-value.ts";
import type { EvidenceList } from "./list-evidence.ts";
import type { JournalEvent } from "./verify-journals.ts";

const BUNDLE = "rollback.json";
const PLAN = "plan.json";

/** The digest of a plan as it was read from JSON; throws for what is none. */
export type DigestOf = (plan: unknown) => string;

/**
 * Checks that the bundle holds exactly the values that the journal says were captured, by their hashes, and that it and
 * plan.json are of this rollout and of the plan that its claims name. Nothing is said of a journal that captured nothing.
 */
export async function verifyBundle(
  folder: string,
  list: EvidenceList,
  events: readonly JournalEvent[],
  digestOf: DigestOf | null,
): Promise<readonly Finding[]> {
  const claim = events.find(({ kind }) => kind === "claimed");
  const read = async (name: string): Promise<string | null> =>
    list.files.some(({ path }) => path === name)
      ? await readFile(join(folder, name), "utf8").catch(() => null)
      : null;
  const [bundle, plan] = await Promise.all([read(BUNDLE), read(PLAN)]);
  const captured = capturedBy(events);
  const isCaptured = Object.keys(captured).length > 0;
  return [
    ...(plan === null ? [] : aboutPlan(PLAN, parse(plan), claim, digestOf)),
    ...(isCaptured ? aboutBundle(bundle, captured, claim, digestOf) : []),
  ];
}

/** What was captured: the hash of each value, by the key of its field. */
function capturedBy(events: readonly JournalEvent[]): Readonly<Record<string, unknown>> {
  const lines = events.flatMap(({ kind, fields }) =>
    kind === "baseline-captured" && isRecord(fields) ? [fields] : [],
  );
  return Object.assign({}, ...lines) as Record<string, unknown>;
}

function aboutBundle(
  text: string | null,
  captured: Readonly<Record<string, unknown>>,
  claim: JournalEvent | undefined,
  digestOf: DigestOf | null,
): readonly Finding[] {
  if (text === null)
    return [problem(BUNDLE, "it is gone: what was there before the rollout is not known")];
  const bundle = parse(text);
  const fields = isRecord(bundle) ? bundle["fields"] : undefined;
  if (!isRecord(bundle) || !Array.isArray(fields)) return [problem(BUNDLE, "it is no bundle")];
  const found = new Map<string, string>();
  for (const entry of fields as readonly unknown[]) {
    const { field, baseline } = isRecord(entry) ? entry : {};
    const key = isRecord(field) ? field["key"] : undefined;
    if (typeof key === "string") found.set(key, hashValue(baseline as FieldValue));
  }
  const findings: Finding[] = [...aboutPlan(BUNDLE, bundle, claim, digestOf)];
  if (claim?.rollout !== undefined && bundle["rollout"] !== claim.rollout)
    findings.push(problem(BUNDLE, `it is of another rollout: ${String(bundle["rollout"])}`));
  for (const [key, hash] of Object.entries(captured)) {
    const now = found.get(key);
    if (now === undefined) findings.push(problem(BUNDLE, `${key} was captured and is not in it`));
    else if (now !== hash)
      findings.push(problem(BUNDLE, `the value of ${key} is not the one that was captured`));
  }
  for (const key of found.keys()) {
    if (!Object.hasOwn(captured, key))
      findings.push(problem(BUNDLE, `${key} is in it and was never captured`));
  }
  return findings;
}

/** A plan that does something else than the one that was confirmed and started. */
function aboutPlan(
  path: string,
  file: unknown,
  claim: JournalEvent | undefined,
  digestOf: DigestOf | null,
): readonly Finding[] {
  if (!isRecord(file)) return [problem(path, "it is not JSON of a plan")];
  if (typeof claim?.digest !== "string") return [];
  if (file["digest"] !== claim.digest)
    return [problem(path, "it is of another plan than the one that was started")];
  const changed = problem(path, "its plan was changed since the rollout started");
  try {
    return digestOf === null || digestOf(file["plan"]) === claim.digest ? [] : [changed];
  } catch {
    return [changed];
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

import type { Plan } from "../../core/plan.ts";
import { verifyEvidence, type Verification } from "../../evidence/verify.ts";
import { digestPlan } from "../../plan/digest.ts";
import { findRollout } from "../find-rollout.ts";
import { newestPlace } from "../known-evidence.ts";
import { ownFingerprint, parseFingerprints, readAllowedSigners } from "../known-key.ts";
import { verifiedWords } from "../policy/verified-words.ts";
import { print, printJson } from "../print.ts";
import { fetchEvidence } from "../stores/fetch-evidence.ts";
import { UsageError } from "../usage-error.ts";
import { witnessAt } from "../witness.ts";

interface Options {
  readonly evidence?: string;
  readonly trust?: readonly string[];
  readonly witness?: readonly string[];
  readonly allowedSigners?: string;
  readonly json?: boolean;
  readonly audit?: string | true;
}

/** Checks the evidence of a rollout. Exit 50 when it is incomplete or was changed. */
export async function verify(args: readonly string[], options: Options): Promise<number> {
  const file = options.allowedSigners;
  const signers = file === undefined ? null : await readAllowedSigners(file);
  const listed = (signers ?? []).flatMap(({ keyid }) => (keyid === null ? [] : [keyid]));
  const trusted = [...parseFingerprints(options.trust ?? []), ...listed];
  if (options.audit !== undefined) return verifyTrail(options.audit, trusted, options);
  const folder = await folderOf(args[0], options.evidence);
  const own = await ownFingerprint();
  const known = own === null ? trusted : [own, ...trusted];
  // A list of signers that lists no key for heads trusts none, and not any.
  const keys = known.length === 0 && signers === null ? null : known;
  const witnesses = await Promise.all((options.witness ?? []).map((each) => witnessAt(each)));
  const evidence = await verifyEvidence(
    folder,
    keys,
    (plan) => digestPlan(plan as Plan),
    witnesses,
  );
  const { findings, signed } = await verifiedWords(folder, signers);
  const result = {
    ...evidence,
    ok: evidence.ok && findings.length === 0,
    findings: [...evidence.findings, ...findings],
  };
  if (options.json === true) printJson({ folder, ownKey: own, ...result, words: signed });
  else print([shown(folder, result, { own, trusted }), ...signed.map(wordLine)].join("\n"));
  return result.ok ? 0 : 50;
}

function wordLine(text: string): string {
  return `  word signed by ${text}`;
}

/** The audit trail of `canary serve`. */
async function verifyTrail(
  given: string | true,
  trusted: readonly string[],
  { json }: Options,
): Promise<number> {
  const [{ verifyAudit }, { auditFile }] = await Promise.all([
    import("../../serve/verify-audit.ts"),
    import("../serve/audit-file.ts"),
  ]);
  const path = auditFile(given === true ? undefined : given);
  if (!existsSync(path)) throw new UsageError(`there is no audit trail ${path}`);
  const own = await ownFingerprint();
  const result = await verifyAudit(path, own === null ? trusted : [own, ...trusted]);
  if (json === true) printJson({ path, ownKey: own, ...result });
  else
    print(
      [
        result.ok ? `verified: ${path} is complete and unchanged` : `NOT VERIFIED: ${path}`,
        `  ${result.lines} lines, the last one ${result.head ?? "none"}`,
        `  signed by ${result.signedBy ?? "nobody"}`,
        ...result.problems.map((problem) => `  problem: ${problem}`),
      ].join("\n"),
    );
  return result.ok ? 0 : 50;
}

/** A folder anywhere, or a rollout by its id, or the newest. */
async function folderOf(given: string | undefined, evidence: string | undefined): Promise<string> {
  if (given !== undefined) {
    if (given.includes("/") || existsSync(join(given, "plan.json"))) {
      if (!existsSync(given)) throw new UsageError(`there is no folder ${given}`);
      return resolve(given);
    }
    const place = await findRollout(given, evidence);
    await fetchEvidence(place);
    return join(place.evidence, place.id);
  }
  const newest = await newestPlace(evidence);
  if (newest === undefined)
    throw new UsageError("no rollout is known here", "canary verify path/to/evidence/ID");
  await fetchEvidence(newest);
  return join(newest.evidence, newest.id);
}

interface Keys {
  readonly own: string | null;
  readonly trusted: readonly string[];
}

function shown(
  folder: string,
  { ok, findings, files, lines, signedBy, witnesses }: Verification,
  keys: Keys,
): string {
  const head = ok
    ? `verified: ${basename(folder)} is complete and unchanged`
    : `NOT VERIFIED: the evidence of ${basename(folder)} is incomplete, was changed, or is signed by a stranger`;
  return [
    head,
    `  ${files} files, ${lines} journal lines in ${dirname(folder)}`,
    ...signedBy.flatMap((keyid) => signature(keyid, keys, folder)),
    ...(signedBy.length === 0 ? ["  signed by nobody"] : []),
    ...witnesses.flatMap(({ name, lines: seen, upTo }) =>
      upTo === null ? [] : [`  witness ${name}: saw ${seen} lines, the last one ${upTo}`],
    ),
    ...findings.map(({ kind, path, what }) => `  ${kind}: ${path}: ${what}`),
  ].join("\n");
}

/** Whose key signed: a signature proves that nothing changed since; who made it, only a key that is known does. */
function signature(keyid: string, { own, trusted }: Keys, folder: string): readonly string[] {
  if (keyid === own) return [`  signed by your own key ${keyid}`];
  if (trusted.includes(keyid)) return [`  signed by key ${keyid}, which you trust`];
  return [
    `  signed by key ${keyid}, which is NOT yours: it shows that nothing changed since, not who signed`,
    `    when you have this fingerprint from whoever ran it: canary verify ${folder} --trust ${keyid}`,
  ];
}

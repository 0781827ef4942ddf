import { problem, type Finding } from "./finding.ts";
import { listEvidence } from "./list-evidence.ts";
import { verifyBundle, type DigestOf } from "./verify-bundle.ts";
import { verifyCaptures } from "./verify-captures.ts";
import { verifyHeads } from "./verify-heads.ts";
import { verifyJournals } from "./verify-journals.ts";
import { verifyManifest } from "./verify-manifest.ts";
import { verifyWitness, type Testimony, type Witness } from "./verify-witness.ts";

export interface Verification {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** Fingerprints of the keys that signed. */
  readonly signedBy: readonly string[];
  readonly files: number;
  readonly lines: number;
  /** What the witnesses saw, in their order. */
  readonly witnesses: readonly Testimony[];
}

/**
 * Checks the evidence of a rollout: every file of the manifest is there and unchanged and no other is, every journal line is
 * linked to the one before, every signed head stands where it was signed, and the bundle, the plan (as `digestOf` has it)
 * and the captures are what the journal says. Reads only, and throws for nothing in it.
 * `trusted` are fingerprints; signatures of other keys are a problem. When it is null, the answer says that one of the
 * `signedBy` vouches for it, and no more: whoever may write the folder could have signed anew. Whoever holds a trusted key
 * could so too: only `witnesses`, who saw lines of the journal elsewhere, find that. Throws what they throw.
 */
export async function verifyEvidence(
  folder: string,
  trusted: readonly string[] | null = null,
  digestOf: DigestOf | null = null,
  witnesses: readonly Witness[] = [],
): Promise<Verification> {
  const unreadable: Finding[] = [];
  const list = await listEvidence(folder).catch((error: unknown) => {
    unreadable.push(problem(".", error instanceof Error ? error.message : String(error)));
    return { files: [], strange: [] };
  });
  const journals = await verifyJournals(folder, list.files);
  const manifest = await verifyManifest(folder, list);
  const sealed = manifest.signedBy.length > 0;
  const heads = await verifyHeads(folder, list.files, journals.epochs, sealed);
  const signatures = [...heads.signedBy, ...manifest.signedBy];
  const heard = await Promise.all(
    witnesses.map((each) => verifyWitness(each, journals.rollouts[0] ?? null, journals.epochs)),
  );
  const findings = [
    ...unreadable,
    ...list.strange.map(({ path, what }) => problem(path, what)),
    ...journals.findings,
    ...heads.findings,
    ...heard.flatMap((each) => each.findings),
    ...manifest.findings,
    ...(await verifyBundle(folder, list, journals.events, digestOf)),
    ...verifyCaptures(list.files, journals.events),
    ...signatures
      .filter(({ keyid }) => trusted !== null && !trusted.includes(keyid))
      .map(({ path, keyid }) => problem(path, `signed by a key that is not trusted: ${keyid}`)),
    ...strangers(
      [...journals.rollouts, ...heads.rollouts, manifest.rollout].filter((id) => id !== null),
    ),
  ];
  return {
    ok: findings.every(({ kind }) => kind === "note"),
    findings,
    signedBy: [...new Set(signatures.map(({ keyid }) => keyid))],
    files: list.files.length,
    lines: journals.lines,
    witnesses: heard.map(({ testimony }) => testimony),
  };
}

/** Files of another rollout are no evidence of this one, however well they are signed. */
function strangers(rollouts: readonly string[]): readonly Finding[] {
  const all = [...new Set(rollouts)];
  return all.length < 2
    ? []
    : [problem(".", `its files are of different rollouts: ${all.toSorted().join(", ")}`)];
}

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";

import { expect, test } from "vitest";

import { fingerprint } from "../../src/evidence/dsse.ts";
import { createChain } from "../../src/evidence/journal-line.ts";
import { writeManifest, type Manifest } from "../../src/evidence/manifest.ts";
import { signingKey } from "../../src/evidence/signing-key.ts";
import { verifyEvidence } from "../../src/evidence/verify.ts";
import { ROLLOUT, sealedRollout } from "../support/sealed-rollout.ts";

/** Every file that is evidence, the seals included. */
function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
}

const problemsOf = async (
  folder: string,
  trusted: readonly string[] | null = null,
): Promise<string[]> =>
  (await verifyEvidence(folder, trusted)).findings
    .filter(({ kind }) => kind === "problem")
    .map(({ path, what }) => `${path}: ${what}`);

const makePipe = (path: string): void => void execFileSync("/usr/bin/env", ["mkfifo", path]);

test("evidence that nobody touched is verified, with what is worth knowing", async () => {
  const { folder, keyid } = await sealedRollout();
  const result = await verifyEvidence(folder, [keyid]);
  expect(result.ok).toBe(true);
  expect(result.signedBy).toEqual([keyid]);
  expect(result.lines).toBe(8);
  expect(result.files).toBe(10);
  expect(result.findings).toEqual([
    {
      kind: "note",
      path: "journal.1.ndjson",
      what: "1 lines after the one that journal.2.ndjson goes on from: written meanwhile",
    },
  ]);
});

test("it is verified wherever it was copied to, and after it went through an archive", async () => {
  const { folder, keyid } = await sealedRollout();
  const copy = join(folder, "..", "copy");
  execFileSync("tar", ["-cf", `${copy}.tar`, "-C", folder, "."]);
  mkdirSync(copy);
  execFileSync("tar", ["-xf", `${copy}.tar`, "-C", copy]);
  expect((await verifyEvidence(copy, [keyid])).ok).toBe(true);
});

test("the manifest tells size, hash and UTC time of every file", async () => {
  const { folder } = await sealedRollout();
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest;
  expect(manifest.files.map(({ path }) => path)).toEqual([
    "heads/1.4.json",
    "heads/2.6.json",
    "inbox/1.json",
    "journal.1.ndjson",
    "journal.2.ndjson",
    "journal.3.ndjson",
    "plan.yaml",
    "rollback.json",
    "stages/01-pilot/empty.txt",
    "stages/01-pilot/smoke.txt",
  ]);
  const smoke = manifest.files.at(-1);
  expect(smoke).toEqual({
    path: "stages/01-pilot/smoke.txt",
    sha256: createHash("sha256").update("ok\n").digest("hex"),
    size: 3,
    at: statSync(join(folder, "stages/01-pilot/smoke.txt")).mtime.toISOString(),
  });
});

test("whichever file is changed, cut or removed, it is named", async () => {
  const { folder } = await sealedRollout();
  for (const path of filesOf(folder)) {
    const whole = join(folder, path);
    const before = readFileSync(whole);
    const tampered: [string, Buffer | null][] = [
      ["removed", null],
      ["grown", Buffer.concat([before, Buffer.from("x\n")])],
    ];
    if (before.length > 0) {
      const flipped = Buffer.from(before);
      flipped[Math.floor(before.length / 2)] = (flipped[Math.floor(before.length / 2)] ?? 0) ^ 1;
      tampered.push(
        ["flipped", flipped],
        ["cut", before.subarray(0, -1)],
        ["emptied", Buffer.alloc(0)],
      );
    }
    for (const [how, content] of tampered) {
      if (content === null) unlinkSync(whole);
      else writeFileSync(whole, content);
      const { ok, findings } = await verifyEvidence(folder);
      expect([path, how, ok]).toEqual([path, how, isHarmless(path, how)]);
      expect([path, how, findings.some((finding) => finding.path === path)]).toEqual([
        path,
        how,
        !isHarmless(path, how),
      ]);
      writeFileSync(whole, before);
    }
  }
  expect((await verifyEvidence(folder)).ok).toBe(true);
});

/** The newline that ends the envelope is not signed. */
function isHarmless(path: string, how: string): boolean {
  return path === "manifest.dsse.json" && how === "cut";
}

test.each([
  "stages/01-pilot/more.txt",
  ".hidden",
  "stages/.claim",
  "heads/9.9.json",
  "journal.4.ndjson",
])("a file that was added is named: %s", async (path) => {
  const { folder } = await sealedRollout();
  writeFileSync(join(folder, path), "added\n");
  expect(await problemsOf(folder)).toContain(
    `${path}: it is not in the manifest: added after the end`,
  );
});

test("working files of the store, and a word that came too late, are no tampering", async () => {
  const { folder } = await sealedRollout();
  writeFileSync(join(folder, ".beat.2"), "7");
  writeFileSync(join(folder, ".0123456789abcdef.claim"), "draft of one that was killed");
  writeFileSync(join(folder, "inbox", "2.json"), "{}");
  const { ok, findings } = await verifyEvidence(folder);
  expect(ok).toBe(true);
  expect(findings).toContainEqual({
    kind: "note",
    path: "inbox/2.json",
    what: "a word that came after the end: nobody acted on it",
  });
});

test("a cut journal is told from its signed head, also before there is a manifest", async () => {
  const { folder } = await sealedRollout({ sealed: false });
  const path = join(folder, "journal.2.ndjson");
  const lines = readFileSync(path, "utf8").split("\n");
  truncateSync(path, (lines[0]?.length ?? 0) + 1);
  unlinkSync(join(folder, "journal.3.ndjson"));
  expect(await problemsOf(folder)).toEqual([
    "heads/2.6.json: line 6 of epoch 2 was signed and is gone: the journal was cut",
    "manifest.json: there is none: the rollout has not ended, or it was removed",
  ]);
});

test("a line that was forged together with the chain after it is told from its signed head", async () => {
  const { folder } = await sealedRollout({ sealed: false });
  const chain = createChain(null);
  const forged = ["a", "b", "c", "d", "e"].map((text, index) =>
    chain.line({
      at: 0,
      mono: 0,
      epoch: 1,
      actor: "mallory",
      event: index === 0 ? { kind: "claimed", rollout: ROLLOUT } : { kind: "noted", text },
    }),
  );
  writeFileSync(join(folder, "journal.1.ndjson"), `${forged.join("\n")}\n`);
  const problems = await problemsOf(folder);
  expect(problems).toContain("heads/1.4.json: line 4 of epoch 1 was changed since it was signed");
  expect(problems).toContain(
    "journal.2.ndjson: its first line is not linked to a line of journal.1.ndjson",
  );
});

test("an epoch that is gone from the middle or the beginning is named", async () => {
  const { folder } = await sealedRollout();
  renameSync(join(folder, "journal.2.ndjson"), join(folder, "..", "aside"));
  expect(await problemsOf(folder)).toContain(
    "journal.2.ndjson: it is gone: journal.3.ndjson follows it",
  );
  renameSync(join(folder, "..", "aside"), join(folder, "journal.2.ndjson"));
  unlinkSync(join(folder, "journal.1.ndjson"));
  expect(await problemsOf(folder)).toContain(
    "journal.1.ndjson: it is gone: journal.2.ndjson follows it",
  );
});

test("lines under the name of another epoch are named", async () => {
  const { folder } = await sealedRollout();
  cpSync(join(folder, "journal.2.ndjson"), join(folder, "journal.3.ndjson"));
  expect(await problemsOf(folder)).toContain("journal.3.ndjson: line number 5 is of epoch 2");
});

test("a torn line is a problem at the end, and a note where a takeover went on", async () => {
  const { folder } = await sealedRollout({ sealed: false });
  appendFileSync(join(folder, "journal.1.ndjson"), '{"v":1,"se');
  const torn = "its last line was cut in the middle of a write";
  expect((await verifyEvidence(folder)).findings).toContainEqual({
    kind: "note",
    path: "journal.1.ndjson",
    what: torn,
  });
  appendFileSync(join(folder, "journal.3.ndjson"), '{"v":1,"se');
  expect(await problemsOf(folder)).toContain(`journal.3.ndjson: ${torn}`);
});

test("a line that was added to the last journal after the end is a problem", async () => {
  const { folder } = await sealedRollout();
  const path = join(folder, "journal.3.ndjson");
  const line = readFileSync(path, "utf8").trimEnd();
  const event = { kind: "forged" };
  const at = Date.UTC(2026, 0, 1);
  const more = createChain({ seq: 7, line }).line({ at, mono: 0, epoch: 3, actor: "z", event });
  appendFileSync(path, `${more}\n`);
  expect(await problemsOf(folder)).toEqual([
    "journal.3.ndjson: it was changed since the manifest was written",
  ]);
});

test("lines that a superseded process added after the end are a note", async () => {
  const { folder } = await sealedRollout();
  const path = join(folder, "journal.1.ndjson");
  const last = readFileSync(path, "utf8").trimEnd().split("\n").at(-1) ?? "";
  const chain = createChain({ seq: 5, line: last });
  const event = { kind: "late" };
  const at = Date.UTC(2026, 0, 1);
  appendFileSync(path, `${chain.line({ at, mono: 9, epoch: 1, actor: "z", event })}\n`);
  const { ok, findings } = await verifyEvidence(folder);
  expect(ok).toBe(true);
  expect(findings.map(({ what }) => what)).toContain(
    "lines were added after the end by a process that had lost the rollout; none was acted on",
  );
});

test("a manifest that was written anew does not pass with the old signature", async () => {
  const { folder } = await sealedRollout();
  const path = join(folder, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
  unlinkSync(join(folder, "stages/01-pilot/smoke.txt"));
  const files = manifest.files.filter((file) => !file.path.endsWith("smoke.txt"));
  writeFileSync(path, JSON.stringify({ ...manifest, files }));
  expect(await problemsOf(folder)).toEqual(["manifest.json: it was changed since it was signed"]);
});

test("evidence that was signed anew by somebody else shows whose key it was", async () => {
  const { folder, keyid } = await sealedRollout();
  const stranger = await signingKey(join(folder, "..", "other-state"));
  writeFileSync(join(folder, "plan.yaml"), "name: forged\n");
  await writeManifest(folder, ROLLOUT, stranger, "2026-01-01T00:00:00.000Z");
  const strange = fingerprint(stranger.publicKey);
  expect(await problemsOf(folder, [keyid])).toEqual([
    `manifest.dsse.json: signed by a key that is not trusted: ${strange}`,
  ]);
  // Without knowing the right key nothing is wrong here; the answer says who vouches for it.
  expect(await verifyEvidence(folder)).toMatchObject({ ok: true, signedBy: [keyid, strange] });
});

test("a head that was taken from the manifest, and a manifest from a head, are no seals", async () => {
  const { folder } = await sealedRollout();
  const head = readFileSync(join(folder, "heads/1.4.json"));
  cpSync(join(folder, "manifest.dsse.json"), join(folder, "heads/1.4.json"));
  writeFileSync(join(folder, "manifest.dsse.json"), head);
  const problems = await problemsOf(folder);
  expect(problems).toContain("heads/1.4.json: its signature is wrong");
  expect(problems).toContain("manifest.dsse.json: it is no signature, or a wrong one");
});

test("files of another rollout are no evidence of this one", async () => {
  const { folder, key } = await sealedRollout();
  const other = await sealedRollout({ rollout: "01jf0000000000000000000002" });
  rmSync(join(folder, "heads"), { recursive: true });
  cpSync(join(other.folder, "heads"), join(folder, "heads"), { recursive: true });
  await writeManifest(folder, ROLLOUT, key, "2026-01-01T00:00:00.000Z");
  expect(await problemsOf(folder)).toContain(
    ".: its files are of different rollouts: 01jf0000000000000000000001, 01jf0000000000000000000002",
  );
});

test("links and pipes are named and never followed or waited for", async () => {
  const { folder } = await sealedRollout();
  unlinkSync(join(folder, "plan.yaml"));
  symlinkSync("/etc/hostname", join(folder, "plan.yaml"));
  symlinkSync("/nowhere", join(folder, "dangling"));
  symlinkSync("/etc", join(folder, "stages", "etc"));
  makePipe(join(folder, "pipe"));
  unlinkSync(join(folder, "manifest.dsse.json"));
  makePipe(join(folder, "manifest.dsse.json"));
  const strange = ["dangling", "manifest.dsse.json", "pipe", "plan.yaml", "stages/etc"];
  expect(await problemsOf(folder)).toEqual([
    ...strange.map((path) => `${path}: it is a link or a device, not a file`),
    "manifest.dsse.json: it is no signature, or a wrong one",
  ]);
});

test.each([
  "",
  "null",
  "[]",
  '{"v":1}',
  '{"v":1,"rollout":"r","at":"x","files":[{"path":3}]}',
  '{"v":1,"rollout":"r","at":"x","files":[null]}',
  '{"v":1,"rollout":"r","at":"x","files":[{"path":"../../../etc/passwd","sha256":"","size":1}]}',
])("a manifest that is none is named, and nothing fails: %s", async (text) => {
  const { folder } = await sealedRollout();
  writeFileSync(join(folder, "manifest.json"), text);
  expect((await problemsOf(folder)).length).toBeGreaterThan(0);
});

test.each([
  "",
  "null",
  "{}",
  '{"payloadType":"application/vnd.in-toto+json"}',
  '{"signatures":[{}]}',
])("an envelope that is none is named, and nothing fails: %s", async (text) => {
  const { folder } = await sealedRollout();
  writeFileSync(join(folder, "heads/1.4.json"), text);
  writeFileSync(join(folder, "manifest.dsse.json"), text);
  const problems = await problemsOf(folder);
  expect(problems).toContain("heads/1.4.json: its signature is wrong");
  expect(problems).toContain("manifest.dsse.json: it is no signature, or a wrong one");
});

test("a folder that is empty, or not there, is not verified", async () => {
  const { folder } = await sealedRollout();
  rmSync(folder, { recursive: true });
  expect((await verifyEvidence(folder)).ok).toBe(false);
  mkdirSync(folder);
  expect(await problemsOf(folder)).toEqual([
    "journal.1.ndjson: there is no journal",
    "heads: no head of the journal is signed",
    "manifest.json: there is none: the rollout has not ended, or it was removed",
  ]);
});

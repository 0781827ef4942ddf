import { readFileSync, rmSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { writeHead } from "../../src/evidence/journal-head.ts";
import { createChain, parseJournal, type Link } from "../../src/evidence/journal-line.ts";
import { writeManifest } from "../../src/evidence/manifest.ts";
import type { SigningKey } from "../../src/evidence/signing-key.ts";
import type { Witness } from "../../src/evidence/verify-witness.ts";
import { verifyEvidence } from "../../src/evidence/verify.ts";
import { seenIn, witnessLine } from "../../src/evidence/witness-line.ts";
import { ROLLOUT, sealedRollout } from "../support/sealed-rollout.ts";

const AT = "2026-01-01T00:00:00.000Z";

const linesOf = (folder: string, epoch: number): readonly string[] =>
  readFileSync(join(folder, `journal.${epoch}.ndjson`), "utf8")
    .trimEnd()
    .split("\n");

const saw = (name: string, text: string): Witness => ({
  name,
  seen: (rollout) => Promise.resolve(seenIn(text, rollout)),
});

/** A CI log, as the plain output writes it: times, colours, and what the CI system puts before each line. */
function ciLog(folder: string): string {
  const head = (epoch: number, seq: number, index: number): string =>
    `ci | ${AT} \u001b[2m${witnessLine(ROLLOUT, { epoch, seq }, linesOf(folder, epoch)[index] ?? "")}\u001b[0m\r`;
  return ["start", head(1, 1, 0), head(1, 4, 3), "noise", head(2, 6, 1), head(3, 7, 0)].join("\n");
}

async function problemsOf(folder: string, keyid: string, witnesses: readonly Witness[]) {
  const { findings } = await verifyEvidence(folder, [keyid], null, witnesses);
  return findings
    .filter(({ kind }) => kind === "problem")
    .map(({ path, what }) => `${path}: ${what}`);
}

/** Whoever has the key signs what is there now, as if it had always been so. */
async function sealAnew(folder: string, key: SigningKey): Promise<void> {
  rmSync(join(folder, "heads"), { recursive: true, force: true });
  for (const epoch of [1, 2, 3]) {
    const path = join(folder, `journal.${epoch}.ndjson`);
    const line = readOr(path).trimEnd().split("\n").at(-1) ?? "";
    const seq = parseJournal([line]).entries[0]?.seq;
    if (seq !== undefined)
      await writeHead(folder, key, { rollout: ROLLOUT, epoch, seq, line, why: "restored", at: AT });
  }
  await writeManifest(folder, ROLLOUT, key, AT);
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

test("witnesses that saw what is there are named, with how far they saw", async () => {
  const { folder, keyid } = await sealedRollout();
  const chat = ciLog(folder).split("\n").slice(0, 2).join("\n");
  const result = await verifyEvidence(folder, [keyid], null, [
    saw("ci.log", ciLog(folder)),
    saw("chat", chat),
  ]);
  expect(result.ok).toBe(true);
  expect(result.witnesses).toEqual([
    { name: "ci.log", lines: 4, upTo: "3.7" },
    { name: "chat", lines: 1, upTo: "1.1" },
  ]);
  expect(result.findings.filter(({ path }) => path === "chat")).toEqual([
    { kind: "note", path: "chat", what: "it saw nothing of the 7 lines after line 1.1" },
  ]);
});

test("the lines of the journal in a log are as good as heads", async () => {
  const { folder, keyid } = await sealedRollout();
  const log = [1, 2, 3]
    .flatMap((epoch) => linesOf(folder, epoch))
    .map((line) => `job 7: ${line}\r`);
  const witness = saw("ci.ndjson", log.join("\n"));
  expect(await problemsOf(folder, keyid, [witness])).toEqual([]);
  const { witnesses } = await verifyEvidence(folder, [keyid], null, [witness]);
  expect(witnesses).toEqual([{ name: "ci.ndjson", lines: 8, upTo: "3.7" }]);
});

test("a tail that was cut and signed anew with the right key is found by a witness alone", async () => {
  const { folder, key, keyid } = await sealedRollout();
  const log = ciLog(folder);
  unlinkSync(join(folder, "journal.3.ndjson"));
  const second = join(folder, "journal.2.ndjson");
  truncateSync(second, (linesOf(folder, 2)[0]?.length ?? 0) + 1);
  await sealAnew(folder, key);
  expect(await problemsOf(folder, keyid, [])).toEqual([]);
  expect(await problemsOf(folder, keyid, [saw("ci.log", log)])).toEqual([
    "journal.2.ndjson: line 6 of epoch 2 was seen by ci.log and is gone: the journal was cut",
    "journal.3.ndjson: line 7 of epoch 3 was seen by ci.log and is gone: the journal was cut",
  ]);
});

/** Writes all journals anew, each line changed by `change`, with a chain and signatures that hold. */
async function forge(
  folder: string,
  key: SigningKey,
  change: (line: { at: number; mono: number; event: { kind: string } }, seq: number) => object,
  order: (lines: readonly string[]) => readonly string[] = (lines) => lines,
): Promise<void> {
  let before: Link | null = null;
  for (const epoch of [1, 2, 3]) {
    const chain = createChain(before);
    const lines = order(linesOf(folder, epoch)).map((text) => {
      const [entry] = parseJournal<{ kind: string }>([text]).entries;
      if (entry === undefined) throw new Error(text);
      const { mono, actor, event, seq } = entry;
      const changed = change({ at: Date.parse(entry.at), mono, event }, seq);
      const line = chain.line({ at: Date.parse(entry.at), mono, epoch, actor, event, ...changed });
      before = { seq: (before?.seq ?? 0) + 1, line };
      return line;
    });
    writeFileSync(join(folder, `journal.${epoch}.ndjson`), `${lines.join("\n")}\n`);
  }
  await sealAnew(folder, key);
}

test.each([
  [
    "an edit",
    ({ event }: { event: { kind: string } }, seq: number) =>
      seq === 3 ? { event: { ...event, text: "forged" } } : {},
    (lines: readonly string[]) => lines,
  ],
  [
    "another order",
    () => ({}),
    ([first = "", second = "", third = "", ...rest]: readonly string[]) =>
      third === ""
        ? [first, second].filter((line) => line !== "")
        : [first, third, second, ...rest],
  ],
  [
    "dating back all of it",
    ({ at }: { at: number }) => ({ at: at - 3_600_000 }),
    (lines: readonly string[]) => lines,
  ],
])("%s, signed anew with the right key, is found by a witness", async (_, change, order) => {
  const { folder, key, keyid } = await sealedRollout();
  const log = ciLog(folder);
  await forge(folder, key, change, order);
  const problems = await problemsOf(folder, keyid, [saw("ci.log", log)]);
  expect(problems.join("\n")).toContain("is not the one that ci.log saw: it was changed");
});

test("what is dated back beyond what the monotonic clock allows is found without a witness", async () => {
  const { folder, key, keyid } = await sealedRollout();
  await forge(folder, key, ({ at }, seq) => (seq >= 3 ? { at: at - 3_600_000 } : {}));
  expect(await problemsOf(folder, keyid, [])).toEqual([
    expect.stringMatching(
      /^journal\.1\.ndjson: line 3 is dated 3600 s earlier than the monotonic/u,
    ),
  ]);
});

test("lines that only the first ones are dated back of look like a machine that slept: a note", async () => {
  const { folder, key, keyid } = await sealedRollout();
  await forge(folder, key, ({ at }, seq) => (seq <= 2 ? { at: at - 3_600_000 } : {}));
  const { ok, findings } = await verifyEvidence(folder, [keyid]);
  expect(ok).toBe(true);
  expect(findings.map(({ what }) => what).join("\n")).toContain(
    "the time of day is 3600 s ahead of the monotonic clock at line 3",
  );
});

test("a witness that saw nothing of this rollout is none", async () => {
  const { folder, keyid } = await sealedRollout();
  const other = ciLog(folder).replaceAll(ROLLOUT, "01jf0000000000000000000002");
  for (const text of ["", "head of the queue 1.2", other])
    expect(await problemsOf(folder, keyid, [saw("ci.log", text)])).toEqual([
      `ci.log: it saw nothing of rollout ${ROLLOUT}: it is no witness of it`,
    ]);
});

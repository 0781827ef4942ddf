import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { signingKey } from "../../src/evidence/signing-key.ts";
import type { AuditEvent } from "../../src/serve/audit-event.ts";
import { boundedRecord, ONE_BY_ONE } from "../../src/serve/bounded-record.ts";
import { lockAudit } from "../../src/serve/lock-audit.ts";
import { openAudit } from "../../src/serve/open-audit.ts";
import { verifyAudit } from "../../src/serve/verify-audit.ts";
import { folderForTest } from "../e2e/support/run-canary.ts";

/** A trail of four lines. */
async function trailForTest(): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = folderForTest();
  const path = join(folder, "audit.ndjson");
  const audit = await openAudit(path, await signingKey(folder));
  for (const by of ["one", "two", "three", "four"]) await audit.record({ kind: "stopped", by }, by);
  await audit.close();
  return { folder, path };
}

const edit = async (path: string, change: (lines: string[]) => readonly string[]): Promise<void> =>
  writeFile(path, change((await readFile(path, "utf8")).split("\n")).join("\n"));

test("an untouched trail is verified, and goes on where it ended", async () => {
  const { folder, path } = await trailForTest();
  expect(await verifyAudit(path, [])).toMatchObject({ ok: true, lines: 4, problems: [] });
  const audit = await openAudit(path, await signingKey(folder));
  expect(audit.earlier).toHaveLength(4);
  expect((await audit.record({ kind: "stopped", by: "five" }, "five")).seq).toBe(5);
  await audit.close();
  expect(await verifyAudit(path, [])).toMatchObject({ ok: true, lines: 5 });
});

test.for<readonly [string, (lines: string[]) => readonly string[], string]>([
  ["a changed line", (lines) => lines.map((line) => line.replace('"two"', '"too"')), "not linked"],
  ["a removed line", (lines) => lines.toSpliced(1, 1), "number 3, not 2"],
  ["a cut tail", (lines) => lines.toSpliced(3, 1), "line 4, which was signed, is gone"],
  ["an emptied file", () => [""], "line 4, which was signed, is gone"],
  ["two exchanged lines", ([a = "", b = "", ...rest]) => [b, a, ...rest], "number 2, not 1"],
  ["a foreign line", (lines) => ["hello", ...lines], "not a line of an audit trail"],
  [
    "a changed last line",
    (lines) => lines.map((line) => line.replace('"four"', '"fore"')),
    "not the one",
  ],
])("%s shows", async ([, change, says]) => {
  const { path } = await trailForTest();
  await edit(path, change);
  const { ok, problems } = await verifyAudit(path, []);
  expect(ok).toBe(false);
  expect(problems.join("; ")).toContain(says);
});

test("a trail that was changed is not written to", async () => {
  const { folder, path } = await trailForTest();
  await edit(path, (lines) => lines.toSpliced(1, 1));
  await expect(openAudit(path, await signingKey(folder))).rejects.toThrow("was changed");
});

test("a trail that a stranger signed anew shows", async () => {
  const { folder, path } = await trailForTest();
  const stranger = await signingKey(join(folder, "stranger"));
  const { signedBy } = await verifyAudit(path, []);
  const audit = await openAudit(path, stranger);
  await audit.record({ kind: "stopped", by: "x" }, "x");
  await audit.close();
  expect(await verifyAudit(path, [signedBy ?? ""])).toMatchObject({ ok: false });
});

test("half a line that a crash left is no change, once the next server has said so", async () => {
  const { folder, path } = await trailForTest();
  await truncate(path, (await readFile(path)).length - 20);
  expect((await verifyAudit(path, [])).ok).toBe(false);
  const audit = await openAudit(path, await signingKey(folder));
  expect(audit.torn).not.toBeNull();
  await audit.record({ kind: "serving", url: "", roles: [], torn: audit.torn }, "x");
  await audit.close();
  expect(await verifyAudit(path, [])).toMatchObject({ ok: true, lines: 4 });
});

test("of a flood of refusals some are written, and the others are counted", async () => {
  const written: AuditEvent[] = [];
  let now = 0;
  const { record } = boundedRecord(
    (event) => {
      written.push(event);
      return Promise.resolve({ seq: written.length, hash: "" });
    },
    () => now,
  );
  const caller = { address: "", forwarded: null, method: "", path: "" };
  const refusal = {
    kind: "refused",
    why: "no-token",
    status: 401,
    text: "",
    caller,
    token: null,
  } as const;
  for (let at = 0; at < ONE_BY_ONE + 5; at += 1) await record(refusal, "unknown");
  expect(written).toHaveLength(ONE_BY_ONE);
  await record({ kind: "stopped", by: "x" }, "x");
  expect(written).toHaveLength(ONE_BY_ONE + 1);
  now = 60_000;
  await record(refusal, "unknown");
  expect(written.slice(-2)).toMatchObject([
    { kind: "refusals-counted", count: 5, why: { "no-token": 5 } },
    { kind: "refused" },
  ]);
});

test("two servers can not write one trail, and what a dead one left is taken over", async () => {
  const { path } = await trailForTest();
  const unlock = await lockAudit(path);
  await expect(lockAudit(path)).rejects.toThrow(`process ${process.pid}`);
  const lock = JSON.parse(await readFile(`${path}.lock`, "utf8")) as object;
  await writeFile(`${path}.lock`, JSON.stringify({ ...lock, startTime: "1" }));
  await (
    await lockAudit(path)
  )();
  await unlock();
});

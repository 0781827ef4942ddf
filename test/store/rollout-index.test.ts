import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, onTestFinished, test } from "vitest";

import { createRolloutId } from "../../src/evidence/rollout-id.ts";
import { knownRollouts, rememberRollout } from "../../src/store/rollout-index.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "canary-index-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const AT = Date.UTC(2026, 0, 1);
const FIRST = createRolloutId(AT);
const SECOND = createRolloutId(AT + 1000);

test("rollouts are known newest first, with an absolute path, whatever folder they were started in", async () => {
  const state = join(folder(), "deep", "state");
  await rememberRollout(state, { id: FIRST, evidence: "/srv/evidence", plan: "one", at: AT });
  await rememberRollout(state, {
    id: SECOND,
    evidence: relative(process.cwd(), "/tmp/elsewhere"),
    plan: "two",
    at: AT + 1000,
  });
  expect(await knownRollouts(state)).toEqual([
    { id: SECOND, evidence: "/tmp/elsewhere", plan: "two", at: AT + 1000 },
    { id: FIRST, evidence: "/srv/evidence", plan: "one", at: AT },
  ]);
});

test("the state of a user is nobody else's to read", async () => {
  const state = join(folder(), "state");
  await rememberRollout(state, { id: FIRST, evidence: "/e", plan: "one", at: AT });
  expect(statSync(state).mode & 0o777).toBe(0o700);
  expect(statSync(join(state, "rollouts.ndjson")).mode & 0o777).toBe(0o600);
});

test("nothing is known before the first rollout", async () => {
  expect(await knownRollouts(join(folder(), "none"))).toEqual([]);
});

test("a line that a crash cut does not swallow the next one", async () => {
  const state = folder();
  await rememberRollout(state, { id: FIRST, evidence: "/e", plan: "one", at: AT });
  appendFileSync(join(state, "rollouts.ndjson"), `{"v":1,"id":"${SECOND}","evid`);
  const third = createRolloutId(AT + 2000);
  await rememberRollout(state, { id: third, evidence: "/e", plan: "three", at: AT + 2000 });
  expect((await knownRollouts(state)).map(({ plan }) => plan)).toEqual(["three", "one"]);
});

test("lines that are none, and ids that are paths, are left out", async () => {
  const state = folder();
  const good = { id: FIRST, evidence: "/e", plan: "one", at: "2026-01-01T00:00:00.000Z" };
  const lines = [
    "null",
    "3",
    "[]",
    "\0\0\0",
    JSON.stringify({ ...good, id: "../../etc" }),
    JSON.stringify({ ...good, at: "yesterday" }),
    JSON.stringify({ ...good, evidence: 1 }),
    JSON.stringify({ ...good, evidence: "relative" }),
    JSON.stringify(good),
  ];
  writeFileSync(join(state, "rollouts.ndjson"), lines.join("\n"));
  expect(await knownRollouts(state)).toEqual([{ ...good, at: AT }]);
});

test("what was said last of a rollout counts", async () => {
  const state = folder();
  await rememberRollout(state, { id: FIRST, evidence: "/old", plan: "one", at: AT });
  await rememberRollout(state, { id: FIRST, evidence: "/new", plan: "one", at: AT });
  expect((await knownRollouts(state)).map(({ evidence }) => evidence)).toEqual(["/new"]);
});

test("an index that cannot be written says where and why", async () => {
  const state = join(folder(), "file");
  writeFileSync(state, "");
  const rollout = { id: FIRST, evidence: "/e", plan: "one", at: AT };
  await expect(rememberRollout(state, rollout)).rejects.toThrow(
    /could not add the rollout to .*rollouts\.ndjson/u,
  );
});

test("processes that start rollouts at once lose none", async () => {
  const state = join(folder(), "state");
  const script = fileURLToPath(import.meta.resolve("../support/index-writer.ts"));
  const children = [0, 1, 2].map((writer) =>
    spawn(process.execPath, [script, state, String(writer), "40"], { stdio: "inherit" }),
  );
  const exits = await Promise.all(children.map((child) => once(child, "exit")));
  expect(exits).toEqual(children.map(() => [0, null]));
  expect(new Set((await knownRollouts(state)).map(({ plan }) => plan)).size).toBe(120);
});

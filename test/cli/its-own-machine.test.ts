import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { itsOwnMachine } from "../../src/cli/its-own-machine.ts";
import { folderForTest } from "../e2e/support/run-canary.ts";

const PLACE = { id: "01m7za9zkfhmyt6kh1csjsd7s0", evidence: "/somewhere" };

function bundleOf(host: string): string {
  const path = join(folderForTest(), "copy.json");
  const owner = { host, pid: 1, startTime: "1", bootId: "b" };
  writeFileSync(path, JSON.stringify({ v: 1, rollout: PLACE.id, owner, fields: [] }));
  return path;
}

test("an abort from a bundle of another machine says what to type there", async () => {
  const bundle = bundleOf("laptop-a");
  const [back] = await itsOwnMachine(bundle, PLACE, 31, "laptop-b");
  expect(back?.text).toContain("laptop-a, which ran it, knows nothing of this");
  const typed = `canary unlock ${PLACE.id} --reason "rolled back on laptop-b"`;
  expect(back?.more).toEqual([`there, to free its targets: ${typed}`]);
  const [unsure] = await itsOwnMachine(bundle, PLACE, 41, "laptop-b");
  expect(unsure?.more).toEqual([`there, when a person has seen that everything is back: ${typed}`]);
});

test("nothing is to be done where it ran, or where nobody can tell", async () => {
  expect(await itsOwnMachine(bundleOf(hostname()), PLACE, 31)).toEqual([]);
  expect(await itsOwnMachine("/nowhere/rollback.json", PLACE, 31)).toEqual([]);
  const evidence = folderForTest();
  mkdirSync(join(evidence, PLACE.id));
  writeFileSync(join(evidence, PLACE.id, "journal.1.ndjson"), "{}\n");
  expect(await itsOwnMachine(bundleOf("a"), { ...PLACE, evidence }, 31, "b")).toEqual([]);
});

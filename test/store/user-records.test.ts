import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { rememberRollout } from "../../src/store/rollout-index.ts";
import { bundleCopy, createUserRecords, keptBundles } from "../../src/store/user-records.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ID = "01jf0000000000000000000001";

test("a bundle is kept for its owner alone, found, and dropped twice without a complaint", async () => {
  await using folder = await temporaryFolder();
  const state = join(folder.path, "state");
  const records = createUserRecords(state);
  expect(await records.hasBundle(ID)).toBe(false);
  expect(await keptBundles(state)).toEqual([]);
  await records.keepBundle(ID, "{}\n");
  expect(readFileSync(bundleCopy(state, ID), "utf8")).toBe("{}\n");
  expect(statSync(bundleCopy(state, ID)).mode & 0o777).toBe(0o600);
  expect(statSync(join(state, "bundles")).mode & 0o777).toBe(0o700);
  writeFileSync(join(state, "bundles", "notes.json"), "{}");
  expect(await keptBundles(state)).toEqual([ID]);
  expect([await records.hasBundle(ID), await records.keptBundle(ID)]).toEqual([true, "{}\n"]);
  await records.dropBundle(ID);
  await records.dropBundle(ID);
  expect([await records.hasBundle(ID), await records.keptBundle(ID)]).toEqual([false, null]);
});

test("a bundle that can not be kept is an error: nothing may be changed without it", async () => {
  await using folder = await temporaryFolder();
  const state = join(folder.path, "state");
  mkdirSync(state);
  writeFileSync(join(state, "bundles"), "a file");
  await expect(createUserRecords(state).keepBundle(ID, "{}")).rejects.toThrow("bundles");
});

test("every folder that a rollout was journalled in is known, each once, and the one for aborts", async () => {
  await using folder = await temporaryFolder();
  const state = join(folder.path, "state");
  const at = Date.now();
  for (const evidence of ["/a", "/b", "/a"])
    await rememberRollout(state, { id: ID, evidence, plan: "p", at });
  await rememberRollout(state, { id: ID.replace(/1$/u, "2"), evidence: "/c", plan: "p", at });
  const records = createUserRecords(state);
  expect(await records.placesOf(ID)).toEqual(["/a", "/b"]);
  mkdirSync(join(state, "aborts", ID), { recursive: true });
  expect(await records.placesOf(ID)).toEqual(["/a", "/b", join(state, "aborts")]);
});

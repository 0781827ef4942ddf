import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { signingKey } from "../../src/evidence/signing-key.ts";
import { createFileStore } from "../../src/store/file-store.ts";
import { knownRollouts, rememberRollout } from "../../src/store/rollout-index.ts";
import { folderForTest } from "../e2e/support/run-canary.ts";

const ID = "01m7za9zkfhmyt6kh1csjsd7s0";

/** A folder in which a pipe that nobody writes to lies under a name. */
function withPipe(name: string): string {
  const root = folderForTest();
  mkdirSync(join(root, ID, "inbox"), { recursive: true });
  mkdirSync(join(root, "targets"));
  execFileSync("mkfifo", [join(root, name)]);
  return root;
}

test("a journal that is a pipe is told as unread, beside those that can be read, and the next epoch can be claimed", async () => {
  const root = withPipe(`${ID}/journal.2.ndjson`);
  writeFileSync(join(root, ID, "journal.1.ndjson"), "{}\n");
  const store = createFileStore(root);
  const [first, second] = await store.read(ID);
  expect(first).toEqual({ epoch: 1, lines: ["{}"], torn: null });
  expect(second).toMatchObject({
    epoch: 2,
    lines: [],
    torn: expect.stringContaining("is no file"),
  });
  expect(await store.claim(ID, 3, "{}")).toBe("claimed");
});

test("a heartbeat that is a pipe is neither waited for nor written", async () => {
  const store = createFileStore(withPipe(`${ID}/.beat.1`));
  await expect(store.readBeat(ID, 1)).rejects.toThrow("is no file");
  await expect(store.beat(ID, 1, 7)).rejects.toThrow("ENXIO");
});

test("a claim on a target that is a pipe is an error that names it", async () => {
  const root = withPipe("targets/x");
  const store = createFileStore(root);
  expect(await store.lock("shop", ID, 0)).toEqual({ kind: "held" });
  const name = execFileSync("ls", [join(root, "targets")], { encoding: "utf8" })
    .split("\n")
    .find((each) => each.endsWith(".1"));
  execFileSync("mkfifo", [join(root, "targets", name?.replace(/1$/u, "2") ?? "")]);
  await expect(store.lock("shop", ID, 1)).rejects.toThrow(/could not claim shop .*is no file/u);
});

test("an index and a key that are pipes are errors that name them", async () => {
  const root = withPipe("rollouts.ndjson");
  execFileSync("mkfifo", [join(root, "signing-key.pem")]);
  await expect(knownRollouts(root)).rejects.toThrow(/rollouts\.ndjson.* is no file/u);
  const rollout = { id: ID, evidence: root, plan: "x", at: 0 };
  await expect(rememberRollout(root, rollout)).rejects.toThrow(/rollouts\.ndjson/u);
  await expect(signingKey(root)).rejects.toThrow(/signing-key\.pem is no file/u);
});

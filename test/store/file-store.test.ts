import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { createFileStore } from "../../src/store/file-store.ts";
import { createMemoryStore } from "../../src/store/memory-store.ts";
import { storeContract } from "../support/contract-store.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "canary-store-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

storeContract("file", () => {
  const root = folder();
  return Promise.resolve({ store: createFileStore(root), again: createFileStore(root) });
});

storeContract("memory", () => {
  const store = createMemoryStore();
  return Promise.resolve({ store, again: store });
});

const ROLLOUT = "01jf0000000000000000000001";

test("a torn last line is told apart and changes nothing of the lines before", async () => {
  const root = folder();
  const store = createFileStore(root);
  await store.claim(ROLLOUT, 1, "a");
  await store.append(ROLLOUT, 1, ["b"]);
  appendFileSync(join(root, ROLLOUT, "journal.1.ndjson"), '{"half');
  expect(await store.read(ROLLOUT)).toEqual([{ epoch: 1, lines: ["a", "b"], torn: '{"half' }]);
});

test("other files in the evidence are no epochs, and other folders are no rollouts", async () => {
  const root = folder();
  const store = createFileStore(root);
  await store.claim(ROLLOUT, 1, "a");
  appendFileSync(join(root, ROLLOUT, "journal.x.ndjson"), "z\n");
  appendFileSync(join(root, ROLLOUT, "journal.2.ndjson.bak"), "z\n");
  await store.lock("t", ROLLOUT, 0);
  expect(await store.lastEpoch(ROLLOUT)).toBe(1);
  expect(await store.list()).toEqual([ROLLOUT]);
});

test("what was appended is in the file when the answer comes", async () => {
  const root = folder();
  const store = createFileStore(root);
  await store.claim(ROLLOUT, 1, "a");
  for (let line = 0; line < 50; line += 1) {
    await store.append(ROLLOUT, 1, [`line ${line}`]);
    const text = readFileSync(join(root, ROLLOUT, "journal.1.ndjson"), "utf8");
    expect(text.endsWith(`line ${line}\n`)).toBe(true);
  }
});

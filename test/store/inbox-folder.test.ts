import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { createFileStore } from "../../src/store/file-store.ts";
import { unreadable } from "../../src/store/store.ts";

const ROLLOUT = "01jf0000000000000000000001";

/** An inbox with the word "one" in it, and the folder that it lies in. */
async function inbox() {
  const root = mkdtempSync(join(tmpdir(), "canary-inbox-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const store = createFileStore(root);
  await store.claim(ROLLOUT, 1, "a");
  await store.post(ROLLOUT, "one");
  return { store, folder: join(root, ROLLOUT, "inbox") };
}

const GARBAGE: Readonly<Record<string, (path: string) => void>> = {
  "a folder": (path) => mkdirSync(path),
  "a pipe": (path) => void execFileSync("/usr/bin/env", ["mkfifo", path]),
  "a link to nowhere": (path) => symlinkSync("/nowhere/at/all", path),
  "a link to a device that never ends": (path) => symlinkSync("/dev/zero", path),
  "a huge file": (path) => writeFileSync(path, Buffer.alloc(5_000_000, "x")),
};

test.each(Object.entries(GARBAGE))(
  "%s in the inbox keeps its place and hides no word behind it",
  async (_, make) => {
    const { store, folder } = await inbox();
    make(join(folder, "2.json"));
    await store.post(ROLLOUT, "three");
    const [one, garbage, three] = await store.inbox(ROLLOUT, 0);
    expect([one, three]).toEqual(["one", "three"]);
    expect(unreadable(garbage ?? "")).not.toBeNull();
    expect(await store.inbox(ROLLOUT, 2)).toEqual(["three"]);
  },
);

test.skipIf(process.getuid?.() === 0)("so does a file that may not be read", async () => {
  const { store, folder } = await inbox();
  writeFileSync(join(folder, "2.json"), "{}");
  chmodSync(join(folder, "2.json"), 0);
  await store.post(ROLLOUT, "three");
  const texts = await store.inbox(ROLLOUT, 1);
  expect(unreadable(texts[0] ?? "")).toContain("EACCES");
  expect(texts[1]).toBe("three");
});

test("bytes that are no text are given as they are: who reads them says that they are no word", async () => {
  const { store, folder } = await inbox();
  writeFileSync(join(folder, "2.json"), Buffer.from([0xff, 0xfe, 0, 1, 2]));
  await store.post(ROLLOUT, "three");
  const texts = await store.inbox(ROLLOUT, 1);
  expect(texts.length).toBe(2);
  expect(texts[1]).toBe("three");
});

test("a file whose number no store gave, and names that are none, are nobody's word and stop nothing", async () => {
  const { store, folder } = await inbox();
  for (const name of ["999999999.json", "1234567.json", "0.json", "02.json", "x.json", "3.txt"])
    writeFileSync(join(folder, name), '{"kind":"hold"}');
  await store.post(ROLLOUT, "two");
  await store.post(ROLLOUT, "three");
  expect(await store.inbox(ROLLOUT, 0)).toEqual(["one", "two", "three"]);
  expect(readdirSync(folder)).toContain("3.json");
});

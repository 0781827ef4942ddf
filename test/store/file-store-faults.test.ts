import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { createFileStore } from "../../src/store/file-store.ts";

const ROLLOUT = "01jf0000000000000000000001";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "canary-store-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const journal = (root: string, epoch: number): string =>
  join(root, ROLLOUT, `journal.${epoch}.ndjson`);

test("an id that is a path is refused by every word of the store", async () => {
  const root = folder();
  const store = createFileStore(join(root, "evidence"));
  const bad = "../outside";
  const calls = [
    () => store.claim(bad, 1, "a"),
    () => store.append(bad, 1, ["a"]),
    () => store.read(bad),
    () => store.lastEpoch(bad),
    () => store.post(bad, "w"),
    () => store.inbox(bad, 0),
    () => store.beat(bad, 1, 1),
    () => store.readBeat(bad, 1),
  ];
  for (const call of calls) await expect(call()).rejects.toThrow(/"\.\.\/outside" is not the id/u);
  expect(readdirSync(root)).toEqual([]);
});

test("a claim on a target never leaves the folder of claims", async () => {
  const root = folder();
  const store = createFileStore(root);
  for (const target of ["../../x", "/etc/passwd", "..", ".", "", "a\0b", "a\nb"])
    expect(await store.lock(target, ROLLOUT, 0)).toEqual({ kind: "held" });
  expect(readdirSync(root)).toEqual(["targets"]);
  expect(readdirSync(join(root, "targets"))).toHaveLength(7);
});

test("targets that differ only in what a file name cannot hold are different claims", async () => {
  const store = createFileStore(folder());
  const targets = ["a/b", "a_b", "a//b", "a b", "A/b", "a/b "];
  for (const target of targets)
    expect(await store.lock(target, ROLLOUT, 0)).toEqual({ kind: "held" });
});

test("a link to nowhere under the name of an epoch is taken, not written through", async () => {
  const root = folder();
  const store = createFileStore(root);
  await store.claim(ROLLOUT, 1, "a");
  symlinkSync(join(root, "elsewhere"), journal(root, 2));
  expect(await store.claim(ROLLOUT, 2, "b")).toBe("taken");
  expect(existsSync(join(root, "elsewhere"))).toBe(false);
});

test("calls to append at the same time do not mix their lines", async () => {
  const root = folder();
  const store = createFileStore(root);
  await store.claim(ROLLOUT, 1, "0");
  const lines = Array.from({ length: 50 }, (_, index) => `${index + 1}`.repeat(index + 1));
  await Promise.all(lines.map((line) => store.append(ROLLOUT, 1, [line])));
  expect((await store.read(ROLLOUT))[0]?.lines).toEqual(["0", ...lines]);
});

test("the rest of a failed write does not outlive the next one", async () => {
  const root = folder();
  const store = createFileStore(root);
  await store.claim(ROLLOUT, 1, "a");
  writeFileSync(journal(root, 1), "x".repeat(100), { flag: "a" });
  await store.append(ROLLOUT, 1, ["b"]);
  expect(readFileSync(journal(root, 1), "utf8")).toBe("a\nb\n");
});

test("a journal that was removed swallows no line, and does not read as not taken over", async () => {
  const root = folder();
  const store = createFileStore(root);
  await store.claim(ROLLOUT, 1, "a");
  renameSync(join(root, ROLLOUT), join(root, "moved"));
  await expect(store.append(ROLLOUT, 1, ["b"])).rejects.toThrow(/could not append to .*ENOENT/u);
  await expect(store.lastEpoch(ROLLOUT)).rejects.toThrow(/journal\.1\.ndjson .* is gone/u);
  renameSync(join(root, "moved"), join(root, ROLLOUT));
  await store.append(ROLLOUT, 1, ["b"]);
  expect(await store.lastEpoch(ROLLOUT)).toBe(1);
});

test("a journal that somebody cut is not padded with zeros", async () => {
  const root = folder();
  const store = createFileStore(root);
  await store.claim(ROLLOUT, 1, "a");
  await store.append(ROLLOUT, 1, ["b", "c"]);
  truncateSync(journal(root, 1), 2);
  await expect(store.append(ROLLOUT, 1, ["d"])).rejects.toThrow(/was cut from 6 to 2 bytes/u);
  expect(readFileSync(journal(root, 1), "utf8")).toBe("a\n");
});

test("a claim that failed leaves neither its name nor its draft", async () => {
  const root = folder();
  writeFileSync(join(root, ROLLOUT), "a file where the folder should be");
  const store = createFileStore(root);
  await expect(store.claim(ROLLOUT, 1, "a")).rejects.toThrow(
    /could not claim epoch 1 as .*journal/u,
  );
  rmSync(join(root, ROLLOUT));
  await store.claim(ROLLOUT, 1, "a");
  expect(await store.claim(ROLLOUT, 1, "b")).toBe("taken");
  expect(readdirSync(join(root, ROLLOUT)).toSorted()).toEqual([".reserve", "journal.1.ndjson"]);
});

test("a folder without a journal is no rollout", async () => {
  const root = folder();
  const store = createFileStore(root);
  await store.claim(ROLLOUT, 1, "a");
  await store.post("01jf0000000000000000000002", "w");
  writeFileSync(join(root, "01jf0000000000000000000003"), "a file");
  await store.claim("01jf0000000000000000000004", 1001, "an abort from the bundle alone");
  expect(await store.list()).toEqual(["01jf0000000000000000000004", ROLLOUT]);
});

test("a heartbeat is never read half written", async () => {
  const root = folder();
  const store = createFileStore(root);
  const reader = createFileStore(root);
  await store.claim(ROLLOUT, 1, "a");
  await store.beat(ROLLOUT, 1, 1);
  let seen = 1;
  const writing = (async () => {
    for (let count = 2; count <= 500; count += 1) await store.beat(ROLLOUT, 1, count);
  })();
  for (let read = 0; read < 500; read += 1) {
    const now = await reader.readBeat(ROLLOUT, 1);
    expect(now).toBeGreaterThanOrEqual(seen);
    seen = now;
  }
  await writing;
  expect(await reader.readBeat(ROLLOUT, 1)).toBe(500);
});

/** A file system of a few hundred KiB, where the test may mount one; null elsewhere. */
function smallDisk(size: string): string | null {
  const mountPoint = folder();
  try {
    execFileSync(
      "/usr/bin/env",
      ["mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", mountPoint],
      {
        stdio: "ignore",
      },
    );
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync("/usr/bin/env", ["umount", "-l", mountPoint]));
  return mountPoint;
}

test("a full disk fails one append, and then takes the way back and its end", async (context) => {
  const root = smallDisk("512k");
  if (root === null) return context.skip("mounting is not allowed here");
  const store = createFileStore(root);
  await store.claim(ROLLOUT, 1, "a");
  expect(statSync(join(root, ROLLOUT, ".reserve")).size).toBe(256 * 1024);
  fill(join(root, "ballast"));
  const line = "x".repeat(5000);
  await expect(
    (async () => {
      for (;;) await store.append(ROLLOUT, 1, [line]);
    })(),
  ).rejects.toThrow(/the disk is full: free some space \(ENOSPC\)/u);
  const before = (await store.read(ROLLOUT))[0];
  expect(before?.torn).toBeNull();
  expect(existsSync(join(root, ROLLOUT, ".reserve"))).toBe(false);
  for (let count = 0; count < 20; count += 1) await store.append(ROLLOUT, 1, [`back ${line}`]);
  expect(await store.claim(ROLLOUT, 2, "the end")).toBe("claimed");
  expect((await store.read(ROLLOUT))[0]?.lines.slice(-20)).toEqual(Array(20).fill(`back ${line}`));
});

test("a takeover is claimed on a disk that is full", async (context) => {
  const root = smallDisk("512k");
  if (root === null) return context.skip("mounting is not allowed here");
  await createFileStore(root).claim(ROLLOUT, 1, "a");
  fill(join(root, "ballast"));
  const taker = createFileStore(root);
  expect(await taker.claim(ROLLOUT, 2, "abort")).toBe("claimed");
  await taker.append(ROLLOUT, 2, ["undone"]);
  expect((await taker.read(ROLLOUT)).at(-1)).toEqual({
    epoch: 2,
    lines: ["abort", "undone"],
    torn: null,
  });
  await expect(
    createFileStore(join(root, "new")).claim(ROLLOUT, 1, "y".repeat(300_000)),
  ).rejects.toThrow(/ENOSPC/u);
});

function fill(path: string): void {
  for (const size of [65_536, 4096, 1]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size, 1), { flag: "a" });
    } catch {
      // Full for this size.
    }
  }
}

test("a read-only folder is reported with what to change", async (context) => {
  const root = smallDisk("512k");
  if (root === null) return context.skip("mounting is not allowed here");
  execFileSync("/usr/bin/env", ["mount", "-o", "remount,ro", root]);
  await expect(createFileStore(root).claim(ROLLOUT, 1, "a")).rejects.toThrow(
    /the file system is read-only: use --evidence DIR on a writable one \(EROFS\)/u,
  );
});

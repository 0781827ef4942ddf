import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, onTestFinished, test } from "vitest";

import { makeFolder, writeFileAtomic } from "../../src/evidence/write-file.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "canary-write-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test("a file is written whole, with the folders above it, and nothing else is left", async () => {
  const root = folder();
  await writeFileAtomic(join(root, "a", "b", "c.txt"), "text ä");
  await writeFileAtomic(join(root, "a", "b", "d.bin"), new Uint8Array([0, 255]));
  expect(readFileSync(join(root, "a", "b", "c.txt"), "utf8")).toBe("text ä");
  expect([...readFileSync(join(root, "a", "b", "d.bin"))]).toEqual([0, 255]);
  expect(readdirSync(join(root, "a", "b"))).toEqual(["c.txt", "d.bin"]);
});

test("the mode is exact, whatever the umask and whatever was there", async () => {
  const root = folder();
  const path = join(root, "secret");
  const before = process.umask(0o077);
  onTestFinished(() => void process.umask(before));
  await writeFileAtomic(path, "x");
  expect(statSync(path).mode & 0o777).toBe(0o644);
  chmodSync(path, 0o666);
  process.umask(0);
  await writeFileAtomic(path, "x", { mode: 0o600 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a link under the name is replaced, and what it led to stays as it was", async () => {
  const root = folder();
  writeFileSync(join(root, "target"), "mine");
  symlinkSync(join(root, "target"), join(root, "link"));
  await writeFileAtomic(join(root, "link"), "new");
  expect(readFileSync(join(root, "target"), "utf8")).toBe("mine");
  expect(lstatSync(join(root, "link")).isFile()).toBe(true);
});

test("a write that fails leaves the old file and no draft", async () => {
  const root = folder();
  mkdirSync(join(root, "name"));
  await expect(writeFileAtomic(join(root, "name"), "x")).rejects.toThrow(
    /EISDIR|EEXIST|ENOTEMPTY/u,
  );
  expect(readdirSync(root)).toEqual(["name"]);
  writeFileSync(join(root, "file"), "old");
  await expect(writeFileAtomic(join(root, "file", "below"), "x")).rejects.toThrow(
    /ENOTDIR|EEXIST/u,
  );
  expect(readFileSync(join(root, "file"), "utf8")).toBe("old");
});

test("writers of one file at once leave one of the texts, whole", async () => {
  const root = folder();
  const texts = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(10_000));
  await Promise.all(texts.map((text) => writeFileAtomic(join(root, "deep", "er", "file"), text)));
  expect(texts).toContain(readFileSync(join(root, "deep", "er", "file"), "utf8"));
  expect(readdirSync(join(root, "deep", "er"))).toEqual(["file"]);
});

test("folders are made by several callers at once, with the mode that was asked for", async () => {
  const root = folder();
  await Promise.all(Array.from({ length: 10 }, () => makeFolder(join(root, "a", "b", "c"), 0o700)));
  expect(statSync(join(root, "a", "b", "c")).mode & 0o777).toBe(0o700);
});

test("a reader during kill -9 of the writer sees one whole text or the other", async () => {
  const root = folder();
  const path = join(root, "file");
  const script = fileURLToPath(import.meta.resolve("../support/file-writer.ts"));
  for (let round = 0; round < 6; round += 1) {
    const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    const exited = once(child, "exit");
    await once(child.stdout, "data");
    for (let read = 0; read < 10 * round; read += 1) expect(isWhole(path)).toBe(true);
    child.kill("SIGKILL");
    await exited;
    expect(isWhole(path)).toBe(true);
  }
});

function isWhole(path: string): boolean {
  const text = readFileSync(path, "utf8");
  return text === (text[0] ?? "?").repeat(100_000);
}

test("folders below one that is missing can be made at once", async () => {
  const root = folder();
  for (let round = 0; round < 20; round += 1) {
    const names = Array.from({ length: 8 }, (_, index) => join(root, `${round}/a/b/${index % 3}`));
    await Promise.all(names.map((name) => makeFolder(name)));
    for (const name of names) expect(statSync(name).isDirectory()).toBe(true);
  }
});

test("a folder that cannot be made is an error, and no endless loop", async () => {
  await expect(makeFolder("/proc/nothing/here")).rejects.toThrow(/ENOENT/u);
  const root = folder();
  writeFileSync(join(root, "file"), "");
  await expect(makeFolder(join(root, "file"))).rejects.toThrow(/EEXIST/u);
  await expect(makeFolder(join(root, "file/below"))).rejects.toThrow(/ENOTDIR/u);
});

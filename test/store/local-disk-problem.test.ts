import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { localDiskProblem, remoteFileSystem } from "../../src/store/local-disk-problem.ts";

const MOUNTS = [
  "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
  "30 22 0:40 / /home rw,relatime shared:2 - nfs4 server:/home rw,vers=4.2",
  "31 30 8:2 / /home/ana/local rw shared:3 master:1 - xfs /dev/sdb rw",
  String.raw`32 22 0:41 / /mnt/my\040share rw - cifs //server/share rw`,
  "33 22 0:42 / /mnt/ssh rw - fuse.sshfs host:/ rw",
  "34 22 0:43 / /mnt/ssh rw - ext4 /dev/sdc rw",
].join("\n");

test.each([
  ["/srv/evidence", null],
  ["/home/ana/evidence", "nfs4"],
  ["/home", "nfs4"],
  ["/homework", null],
  ["/home/ana/local/evidence", null],
  ["/mnt/my share/x", "cifs"],
  ["/mnt/ssh/x", null],
])("the file system under %s is of another machine: %s", (path, type) => {
  expect(remoteFileSystem(path, MOUNTS)).toBe(type);
});

test("without a list of mounts nothing is refused", () => {
  expect(remoteFileSystem("/x", "")).toBeNull();
  expect(remoteFileSystem("/x", "nonsense\n - \n")).toBeNull();
});

test("a local folder is made and left empty", async () => {
  const root = mkdtempSync(join(tmpdir(), "canary-disk-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  expect(await localDiskProblem(join(root, "evidence"))).toBeNull();
  expect(readdirSync(join(root, "evidence"))).toEqual([]);
});

test("a path through a file says what to change", async () => {
  const root = mkdtempSync(join(tmpdir(), "canary-disk-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, "file"), "");
  expect(await localDiskProblem(join(root, "file", "evidence"))).toMatch(
    /could not make the folder .*a part of the path is a file, not a folder \(ENOTDIR\)/u,
  );
});

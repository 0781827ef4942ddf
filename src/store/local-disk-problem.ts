import { randomBytes } from "node:crypto";
import { link, readFile, realpath, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { makeFolder } from "../evidence/write-file.ts";
import { storeError } from "./store-error.ts";

/** What the kernel calls file systems that live on another machine, in `/proc/self/mountinfo`. */
const REMOTE =
  /^(?:nfs\d?|cifs|smb\d?|smbfs|afs|ceph|lustre|gpfs|glusterfs|ocfs2|gfs2|beegfs|orangefs|9p|davfs|fuse\.(?:sshfs|s3fs|gcsfuse|rclone|davfs\d?|glusterfs|ceph|blobfuse\d?|goofys|mount-s3))$/u;
/** Room for a rollout's journal, captures and reserve, in bytes. */
const ROOM = 4 * 1024 * 1024;

/**
 * Why a folder cannot keep rollouts, and what to change; null when it can. Makes the folder and tries what a claim needs:
 * a network file system neither promises that a sync is kept nor that a name is seen at once.
 */
export async function localDiskProblem(root: string): Promise<string | null> {
  try {
    await makeFolder(root);
  } catch (error) {
    return storeError(error, "make the folder", root).message;
  }
  const mounts = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  const remote = remoteFileSystem(await realpath(root), mounts);
  if (remote !== null)
    return `${root} is on a network file system (${remote}): use --evidence DIR on a local disk`;
  const { bavail, bsize } = await statfs(root);
  if (bavail * bsize < ROOM)
    return `${root} has ${bavail * bsize} bytes left, and a rollout wants ${ROOM}: free some space`;
  return await tryLink(root);
}

/** The type of the file system under a path when it is one of another machine, read from the text of `mountinfo`. */
export function remoteFileSystem(path: string, mountinfo: string): string | null {
  let best = { at: "", type: "" };
  for (const line of mountinfo.split("\n")) {
    const [left, right] = line.split(" - ");
    const at = left
      ?.split(" ")[4]
      ?.replaceAll(/\\([0-7]{3})/gu, (_, octal: string) =>
        String.fromCodePoint(Number.parseInt(octal, 8)),
      );
    const type = right?.split(" ")[0];
    if (at === undefined || type === undefined) continue;
    const under = path === at || path.startsWith(at === "/" ? at : `${at}/`);
    // Of two mounts at one place the later one is on top.
    if (under && at.length >= best.at.length) best = { at, type };
  }
  return REMOTE.test(best.type) ? best.type : null;
}

async function tryLink(root: string): Promise<string | null> {
  const trial = join(root, `.${randomBytes(8).toString("hex")}.trial`);
  try {
    await writeFile(trial, "");
    await link(trial, `${trial}.link`);
    return null;
  } catch (error) {
    return storeError(error, "claim a name in", root).message;
  } finally {
    await rm(trial, { force: true }).catch(() => undefined);
    await rm(`${trial}.link`, { force: true }).catch(() => undefined);
  }
}

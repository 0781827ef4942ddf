import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync } from "node:fs";

/** Mounts a file system whose server never says a word over a folder, until its standard input ends. */
const MOUNT = `
import ctypes, os, sys
fd = os.open("/dev/fuse", os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
at = sys.argv[1].encode()
options = f"fd={fd},rootmode=40000,user_id=0,group_id=0".encode()
if libc.mount(b"dead", at, b"fuse", 0, options) != 0: sys.exit(1)
print("mounted", flush=True)
sys.stdin.read()
libc.umount2(at, 2)
`;

/** Only root may mount, and not in every container. */
export const withoutMounts =
  process.getuid?.() !== 0 || !has("/dev/fuse") || !has("/usr/bin/python3");

/** Lets the disk of a folder die; the returned function brings it back. */
export async function deadMount(folder: string): Promise<() => Promise<void>> {
  const child = spawn("/usr/bin/python3", ["-c", MOUNT, folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const mounted = await Promise.race([
    once(child.stdout, "data").then(() => true),
    once(child, "close").then(() => false),
  ]);
  if (!mounted) throw new Error(`could not mount over ${folder}`);
  return async () => {
    child.stdin.end();
    await once(child, "close");
  };
}

function has(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

import { readdir, readFile } from "node:fs/promises";

/** Linux counts the start of a process in hundredths of a second. */
const TICK = 10;
/** How much earlier than its cause a worker may seem to have started, by the rounding of two clocks, in milliseconds. */
const SLACK = 3 * TICK;

/** The pid of the running nginx; a text says why there is none. */
export async function masterOf(pidFile: string): Promise<number | string> {
  let pid: number;
  try {
    pid = Number.parseInt(await readFile(pidFile, "utf8"), 10);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return code === "ENOENT"
      ? `there is no ${pidFile}: is nginx running? Its \`pid\` says where that file is`
      : `${pidFile} cannot be read (${code})`;
  }
  if (!Number.isInteger(pid)) return `${pidFile} is empty: is nginx running?`;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return code === "EPERM" ? pid : `nginx does not run: ${pidFile} names process ${pid}`;
  }
}

/**
 * Whether nginx has taken up what was written at `since`: a reload starts new workers, and the old ones take no requests
 * any more once they say that they are shutting down. True where processes cannot be looked at, as on a system without
 * /proc.
 */
export async function hasReloaded(master: number, since: number): Promise<boolean> {
  const booted = await bootTime();
  if (booted === null) return true;
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const starts = await Promise.all(names.map((name) => workerStart(name, master)));
  const workers = starts.filter((ticks) => ticks !== null);
  return workers.length > 0 && workers.every((ticks) => booted + ticks * TICK >= since - SLACK);
}

async function bootTime(): Promise<number | null> {
  try {
    const [uptime = ""] = (await readFile("/proc/uptime", "utf8")).split(" ");
    return Date.now() - Number(uptime) * 1000;
  } catch {
    return null;
  }
}

/** When a worker of this master began, in ticks since the boot; null for all others, and for those about to leave. */
async function workerStart(pid: string, master: number): Promise<number | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(fields[1]) !== master) return null;
    const title = await readFile(`/proc/${pid}/cmdline`, "utf8");
    return title.includes("shutting down") ? null : Number(fields[19]);
  } catch {
    return null;
  }
}

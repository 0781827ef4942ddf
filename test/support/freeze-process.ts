import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Stops a process as a debugger would, and comes back when it is stopped: the signal reaches its
 * threads one by one, and one of them may still get an answer out.
 */
export async function freezeProcess(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  while (!(await isStopped(pid))) await sleep(5);
}

async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  const states = await Promise.all(
    threads.map(async (thread) => {
      const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, "utf8");
      // The name before the state may itself hold blanks and parentheses.
      return stat.slice(stat.lastIndexOf(")") + 2)[0];
    }),
  );
  return states.every((state) => state === "T");
}

import { failed, ok, unknown } from "../../answer.ts";
import type { Answer } from "../../driver.ts";
import type { Machine } from "../../machine/machine.ts";

/** Ends so when nginx does not run, and says so. */
const NOT_RUNNING = 64;
/** Ends so while old workers still take requests. */
const NOT_YET = 66;

/**
 * Looks at nginx's processes, on any machine with a POSIX shell. A reload starts new workers, and only with the new
 * configuration; an old one takes no requests any more once its title says that it is shutting down. So the file is in
 * force when every worker that is not on its way out began after it was written. Starts are told in hundredths of a second
 * since the boot, hence the slack. Without /proc nothing can be seen, and nothing is held up.
 */
const LOOK = `f=$1; pidfile=$2
no() { echo "$1" >&2; exit ${NOT_RUNNING}; }
[ -e "$pidfile" ] || no "there is no $pidfile: is nginx running? Its \\\`pid\\\` says where that file is"
p=$(cat -- "$pidfile") || no "$pidfile cannot be read by $(id -un)"
[ -n "$p" ] || no "$pidfile is empty: is nginx running?"
[ -d /proc/self ] || exit 0
[ -d "/proc/$p" ] || no "nginx does not run: $pidfile names process $p"
[ -n "$f" ] || exit 0
written=$(stat -c %.Y -- "$f" 2>/dev/null || stat -c %Y -- "$f") || exit ${NOT_YET}
now=$(date +%s.%N)
read -r up _ < /proc/uptime
workers=0
for worker in $(cat /proc/[0-9]*/stat 2>/dev/null | sed -n 's/^\\([0-9]*\\) (.*) /\\1 /p' | awk -v p="$p" '$3 == p { print $1 ":" $21 }'); do
  title=$(tr '\\0' ' ' < "/proc/\${worker%%:*}/cmdline" 2>/dev/null) || continue
  case $title in *"shutting down"*|"") continue ;; esac
  awk -v now="$now" -v up="$up" -v start="\${worker##*:}" -v written="$written" 'BEGIN { exit !(now - up + start / 100 >= written - 0.03) }' || exit ${NOT_YET}
  workers=1
done
[ "$workers" = 1 ] || exit ${NOT_YET}`;

/** Why nginx does not run there; null when it does. */
export async function runProblem(pidFile: string, machine: Machine): Promise<string | null> {
  const looked = await look("", pidFile, machine);
  return looked.kind === "ok" ? null : looked.why;
}

/** Whether every worker that takes requests began after the file was written. */
export async function hasReloaded(
  file: string,
  pidFile: string,
  machine: Machine,
): Promise<Answer<boolean>> {
  return await look(file, pidFile, machine);
}

async function look(
  file: string,
  pidFile: string,
  { context, name }: Machine,
): Promise<Answer<boolean>> {
  const { signal } = context;
  const result = await context.exec(["sh", "-c", LOOK, "canary", file, pidFile], { signal });
  if (result.exitCode === 0) return ok(true);
  if (result.exitCode === NOT_YET) return ok(false);
  if (result.exitCode === NOT_RUNNING) return failed(result.stderr.trim());
  return unknown(`nginx on ${name} cannot be looked at: ${result.why ?? result.stderr.trim()}`);
}

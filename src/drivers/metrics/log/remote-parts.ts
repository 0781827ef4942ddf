import { failed, ok } from "../../answer.ts";
import type { Answer, DriverContext } from "../../driver.ts";
import { sshExec } from "../../machine/ssh-exec.ts";

/** A machine, and how to sign in there. */
export type SshTarget = Parameters<typeof sshExec>[1];

/** How much of a file comes at once, in bytes: two as base64 stay below what a child's output may hold. */
export const MAX_PART = 1024 * 1024;

/** How far a file was read: which file it was, up to which byte, and the last bytes before that. */
export interface RemotePlace {
  readonly identity: string;
  readonly offset: number;
  readonly mark: Buffer;
}

/** What a file on another machine has from `start` on. */
export interface RemotePart {
  readonly identity: string;
  readonly size: number;
  /** When it was last written to, by the clock there, in milliseconds. */
  readonly mtime: number;
  readonly start: number;
  readonly bytes: Buffer;
}

/** How many bytes before the reading place show that the file is still the one that was read. */
const MARK = 64;

/**
 * For a POSIX shell with coreutils or busybox. After a rotation the rest of the renamed file comes first. `tail` and not
 * `dd`, because only that is fast from any byte on.
 */
const SCRIPT = `no() { echo "$1" >&2; exit 64; }; f=$1
[ -e "$f" ] || no "there is no file $f"
[ -f "$f" ] || no "$f is no file"
[ -r "$f" ] || no "$f may not be read by $(id -un)"
of() { stat -c '%d:%i %s %Y' -- "$1" 2>/dev/null; }
part() { echo "part $(of "$1") $2"; tail -c "+$(($2 + 1))" -- "$1" | head -c "$4" | base64 | tr -d '\\n'; echo; }
now=$(of "$f"); size=$(echo "$now" | cut -d ' ' -f 2)
case "$2" in
  '') s=$((size - $4)); [ "$s" -gt 0 ] || s=0; part "$f" "$s" - "$4" ;;
  *)
    case "$now" in
      "$2 "*) [ "$size" -ge "$3" ] && part "$f" "$3" - "$4" || part "$f" 0 - "$4" ;;
      *)
        case "$(of "$f.1")" in "$2 "*) part "$f.1" "$3" - "$4" ;; esac
        part "$f" 0 - "$4" ;;
    esac ;;
esac`;

/** What was written to a file since `place`; its end where there is none. In the order it was written. */
export async function remoteParts(
  ssh: SshTarget,
  path: string,
  place: RemotePlace | null,
  context: DriverContext,
): Promise<Answer<readonly RemotePart[]>> {
  const from = place === null ? 0 : place.offset - place.mark.length;
  const argv = [
    "sh",
    "-c",
    SCRIPT,
    "canary",
    path,
    place?.identity ?? "",
    String(from),
    String(MAX_PART),
  ];
  const result = await sshExec(context.exec, ssh)(argv, { signal: context.signal });
  if (result.exitCode !== 0) {
    const words = result.stderr.trim().split("\n").at(-1) ?? "";
    return failed(
      `${result.why ?? (words === "" ? "the log could not be read" : words)} (${ssh.host})`,
    );
  }
  const lines = result.stdout.split("\n");
  return ok(
    lines.flatMap((line, index) => {
      const [, identity, size, mtime, start] = /^part (\S+) (\d+) (\d+) (\d+)$/u.exec(line) ?? [];
      if (identity === undefined) return [];
      const bytes = Buffer.from(lines[index + 1] ?? "", "base64");
      const part = {
        identity,
        size: Number(size),
        mtime: Number(mtime) * 1000,
        start: Number(start),
      };
      return [{ ...part, bytes }];
    }),
  );
}

/** The place behind the first `used` bytes of a part. */
export function placeAfter(part: RemotePart, used: number): RemotePlace {
  const end = Buffer.from(part.bytes.subarray(Math.max(0, used - MARK), used));
  return { identity: part.identity, offset: part.start + used, mark: end };
}

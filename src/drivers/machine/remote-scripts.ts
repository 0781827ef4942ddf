/** Ends a script that changed nothing: `no WORDS`. */
const NO = 'no() { echo "$1" >&2; exit 64; }; f=$1; d=$(dirname -- "$f")';

const MAY_EDIT = `${NO}
[ -e "$f" ] || no "there is no file $f"
[ -f "$f" ] || no "$f is no file"
[ -r "$f" ] && [ -w "$f" ] && [ -w "$d" ] && [ -x "$d" ] || no "$f or its folder may not be written by $(id -un)"
links=$(stat -c %h -- "$f") || no "stat is missing there"
[ "$links" = 1 ] || no "$f has $links hard links, and replacing it would part them: keep one"`;

/**
 * What is done to a file on another machine, for a POSIX shell with coreutils or busybox. Texts travel as base64: a
 * terminal, a locale or a shell there must not change a byte.
 */
export const remoteScripts = {
  pin: `${NO}
[ -e "$f" ] || no "there is no file $f"
readlink -f -- "$f"`,
  read: `${NO}
[ -e "$f" ] || no "there is no file $f"
[ -f "$f" ] || no "$f is no file"
[ -r "$f" ] || no "$f may not be read by $(id -un)"
[ "$(wc -c < "$f")" -le 1048576 ] || no "$f is larger than 1 MiB"
base64 < "$f"`,
  mayEdit: `${MAY_EDIT}
exit 0`,
  replace: `${MAY_EDIT}
t=$(mktemp -- "$d/.canary.XXXXXX") || no "nothing can be written beside $f"
trap 'rm -f -- "$t"' EXIT
cp -p -- "$f" "$t" && base64 -d > "$t" || no "the disk of $f is full"
[ "$(stat -c '%u %g %a' -- "$f")" = "$(stat -c '%u %g %a' -- "$t")" ] || no "the owner of $f cannot be kept: sign in as its owner"
sync -- "$t" 2>/dev/null || sync
[ "$(sha256sum < "$f" | cut -d ' ' -f 1)" = "$2" ] || exit 65
mv -f -- "$t" "$f" || no "$f cannot be replaced: is it a mount of its own?"
trap - EXIT
sync -- "$d" 2>/dev/null || sync`,
  make: `${NO}
umask 077; [ -e "$f" ] && exit 0
set -C; { base64 -d > "$f"; } 2>/dev/null || { [ -e "$f" ] || no "$f cannot be made"; }
sync -- "$f" 2>/dev/null || sync`,
  remove: `rm -f -- "$1"`,
  find: `if [ -n "$2" ]; then cd -- "$2" || exit 64; fi
[ -z "$3" ] || PATH=$3
command -v -- "$1" >/dev/null || { echo "$1 was not found there" >&2; exit 64; }`,
} as const;

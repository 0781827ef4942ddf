/** What a failed call of the file system means for the person who has to mend it. */
const ADVICE: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there: change the folder's owner or mode, or use --evidence DIR",
  EPERM: "the file system refuses it: use --evidence DIR on a local disk that allows hard links",
  EROFS: "the file system is read-only: use --evidence DIR on a writable one",
  ENOSPC: "the disk is full: free some space",
  EDQUOT: "the disk quota is used up: free some space",
  EMFILE: "too many open files: raise the limit (ulimit -n)",
  ENFILE: "too many open files on this machine",
  EEXIST: "there is a file of that name: use --evidence DIR with another one",
  ENOENT: "a part of the path is not there: use --evidence DIR on a local disk",
  ENOTDIR: "a part of the path is a file, not a folder",
  ENAMETOOLONG: "the path is too long: use --evidence DIR with a shorter one",
  ELOOP: "a symbolic link in the path leads back to itself",
  EIO: "the disk reports an error",
  ESTALE: "the network file system lost the file: use --evidence DIR on a local disk",
  ENOTSUP: "the file system has no hard links: use --evidence DIR on a local disk",
  EMLINK: "the file system has no hard links: use --evidence DIR on a local disk",
};

/** The error code of a failed system call; empty for everything else. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}

/** Whether a disk or a quota is full. */
export function isFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes(codeOf(error));
}

/** Says what was tried, where, why it failed, and what to change. Keeps the code and the cause. */
export function storeError(error: unknown, tried: string, path: string): Error {
  const code = codeOf(error);
  const why = ADVICE[code] ?? (error instanceof Error ? error.message : String(error));
  return Object.assign(
    new Error(`could not ${tried} ${path}: ${why}${code === "" ? "" : ` (${code})`}`, {
      cause: error,
    }),
    code === "" ? {} : { code },
  );
}

/** Whether a store that is shared did not answer, or refused. Imports nothing: every command's last catch asks it. */
export function isStoreError(error: unknown): error is Error {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ESTORE" || error.code === "EREFUSED")
  );
}

/** Why a file could not be read, for a person. */
export function fileProblem(path: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return `there is no file ${path}`;
  if (code === "EACCES") return `${path} may not be read by this user`;
  return error instanceof Error ? error.message : String(error);
}

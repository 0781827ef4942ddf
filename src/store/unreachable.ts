const UNREACHABLE = "ESTORE";

/** Whether an error says that the store gave no answer, so that nobody knows whether it did what was asked. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === UNREACHABLE;
}

/** A store that is not a disk did not do what was asked; `why` says what to change where that is known. */
export function unreachable(where: string, why: string, cause?: unknown): Error {
  return Object.assign(new Error(`the store ${where} does not answer: ${why}`, { cause }), {
    code: UNREACHABLE,
  });
}

/** A store that answered, and refuses. */
export function refused(where: string, why: string): Error {
  return Object.assign(new Error(`the store ${where} refuses: ${why}`), { code: "EREFUSED" });
}

/** The text of anything thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Wrong usage: exit 2. `fix` is what to write instead, as a line to paste or a sentence. */
export class UsageError extends Error {
  readonly fix: string | null;

  constructor(message: string, fix: string | null = null) {
    super(message);
    this.name = "UsageError";
    this.fix = fix;
  }
}

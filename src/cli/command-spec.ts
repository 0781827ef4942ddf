/** A command's implementation: positional arguments and parsed options in, exit code out. */
export type RunCommand = (args: readonly string[], options: never) => Promise<number>;

export interface OptionSpec {
  /** As commander reads it: `--set <k=v>`. */
  readonly flags: string;
  readonly about: string;
  /** May stand more than once; its values come as a list. */
  readonly many?: true;
  /** What completion offers for the value. */
  readonly choices?: readonly string[];
}

/** One command of the command line. Help, completion and `docs/cli.md` are made from these. */
export interface CommandSpec {
  readonly name: string;
  readonly group: "roll out" | "write plans" | "prove" | "more";
  /** As commander reads it: `[plan]`, `<shell>`. */
  readonly args: string;
  readonly summary: string;
  /** More for `canary help COMMAND`; may be empty. */
  readonly details: string;
  readonly options: readonly OptionSpec[];
  readonly examples: readonly string[];
  /** Imports the implementation only when the command is run. */
  readonly load: () => Promise<RunCommand>;
}

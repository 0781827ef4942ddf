/** `gh run list --limit "1 2"`, as a person would type it. */
export function describeArgv(argv: readonly string[]): string {
  return argv
    .map((each) => (/^[\w@%+=:,./${}-]+$/.test(each) ? each : `'${each.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}

/** Words that people bring along from other tools, and the command that does it here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  apply: "start",
  approve: "promote",
  check: "lint",
  continue: "resume",
  create: "init",
  deploy: "start",
  "dry-run": "plan",
  kill: "abort",
  logs: "watch",
  ls: "list",
  pause: "hold",
  preview: "plan",
  ps: "list",
  rollback: "abort",
  run: "start",
  simulate: "rehearse",
  stop: "abort",
  tail: "watch",
  test: "rehearse",
  undo: "abort",
  validate: "lint",
};

/**
 * Commander's words for wrong usage in ours: the wrong value, then what to type instead. `command` is the one that was
 * used, null for canary itself.
 */
export function wrongUsage(text: string, command: string | null): string {
  const [first = "", ...rest] = text.trim().split("\n");
  const message = first
    .replace(/^error: /u, "")
    .replace(/\. Expected .*$/u, "")
    .replaceAll("'", "");
  const choice = /^option (\S+) .*argument (.*) is invalid\. Allowed choices are (.*)\.$/u.exec(
    message,
  );
  if (choice !== null)
    return `canary: there is no ${choice[1] ?? ""} ${choice[2] ?? ""}\n  write one of ${choice[3] ?? ""}\n`;
  const unknown = /^unknown command (\S+)/u.exec(message)?.[1];
  const meant =
    /Did you mean (?:one of )?(.+)\?/u.exec(rest.join(" "))?.[1] ?? ELSEWHERE[unknown ?? ""];
  const help = command === null ? "canary --help" : `canary help ${command}`;
  const fix =
    meant === undefined
      ? `\`${help}\` says what there is`
      : unknown === undefined
        ? `did you mean ${meant}?`
        : `did you mean \`canary ${meant}\`?`;
  return `canary: ${message}\n  ${fix}\n`;
}

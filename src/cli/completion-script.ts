import type { CommandSpec, OptionSpec } from "./command-spec.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** Whether there is a completion for this shell. */
export function isShell(text: string): text is Shell {
  return shells.some((shell) => shell === text);
}

/** The completion script of a shell, made from the table of commands. */
export function completionScript(shell: Shell, commands: readonly CommandSpec[]): string {
  switch (shell) {
    case "bash":
      return bash(commands);
    case "zsh":
      return `#compdef canary\nautoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
    case "fish":
      return fish(commands);
  }
}

function bash(commands: readonly CommandSpec[]): string {
  const names = [...commands.map(({ name }) => name), "help"].join(" ");
  const cases = commands.map((spec) => `    ${spec.name}) options="${optionNames(spec)}" ;;`);
  const choices = commands.flatMap(({ options }) => options).filter(hasChoices);
  const values = [...new Map(choices.map((option) => [longName(option), option])).values()].map(
    (option) =>
      `    ${longName(option)}) COMPREPLY=($(compgen -W "${option.choices.join(" ")}" -- "$word")); return ;;`,
  );
  return `_canary() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" options=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} --version --help" -- "$word"))
    return
  fi
  case "$before" in
${values.join("\n")}
    completion) COMPREPLY=($(compgen -W "${shells.join(" ")}" -- "$word")); return ;;
    help) COMPREPLY=($(compgen -W "${names}" -- "$word")); return ;;
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$options --help" -- "$word"))
  else
    local IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _canary canary
`;
}

function fish(commands: readonly CommandSpec[]): string {
  const lines = commands.flatMap((spec) => [
    `complete -c canary -n __fish_use_subcommand -a ${spec.name} -d ${quoted(spec.summary)}`,
    ...spec.options.map((option) => {
      const name = longName(option).slice(2);
      const values = hasChoices(option) ? ` -xa ${quoted(option.choices.join(" "))}` : "";
      return `complete -c canary -n "__fish_seen_subcommand_from ${spec.name}" -l ${name} -d ${quoted(option.about)}${values}`;
    }),
  ]);
  const given = `complete -c canary -n "__fish_seen_subcommand_from completion" -xa ${quoted(shells.join(" "))}`;
  return `${[...lines, given].join("\n")}\n`;
}

function optionNames({ options }: CommandSpec): string {
  return options.map(longName).join(" ");
}

function longName({ flags }: OptionSpec): string {
  return flags.split(" ", 1)[0] ?? "";
}

function hasChoices(
  option: OptionSpec,
): option is OptionSpec & { readonly choices: readonly string[] } {
  return option.choices !== undefined;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

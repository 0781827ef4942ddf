import { Command, Option } from "commander";

import type { CommandSpec } from "./command-spec.ts";
import { exitCodesHelp } from "./exit-codes-help.ts";
import { packageVersion } from "./package-version.ts";
import { wrongUsage } from "./wrong-usage.ts";

/** Builds the command line of these commands. `finish` is told the exit code of the one that ran. */
export function createProgram(
  specs: readonly CommandSpec[],
  finish: (code: number) => void,
): Command {
  const program = new Command("canary")
    .description(
      "Runs a canary rollout from a plan, watches it, proves it, and undoes it at any moment.",
    )
    .version(packageVersion(), "-V, --version", "print the version")
    .commandsGroup("More:")
    .helpCommand("help [command]", "explain a command")
    .helpOption("-h, --help", "explain this command")
    .showSuggestionAfterError(true)
    .configureHelp({
      subcommandTerm: (command) => [command.name(), ...argumentsOf(command)].join(" "),
    })
    .configureOutput({ outputError: (text, write) => write(wrongUsage(text, null)) })
    .addHelpText("after", () => `\n${exitCodesHelp()}`)
    .exitOverride();
  for (const spec of specs) addCommand(program, spec, finish);
  return program;
}

function addCommand(program: Command, spec: CommandSpec, finish: (code: number) => void): void {
  const command = program
    .command(spec.args === "" ? spec.name : `${spec.name} ${spec.args}`)
    .summary(spec.summary)
    .description(
      spec.details === "" ? sentence(spec.summary) : `${sentence(spec.summary)}\n${spec.details}`,
    )
    .helpGroup(`${sentence(spec.group, "")}:`)
    .configureHelp({ optionDescription: aboutOption })
    .configureOutput({ outputError: (text, write) => write(wrongUsage(text, spec.name)) })
    .exitOverride();
  for (const { flags, about, many, choices } of spec.options) {
    const option = new Option(flags, about);
    // Commander takes `--no-worse-than <ratio>` for the opposite of `--worse-than`, and drops its value.
    if (option.required) option.negate = false;
    if (choices !== undefined) option.choices(choices);
    if (many === true)
      option.argParser((value: string, before: readonly string[] | undefined) => [
        ...(before ?? []),
        value,
      ]);
    command.addOption(option);
  }
  command.addHelpText(
    "after",
    `\nExamples:\n${spec.examples.map((line) => `  ${line}\n`).join("")}`,
  );
  command.action(async () => {
    const { store } = command.opts<{ readonly store?: string }>();
    // Every command asks the same one: it is a matter of the process, like the variable it stands for.
    if (store !== undefined) (await import("./stores/chosen-store.ts")).chooseStore(store);
    if (takesStore(spec) && (store ?? process.env["CANARY_STORE"] ?? "") !== "")
      // Whatever is wrong with it is for the command to say.
      void import("./stores/shared-stores.ts")
        .then(({ reachStore }) => reachStore())
        .catch(() => undefined);
    const run = await spec.load();
    finish(await run(command.args, command.opts<never>()));
  });
}

function takesStore({ options }: CommandSpec): boolean {
  return options.some(({ flags }) => flags.startsWith("--store "));
}

function argumentsOf(command: Command): readonly string[] {
  return command.registeredArguments.map((each) => {
    const name = `${each.name()}${each.variadic ? "..." : ""}`;
    return each.required ? `<${name}>` : `[${name}]`;
  });
}

/** The texts of the options name their choices already. */
function aboutOption(option: Option): string {
  return option.description;
}

function sentence(text: string, end = "."): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${end}`;
}

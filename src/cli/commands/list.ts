import { knownPlaces } from "../known-evidence.ts";
import { print, printJson, tell } from "../print.ts";
import { summarize, type Summary } from "../summarize.ts";

interface Options {
  readonly evidence?: string;
  readonly json?: boolean;
}

/** Lists the rollouts that are known here, newest first. */
export async function list(_args: readonly string[], options: Options): Promise<number> {
  const places = await knownPlaces(options.evidence);
  const found = await Promise.all(places.map(summarize));
  const summaries = found.filter((each) => each !== null);
  if (options.json === true) printJson(summaries);
  else if (summaries.length === 0) tell("no rollout is known here: `canary start PLAN` begins one");
  else print(table(summaries));
  return 0;
}

function table(summaries: readonly Summary[]): string {
  const rows = [
    ["ROLLOUT", "PLAN", "STATE", "EXIT", "STARTED (UTC)"],
    ...summaries.map(({ id, plan, state, exit, startedAt }) => [
      id,
      plan,
      state,
      exit === null ? "-" : String(exit),
      startedAt === null ? "-" : startedAt.slice(0, 19).replace("T", " "),
    ]),
  ];
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

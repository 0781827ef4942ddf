import type { DriverCatalog } from "../../../src/plan/driver-catalog.ts";
import type { ActionNote, DriverNote } from "./driver-note.ts";
import { keyTable } from "./key-table.ts";
import { kubernetesNotes } from "./kubernetes-notes.ts";
import { checkNotes, evidenceNotes } from "./look-notes.ts";
import { machineNotes } from "./machine-notes.ts";
import { markdownTable } from "./markdown-table.ts";

export const actionNotes: Readonly<Record<string, ActionNote>> = {
  ...machineNotes,
  ...kubernetesNotes,
};

/** The page of all drivers: what the registry says about each, and its note. */
export function driversPage(catalog: DriverCatalog): string {
  return [
    "# Drivers",
    "",
    "Everything that canary can change, look at and keep, made from the drivers themselves. What it can measure is in",
    "[metrics](metrics.md). Each example is checked by a test, and each row names the test that proves the driver, below",
    "`test/drivers`, and what it was proven against.",
    "",
    "Every action that has values captures them before the first change, writes them absolutely, reads back what it wrote,",
    "and has its undo: the values before. `canary start` asks for the rights of the action and of its undo before anything",
    "is changed.",
    "",
    ...overview("Actions", catalog.actions, actionNotes, ({ traffic }) => (traffic ? "yes" : "")),
    ...overview("Checks", catalog.checks, checkNotes, () => ""),
    ...overview("Evidence", catalog.evidence, evidenceNotes, () => ""),
    "## Each action",
    "",
    ...[...catalog.actions].flatMap(([kind, driver]) => action(kind, driver)),
    "## Each check",
    "",
    "Keys of every check: `interval`, `initialDelay`, `timeout`, `failureThreshold`, `successThreshold`, `retries`, `as`.",
    "",
    ...[...catalog.checks].flatMap(([kind, driver]) => look(kind, driver, checkNotes[kind])),
    "## Each evidence item",
    "",
    "Keys of every item: `as`, `every`, `required`, `timeout`.",
    "",
    ...[...catalog.evidence].flatMap(([kind, driver]) => look(kind, driver, evidenceNotes[kind])),
    "## Connections",
    "",
    "A connection stands under `connections` with a name and its `type`. Those of metric sources are in",
    "[metrics](metrics.md).",
    "",
    ...connections(catalog),
  ].join("\n");
}

interface Described {
  readonly description: string;
  readonly connections: readonly string[];
}

function overview<D extends Described>(
  title: string,
  drivers: ReadonlyMap<string, D>,
  notes: Readonly<Record<string, DriverNote>>,
  traffic: (driver: D) => string,
): readonly string[] {
  const more = title === "Actions" ? ["under `traffic`"] : [];
  const head = [title.toLowerCase(), "", "connection", ...more, "proven by", "against"];
  const rows = [...drivers].map(([kind, driver]) => [
    `[${kind}](#${anchor(title, kind)})`,
    driver.description,
    driver.connections.join(", "),
    ...(more.length === 0 ? [] : [traffic(driver)]),
    `\`${notes[kind]?.test ?? ""}\``,
    notes[kind]?.against ?? "",
  ]);
  return [`## ${title}`, "", ...markdownTable(head, rows)];
}

function anchor(title: string, kind: string): string {
  if (title === "Actions") return kind;
  return title === "Checks" ? `check-${kind}` : `evidence-${kind}`;
}

function action(
  kind: string,
  driver: DriverCatalog["actions"] extends ReadonlyMap<string, infer D> ? D : never,
): readonly string[] {
  const note = actionNotes[kind];
  if (note === undefined) return [];
  return [
    `### ${kind}`,
    "",
    `It ${driver.description}.`,
    "",
    ...example(note.example),
    ...keyTable(driver.input),
    ...(note.needs === undefined ? [] : [...note.needs, ""]),
    `- **Undo**: ${note.undo}.`,
    `- **Reads back**: ${note.reads}.`,
    `- **Least rights**: ${note.rights}.`,
    ...Object.entries(driver.refuses ?? {}).map(
      ([key, { why, fix }]) => `- **No \`${key}\`**: ${why}. Instead: ${fix}.`,
    ),
    "",
  ];
}

function look(
  kind: string,
  driver: Described & { readonly input: Parameters<typeof keyTable>[0] },
  note: DriverNote | undefined,
): readonly string[] {
  if (note === undefined) return [];
  const title = note === checkNotes[kind] ? `check ${kind}` : `evidence ${kind}`;
  return [
    `### ${title}`,
    "",
    `It ${driver.description}.`,
    "",
    ...example(note.example),
    ...keyTable(driver.input),
    `- **Least rights**: ${note.rights}.`,
    "",
  ];
}

function example(text: string): readonly string[] {
  const lines = text.split("\n").map((line, index) => `${index === 0 ? "- " : "  "}${line}`);
  return ["```yaml", ...lines, "```", ""];
}

function connections(catalog: DriverCatalog): readonly string[] {
  return [...catalog.connections.values()]
    .filter(({ type }) => !catalog.metrics.has(type))
    .flatMap(({ type, description, config }) => [
      `### connection ${type}`,
      "",
      `${description.charAt(0).toUpperCase()}${description.slice(1)}.`,
      "",
      ...keyTable(config),
    ]);
}

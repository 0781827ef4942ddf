import type { Quorum } from "../../core/governance.ts";
import { formatDuration } from "../../report/format-duration.ts";
import type { Applied } from "./apply-policy.ts";
import { askedWords, holders, type AskedWord } from "./asked-words.ts";

/** What a policy asks of a plan, for people: its tier, whose words, who may, what stands in the way, what is owed. */
export function policyLines({ found, evaluated, command }: Applied): readonly string[] {
  const { plan, tier, because, freezes, problems } = evaluated;
  const { governance } = plan;
  return [
    `policy ${found.path}`,
    `  tier     ${tier}: ${because.join("; ")}`,
    ...freezes.map(({ text, unless }) => `  freeze   ${text}: ${through(unless)}`),
    ...askedWords(evaluated).flatMap((word) => askedLines(word, command)),
    `  stop     anybody; without a follow-up one of ${namesOf(plan, governance?.stop ?? [])}`,
    `  override a gate: ${quorumText(governance?.override ?? null, "nobody")}`,
    `  resume   after a trigger: ${quorumText(governance?.resume ?? null, "anybody")}`,
    `  unlock   ${quorumText(governance?.unlock ?? null, "anybody")}`,
    `  playbook ${quorumText(governance?.playbook ?? null, "anybody whom the policy knows")}`,
    ...(governance?.tasks ?? []).map(
      ({ name, text, by, within }) =>
        `  owed     ${name} after a rollback: ${text}, by ${by ?? "anybody"}, within ${formatDuration(within)}`,
    ),
    ...problems
      .filter(({ isMissingWord }) => !isMissingWord)
      .flatMap(({ rule, message, fix }) => [`  NOT SO   ${rule}: ${message}`, `           ${fix}`]),
  ];
}

/** Whose word it is, and how it is given: two lines. */
function askedLines(word: AskedWord, command: string): readonly string[] {
  const { name, question, when, role, count, people, given } = word;
  const who = people.length === 0 ? "NOBODY whom the policy knows" : people.join(", ");
  const done = given.length === 0 ? "" : `; given by ${given.join(", ")}`;
  const how = when === "before the start" ? command.replace("NAME", name) : null;
  return [
    `  word     ${name}, ${when}: ${question}: ${count} of ${role ?? "anybody"} (${who})${done}`,
    ...(how === null ? [] : [`           ${how}`]),
  ];
}

function through(unless: Quorum | null): string {
  return unless === null
    ? "nothing starts before its end"
    : `it starts by the words of ${quorumText(unless, "nobody")} alone`;
}

function quorumText(quorum: Quorum | null, none: string): string {
  if (quorum === null) return none;
  return Object.entries(quorum)
    .map(([role, count]) => `${count} of ${role}`)
    .join(" and ");
}

function namesOf(plan: Applied["evaluated"]["plan"], roles: readonly string[]): string {
  const people = [...new Set(roles.flatMap((role) => holders(plan, role)))];
  return people.length === 0 ? "nobody" : `${roles.join(", ")} (${people.join(", ")})`;
}

import { addVote, confirmNeed, missingVotes, type Vote } from "../core/authority.ts";
import type { Word } from "../core/event.ts";
import type { Plan } from "../core/plan.ts";
import { authorize, type WordContext } from "./authorize.ts";
import type { PolicyProblem } from "./problem.ts";

export interface Approved {
  /** Of the words that were given, those that count, with whose they are. */
  readonly words: readonly Word[];
  readonly problems: readonly PolicyProblem[];
}

interface Judging extends WordContext {
  readonly plan: Plan;
  /** The command that gives a confirmation, without its name. */
  readonly command: string;
}

/** Judges the words that were given before the start: what is missing, refused or of no use, all of it. */
export function judgeApprovals(given: readonly Word[], context: Judging): Approved {
  const { plan } = context;
  const asked = plan.preflight.filter((name) => plan.checks[name]?.driver === "confirm");
  const judged = given
    .filter(({ kind, check }) => kind === "confirm" && check !== null && asked.includes(check))
    .map((word) => authorize(word, context));
  const words = judged.filter(({ authority }) => authority !== undefined);
  const problems = asked.flatMap((name) => {
    const mine = judged.filter(({ check }) => check === name);
    const votes = words
      .filter(({ check }) => check === name)
      .reduce<readonly Vote[]>((all, word) => addVote(all, word), []);
    return problemsOf(name, mine, votes, context);
  });
  return { words, problems };
}

function problemsOf(
  name: string,
  given: readonly Word[],
  votes: readonly Vote[],
  { plan, command }: Judging,
): readonly PolicyProblem[] {
  const rule = "approvals";
  const asked = plan.checks[name]?.input["question"];
  const question = typeof asked === "string" ? asked : name;
  const refusals = given.filter(({ yes, authority }) => !yes && authority !== undefined);
  if (refusals.length > 0)
    return refusals.map(({ by, reason }) => ({
      rule,
      message: `${by} said no to ${name} (${question})${reason === "" ? "" : `: ${reason}`}`,
      fix: "settle it with them: a new word of theirs takes the place of this one",
    }));
  const missing = missingVotes(confirmNeed(plan, name), votes);
  if (missing === null) return [];
  const useless = given.flatMap(({ unproven, authority }) =>
    authority === undefined ? [unproven ?? "it is not signed"] : [],
  );
  const have = votes.length === 0 ? "" : `, besides ${votes.map(({ by }) => by).join(", ")}`;
  const because = useless.length === 0 ? "" : ` (of no use: ${[...new Set(useless)].join("; ")})`;
  return [
    {
      rule,
      message: `${name} (${question}) is not given: ${missing}${have}${because}`,
      fix: `each of them: ${command.replace("NAME", name)}`,
    },
  ];
}

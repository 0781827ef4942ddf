import type { Word } from "./event.ts";
import type { Quorum, Role } from "./governance.ts";
import { confirmationsOf } from "./measurements.ts";
import type { Plan } from "./plan.ts";
import { currentStage, type Turn } from "./turn.ts";

/** What somebody said about one thing that may need several people. */
export interface Vote {
  readonly by: string;
  readonly roles: readonly Role[];
  readonly yes: boolean;
}

/** Who has to say a thing: so many of each role, and so many people in all. */
export interface Need {
  readonly quorum: Quorum;
  readonly count: number;
}

/** Why a word is not taken from who says it; null when it is. Without a policy everybody may say everything. */
export function refuseAuthority(turn: Turn, word: Word): string | null {
  const { governance } = turn.plan;
  if (word.kind === "override") {
    if (governance === undefined) return "without a policy nobody may override a gate";
    if (governance.override === null) return "the policy lets nobody override a gate";
  }
  if (governance === undefined) return null;
  const needs = needsOf(turn, word);
  if (needs.length === 0) return null;
  if (word.authority === undefined)
    return word.unproven ?? "it is not signed, and the policy asks for a signature";
  const { person, roles } = word.authority;
  const isEnough = needs.some(({ quorum }) => {
    const asked = Object.keys(quorum);
    return asked.length === 0 || asked.some((role) => roles.includes(role));
  });
  if (isEnough) return null;
  const asked = [...new Set(needs.flatMap(({ quorum }) => Object.keys(quorum)))];
  const held = roles.length === 0 ? "has no role" : `is ${roles.join(" and ")}`;
  return `${person} ${held}, and this is for ${asked.join(" or ")}`;
}

/** The needs of what a word says; empty where anybody may say it. */
function needsOf(turn: Turn, word: Word): readonly Need[] {
  switch (word.kind) {
    case "hold":
      return [];
    case "playbook":
      return [playbookNeed(turn.plan)];
    case "resume":
      return [resumeNeed(turn) ?? []].flat();
    case "override":
      return [overrideNeed(turn.plan)];
    case "confirm":
      return [confirmNeed(turn.plan, word.check ?? "")];
    case "promote":
      return currentStage(turn)
        .gates.flatMap((gate) => confirmationsOf(gate.condition))
        .map((name) => confirmNeed(turn.plan, name));
  }
}

/** Who may end the hold of a trigger, if the policy says it; null for every other hold. */
export function resumeNeed({ plan, state }: Turn): Need | null {
  const quorum = plan.governance?.resume ?? null;
  return quorum === null || state.hold?.kind !== "trigger" ? null : { quorum, count: 1 };
}

/** Who may let a stage pass without one of its gates. */
export function overrideNeed(plan: Plan): Need {
  return { quorum: plan.governance?.override ?? {}, count: 1 };
}

/** Who may let the changes of a playbook be made. */
export function playbookNeed(plan: Plan): Need {
  return { quorum: plan.governance?.playbook ?? {}, count: 1 };
}

/** Who gives a confirmation. Its role counts only where a policy says who holds it. */
export function confirmNeed(plan: Plan, name: string): Need {
  const input = plan.checks[name]?.input;
  const count = typeof input?.["count"] === "number" ? input["count"] : 1;
  const by = input?.["by"];
  const isKnown = plan.governance !== undefined && typeof by === "string";
  return { quorum: isKnown ? { [by]: count } : {}, count };
}

/** Adds a person's vote; who votes again has changed their mind. */
export function addVote(votes: readonly Vote[], word: Word): readonly Vote[] {
  const by = word.authority?.person ?? word.by;
  const vote = { by, roles: word.authority?.roles ?? [], yes: word.yes };
  return [...votes.filter((each) => each.by !== by), vote];
}

/** What is still missing, in words; null when enough people have said yes. */
export function missingVotes({ quorum, count }: Need, votes: readonly Vote[]): string | null {
  const yes = votes.filter((vote) => vote.yes);
  const missing = Object.entries(quorum).flatMap(([role, wanted]) => {
    const have = yes.filter(({ roles }) => roles.includes(role)).length;
    return have >= wanted ? [] : [`${wanted - have} more of ${role}`];
  });
  if (missing.length > 0) return missing.join(", ");
  return yes.length >= count ? null : `${count - yes.length} more`;
}

import { programName } from "../../report/program-name.ts";
import { quoted } from "../../report/scene.ts";
import type { PolicyOptions } from "./apply-policy.ts";

/** The command by which somebody gives a confirmation before the start; `NAME` stands for its name. */
export function confirmCommand(plan: string, options: PolicyOptions): string {
  const parts = [
    `${programName()} confirm NAME --plan ${quoted(plan)}`,
    ...(options.set ?? []).map((pair) => `--set ${quoted(pair)}`),
    ...(options.policy === undefined ? [] : [`--policy ${quoted(options.policy)}`]),
    ...(options.changedSince === undefined
      ? []
      : [`--changed-since ${quoted(options.changedSince)}`]),
    ...(options.approvals === undefined ? [] : [`--approvals ${quoted(options.approvals)}`]),
  ];
  return `${parts.join(" ")} --reason …`;
}

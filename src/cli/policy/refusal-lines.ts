import { line, type Line } from "../../report/line.ts";
import type { Applied } from "./apply-policy.ts";

/** Why the policy does not let it start: everything at once, each with what to do. Null when it does. */
export function policyRefusal({ found, evaluated }: Applied, waitsForWords: boolean): Line | null {
  const { problems, tier, because, digest } = evaluated;
  const left = problems.filter(({ isMissingWord }) => !(isMissingWord && waitsForWords));
  if (left.length === 0) return null;
  const count = `${left.length} ${left.length === 1 ? "thing" : "things"}`;
  return line(
    "bad",
    `not started: the policy asks for ${count} more; nothing was touched (exit 22)`,
    [
      ...left.flatMap(({ rule, message, fix }) => [`- ${rule}: ${message}`, `  ${fix}`]),
      `policy ${found.path}; tier ${tier}: ${because.join("; ")}`,
      `plan ${digest.slice(0, 12)}: an approval is for exactly this plan`,
    ],
  );
}

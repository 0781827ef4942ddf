import type { FieldValue } from "../../core/field.ts";
import { failed, ok } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import { shareText } from "./share-text.ts";
import type { FlagEnvironment, Strategy, UnleashRef } from "./unleash-api.ts";

export const FLEXIBLE = "flexibleRollout";

/** How a strategy that canary made is found again: its title names the rollout. */
export function titleOf(context: Pick<DriverContext, "rollout">): string {
  return `canary ${context.rollout}`;
}

/** The strategy of a ref in this environment: by its id, or where there was none, the one that this rollout made. */
export function ownStrategy(
  flag: FlagEnvironment,
  ref: UnleashRef,
  context: Pick<DriverContext, "rollout">,
): Strategy | null {
  const found =
    ref.strategy === null
      ? flag.strategies.find(({ title }) => title === titleOf(context))
      : flag.strategies.find(({ id }) => id === ref.strategy);
  return found ?? null;
}

/**
 * What the field reads as. Strategies are joined by OR: whatever else is enabled beside ours serves users too, and stands
 * in the value, so that it is a difference and never a match.
 */
export function valueOfFlag(
  flag: FlagEnvironment,
  ref: UnleashRef,
  context: Pick<DriverContext, "rollout">,
): FieldValue {
  if (ref.part === "enabled") return { present: true, value: flag.enabled };
  const own = ownStrategy(flag, ref, context);
  const enabled = flag.strategies.filter((strategy) => strategy !== own && !strategy.disabled);
  const others = enabled.length - ref.beside;
  if (own === null && others <= 0 && !flag.enabled) return { present: false };
  const rollout = own?.rollout ?? "no strategy";
  const words = [
    ...(flag.enabled ? [] : ["off"]),
    rollout,
    ...(own?.disabled === true ? ["strategy disabled"] : []),
    ...(others <= 0 ? [] : [`${others} more enabled ${others === 1 ? "strategy" : "strategies"}`]),
  ];
  const share = wholeShare(rollout);
  const plain = share !== null && words.length === (flag.enabled ? 1 : 2);
  const value = plain ? shareText({ on: flag.enabled, share }) : words.join(", ");
  return { present: true, value };
}

/**
 * The strategy whose rollout can be the share of this flag; null where it has none yet. Refused is everything that would
 * make the share a lie, or undo it to something else.
 */
export function strategyForShare(
  flag: FlagEnvironment,
  ref: Pick<UnleashRef, "flag" | "environment">,
  targeted: boolean,
): Answer<Strategy | null> {
  const where = `flag ${ref.flag} in ${ref.environment}`;
  const enabled = flag.strategies.filter(({ disabled }) => !disabled);
  const open = enabled.filter(({ narrowed }) => !narrowed);
  const [own] = enabled.length > 1 ? open : enabled;
  if (enabled.length > 1 && (!targeted || open.length !== 1)) {
    const fix =
      open.length === 1
        ? "keep one, or add `targeted: true` if the others are for named users"
        : "keep one that has no constraints";
    return failed(
      `${where} has ${enabled.length} enabled strategies, and each of them lets users in, whatever the share of another: ${fix}`,
    );
  }
  if (own === undefined) {
    if (flag.strategies.length > 0)
      return failed(
        `${where} has disabled strategies alone: enable the one that holds the share, at 0 %, or delete them`,
      );
    return flag.enabled
      ? failed(`${where} is on without a strategy, so it serves everyone: switch it off first`)
      : ok(null);
  }
  if (own.planned)
    return failed(`${where} is run by a release plan: end that first, or leave the flag to it`);
  if (own.name !== FLEXIBLE)
    return failed(
      `${where} has the strategy ${own.name}, which has no share: use ${FLEXIBLE}, or \`enabled\` for the whole flag`,
    );
  return wholeShare(own.rollout) === null
    ? failed(
        `${where} has the rollout "${own.rollout ?? ""}", which is no whole percent from 0 to 100: correct it in Unleash`,
      )
    : ok(own);
}

/** Why switching this flag on would do more than to put its rules in force; null when it would not. */
export function switchOnProblem(
  flag: FlagEnvironment,
  ref: Pick<UnleashRef, "flag" | "environment">,
  everyone: boolean,
): string | null {
  const where = `flag ${ref.flag} in ${ref.environment}`;
  const enabled = flag.strategies.filter(({ disabled }) => !disabled);
  if (enabled.length === 0)
    return `${where} has no enabled strategy, and Unleash would add one that serves everyone: say \`share\` instead`;
  const open = enabled.some(
    ({ name, narrowed, rollout }) =>
      !narrowed && (name === "default" || (name === FLEXIBLE && rollout === "100")),
  );
  return open && !everyone
    ? `${where} would serve everyone once it is on: add \`everyone: true\` if that is meant, or say \`share\``
    : null;
}

/** The number of a rollout as the server keeps it; null unless it is a whole one from 0 to 100. */
function wholeShare(rollout: string | null): number | null {
  return rollout !== null && /^(0|[1-9]\d?|100)$/.test(rollout) ? Number(rollout) : null;
}

import { UNLOCK } from "../../policy/unlock-problem.ts";
import { actingPerson } from "../acting-person.ts";
import { askPerson } from "../ask-person.ts";
import { findActive } from "../find-rollout.ts";
import type { Place } from "../known-evidence.ts";
import { confirmBefore, type ConfirmOptions } from "../policy/confirm-before.ts";
import { confirmTask } from "../policy/confirm-task.ts";
import { confirmUnlock } from "../policy/unlocking.ts";
import { postWord, type Said, type Signing } from "../post-word.ts";
import { tell } from "../print.ts";
import { readRolloutAt } from "../read-rollout-at.ts";
import { UsageError } from "../usage-error.ts";

interface Options extends ConfirmOptions {
  readonly evidence?: string;
  /** Absent means yes: commander reads `--no` as the negation of an option without a name. */
  readonly no?: boolean;
}

/** Lets the stage in force pass without one of its gates, if the policy lets people do so. */
export async function override(args: readonly string[], options: Options): Promise<number> {
  const [first = "", second] = args;
  const place = await findActive(
    second === undefined ? undefined : first,
    options.evidence,
    "override",
  );
  const { plan, state } = await readRolloutAt(place);
  const gates = plan.stages[state.stage]?.gates ?? [];
  const named = second ?? first;
  const gate = gates.find(({ id, condition }) => id === named || condition.text === named);
  if (gate === undefined)
    throw new UsageError(
      `the stage in force has no gate ${named}`,
      gates.length === 0
        ? "it has none"
        : `it has ${gates.map(({ condition }) => `"${condition.text}"`).join(", ")}`,
    );
  if ((options.reason ?? "") === "")
    throw new UsageError("an override needs a reason", 'write --reason "why the gate is wrong"');
  return say(place, "override", gate.id, options);
}

/** Stops going forward; triggers stay on. */
export async function hold(args: readonly string[], options: Options): Promise<number> {
  return say(await findActive(args[0], options.evidence, "hold"), "hold", null, options);
}

interface PromoteOptions extends Options {
  readonly auto?: boolean;
  readonly manual?: boolean;
  readonly approver?: string;
  readonly yes?: boolean;
}

/** Confirms everything that the stage waits for: now, or with `--auto` each time that it waits. */
export async function promote(args: readonly string[], given: PromoteOptions): Promise<number> {
  const { auto, manual, approver } = given;
  if (auto === true && manual === true)
    throw new UsageError("--auto and --manual contradict each other", "keep one");
  if (manual === true && approver === undefined)
    throw new UsageError("--manual says who promotes", "write --manual --approver NAME");
  const by = approver ?? given.by;
  const options = { ...given, ...(by === undefined ? {} : { by }) };
  const place = await findActive(args[0], options.evidence, "promote");
  if (manual === true) await requireConsent(place.id, options);
  if (auto !== true) return say(place, "promote", null, options);
  const { promoteAuto } = await import("../promote-auto.ts");
  return promoteAuto(place, saidOf("promote", null, options), signingOf(options));
}

/** Asks whoever sits there; where nobody does, only `--yes` is a consent. */
async function requireConsent(id: string, { yes, by }: PromoteOptions): Promise<void> {
  if (yes === true) return;
  const answer = await askPerson(`promote rollout ${id} as ${by ?? ""}?`);
  if (answer === null) throw new UsageError("nobody can be asked here", "write --yes");
  if (!answer) throw new UsageError("not promoted");
}

/** Gives or refuses one confirmation. */
export async function confirm(args: readonly string[], options: Options): Promise<number> {
  if (options.plan !== undefined) return confirmBefore(args, options);
  const [first = "", second] = args;
  if (first === "")
    throw new UsageError("nothing is named", "canary confirm [ROLLOUT] NAME, or --plan FILE");
  const id = second === undefined ? undefined : first;
  const name = second ?? first;
  const place = await findActive(id, options.evidence, "confirm");
  const { plan, state } = await readRolloutAt(place);
  if (state.phase.kind === "ended") return confirmTask(place, name, options);
  if (name === UNLOCK && plan.governance?.unlock !== undefined && plan.checks[name] === undefined)
    return confirmUnlock(place, options);
  const names = Object.values(plan.checks)
    .filter(({ driver }) => driver === "confirm")
    .map((check) => check.name);
  if (!names.includes(name))
    throw new UsageError(
      `plan ${plan.name} has no confirmation ${name}`,
      names.length === 0 ? "it asks for none" : `it has ${names.join(", ")}`,
    );
  return say(place, "confirm", name, options);
}

async function say(
  place: Place,
  kind: "hold" | "promote" | "confirm" | "override",
  check: string | null,
  options: Options,
): Promise<number> {
  tell(await postWord(place, saidOf(kind, check, options), signingOf(options)));
  return 0;
}

function saidOf(kind: Said["kind"], check: string | null, options: Options): Said {
  const { by, reason, no } = options;
  return { kind, by: by ?? actingPerson(), reason: reason ?? "", check, yes: no !== true };
}

function signingOf({ key, by }: Options): Signing {
  return { key, by };
}

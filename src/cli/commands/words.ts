import { actingPerson } from "../acting-person.ts";
import { findActive } from "../find-rollout.ts";
import type { Place } from "../known-evidence.ts";
import { postWord } from "../post-word.ts";
import { tell } from "../print.ts";
import { readRolloutAt } from "../read-rollout-at.ts";
import { UsageError } from "../usage-error.ts";

interface Options {
  readonly reason?: string;
  readonly by?: string;
  readonly evidence?: string;
  /** Absent means yes: commander reads `--no` as the negation of an option without a name. */
  readonly no?: boolean;
}

/** Stops going forward; triggers stay on. */
export async function hold(args: readonly string[], options: Options): Promise<number> {
  return say(await findActive(args[0], options.evidence, "hold"), "hold", null, options);
}

/** Confirms everything that the stage waits for. */
export async function promote(args: readonly string[], options: Options): Promise<number> {
  return say(await findActive(args[0], options.evidence, "promote"), "promote", null, options);
}

/** Gives or refuses one confirmation. */
export async function confirm(args: readonly string[], options: Options): Promise<number> {
  const [first = "", second] = args;
  const id = second === undefined ? undefined : first;
  const name = second ?? first;
  const place = await findActive(id, options.evidence, "confirm");
  const { plan } = await readRolloutAt(place);
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
  kind: "hold" | "promote" | "confirm",
  check: string | null,
  options: Options,
): Promise<number> {
  const answer = await postWord(place, {
    kind,
    by: options.by ?? actingPerson(),
    reason: options.reason ?? "",
    check,
    yes: options.no !== true,
  });
  tell(answer);
  return 0;
}

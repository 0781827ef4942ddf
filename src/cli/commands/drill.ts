import type { PlanSource } from "../../engine/ports.ts";
import { abortByCommand, type AbortByCommand } from "../abort-by-command.ts";
import { acceptDrill } from "../accept-drill.ts";
import { actingPerson } from "../acting-person.ts";
import { drilledSource } from "../drilled-source.ts";
import { start, type StartCliOptions } from "./start.ts";

/**
 * Rolls a plan out to its smallest stage and aborts it for real, by a `canary abort` of its own: with the credentials, the
 * network and the targets that an abort will meet. Writes down that it worked. 0 when everything came back; else the exit
 * code of the rollout.
 */
export async function drill(args: readonly string[], options: StartCliOptions): Promise<number> {
  const by = options.by ?? actingPerson();
  let whole: PlanSource | null = null;
  let last = "";
  let rollout: string | null = null;
  let abort: AbortByCommand | null = null;
  const code = await start(args, options, {
    verb: "drill",
    derive: (source) => {
      whole = source;
      const part = drilledSource(source);
      last = part.plan.stages.at(-1)?.name ?? "";
      return part;
    },
    observe: ({ event }) => {
      if (event.kind === "claimed") rollout ??= event.rollout;
      // Everything of the stage is changed and checked: from here on it only waits for this.
      if (event.kind === "soak-started" && event.stage === last && rollout !== null)
        abort ??= abortByCommand(rollout, by);
    },
  });
  if (whole === null || rollout === null) return code;
  return acceptDrill({ source: whole, rollout, by, code, abort, evidence: options.evidence });
}

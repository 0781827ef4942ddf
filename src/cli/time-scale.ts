import type { Plan } from "../core/plan.ts";
import type { Json } from "../core/units.ts";
import { UsageError } from "./usage-error.ts";

/** `--time-scale 1/60`: what durations are multiplied with; more than 0, at most 1. */
export function parseTimeScale(text: string): number {
  const [, over, under = "1"] = /^(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?))?$/u.exec(text) ?? [];
  const value = Number(over) / Number(under);
  if (!(value > 0 && value <= 1))
    throw new UsageError(`--time-scale ${text}`, "write a ratio of at most 1, as 1/60");
  return value;
}

/** A rollout in shortened time proves nothing about production: every address of the plan must be on this machine. */
export function requireLoopback(plan: Plan): void {
  for (const { name, type, config } of Object.values(plan.connections)) {
    for (const url of addresses(config)) {
      const host = URL.parse(url)?.hostname;
      if (
        host !== undefined &&
        host !== "localhost" &&
        host !== "[::1]" &&
        !host.startsWith("127.")
      )
        throw new UsageError(
          `--time-scale with the connection ${name} to ${host}`,
          "durations are shortened for a sandbox or loopback targets only",
        );
    }
    if (type === "kubectl")
      throw new UsageError(
        `--time-scale with the kubectl connection ${name}`,
        "durations are shortened for a sandbox or loopback targets only",
      );
  }
}

function addresses(value: Json): readonly string[] {
  if (typeof value === "string") return /^https?:/iu.test(value) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap((each: Json) => addresses(each));
}

import { z } from "zod";

import type { Millis, Percent } from "../../core/units.ts";
import { parseDuration } from "../scalars/parse-duration.ts";
import { parsePercent } from "../scalars/parse-percent.ts";
import type { Parsed } from "../scalars/parsed.ts";
import { scaleDecimal } from "../scalars/scale-decimal.ts";

/** Turns a text reader into a schema whose problems carry their remedy. */
function readWith<T>(read: (given: unknown) => Parsed<T>) {
  return (given: unknown, context: z.RefinementCtx): T => {
    const parsed = read(given);
    if (parsed.kind === "ok") return parsed.value;
    context.addIssue({ code: "custom", message: parsed.message, params: { fix: parsed.fix } });
    return z.NEVER;
  };
}

const scalar = z.union([z.string(), z.number()]);

/** A duration as a plan writes it, read in milliseconds. */
export const duration: z.ZodType<Millis> = scalar
  .transform(readWith(parseDuration))
  .meta({ examples: ["30s", "5m", "1h30m"] });

/** A duration longer than nothing: an interval of 0 would ask without a pause. */
export const positiveDuration: z.ZodType<Millis> = scalar
  .transform(
    readWith((given) => {
      const parsed = parseDuration(given);
      return parsed.kind === "ok" && parsed.value <= 0
        ? { kind: "bad", message: `${String(given)} is no time at all`, fix: "write at least 1ms" }
        : parsed;
    }),
  )
  .meta({ examples: ["10s", "1m"] });

/** A share of traffic as a plan writes it, read in percent. */
export const share: z.ZodType<Percent> = scalar
  .transform(readWith(parsePercent))
  .meta({ examples: ["1%", "25%", "100%"] });

/** A confidence as a plan writes it, read as a part of 1. */
export const confidence: z.ZodType<number> = scalar
  .transform(
    readWith((given): Parsed<number> => {
      const parsed = parsePercent(given);
      if (parsed.kind === "bad") return parsed;
      if (parsed.value >= 50 && parsed.value < 100) return { kind: "ok", value: scaleDecimal(String(parsed.value), -2) };
      const message = `${String(given)} is no confidence`;
      return { kind: "bad", message, fix: "write 50% or more, and less than 100%, like 95%" };
    }),
  )
  .meta({ examples: ["95%", "99%"] });

/** What names a thing in a plan: conditions, file names and commands must be able to hold it. */
export const nameText = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/, {
  error: ({ input }) =>
    `"${String(input)}" is no name, use letters, digits, - and _, and begin with a letter`,
});

/** The address of a store. What is filled in at start is checked then. */
export const storeText = z
  .string()
  .regex(/^(?:file:?|kubernetes(?::.*)?|postgres(?:ql)?:\/\/\S+|\$\{(?:env|file):[^}]+\}.*)$/u, {
    error: ({ input }) =>
      `"${String(input)}" is no store, use kubernetes://CONTEXT/NAMESPACE, postgres://USER@HOST/DATABASE, or file`,
  })
  .refine((text) => !/^postgres(?:ql)?:\/\/[^/@:]*:[^$@]/u.test(text), {
    error: "a password stands in the address, use ${env:NAME} for it, or leave it out and set PGPASSWORD",
  })
  .meta({ examples: ["kubernetes://prod/canary", "postgres://canary@db.example.com/canary"] });

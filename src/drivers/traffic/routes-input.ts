import { z } from "zod";

import type { Percent } from "../../core/units.ts";
import { notSecret } from "../kubectl/not-secret.ts";

const text = z
  .string({
    error: ({ input }) => `this must be text: write "${String(input)}" in quotes`,
  })
  .min(1)
  .refine(...notSecret);

/** `{ x-user-segment: premium }`, or with a list of values, any of which matches. */
const matched = z
  .record(
    z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "this is not the name of a header"),
    z.union([text, z.array(text).min(1)]),
  )
  .refine((names) => Object.keys(names).length > 0, "name at least one");

const shareText = z
  .string({ error: ({ input }) => `a share is written with %: "${String(input)}%"` })
  .refine(
    (share) => /^\d+(?:\.\d{1,4})?%$/.test(share) && Number.parseFloat(share) <= 100,
    "write a percentage from 0% to 100%, like 50%",
  );

const route = z
  .strictObject({
    header: matched.optional().describe("request headers that must all have these values"),
    cookie: matched
      .refine((names) => Object.keys(names).length <= 1, "a route can ask for one cookie only")
      .optional()
      .describe("a cookie that must have this value"),
    share: shareText.describe("the share of these requests while the rollout runs"),
  })
  .refine(
    ({ header, cookie }) => header !== undefined || cookie !== undefined,
    "say which requests: add `header` or `cookie`",
  );

/** The schema of `routes`: requests with a share of their own. */
export const routesInput = z
  .array(route)
  .min(1)
  .optional()
  .describe(
    "requests with a share of their own, which is never below the stage's and 0 outside a rollout; the first that matches wins",
  );

export type RouteInput = z.infer<typeof route>;

/** The share of a route in a stage: its own is a floor under the stage's. */
export function shareOfRoute(route: RouteInput, stage: Percent): Percent {
  return Math.max(Number.parseFloat(route.share), stage);
}

/** One value for each header and cookie. */
export interface Wish {
  readonly kind: "header" | "cookie";
  readonly name: string;
  readonly value: string;
}

/** Every way in which a request can match a route: one for each choice among its lists of values. */
export function wishesOf({ header, cookie }: RouteInput): readonly (readonly Wish[])[] {
  const named = [
    ...Object.entries(header ?? {}).map(([name, values]) => ({
      kind: "header" as const,
      name,
      values,
    })),
    ...Object.entries(cookie ?? {}).map(([name, values]) => ({
      kind: "cookie" as const,
      name,
      values,
    })),
  ];
  let all: readonly (readonly Wish[])[] = [[]];
  for (const { kind, name, values } of named) {
    const choices = typeof values === "string" ? [values] : values;
    all = all.flatMap((wishes) => choices.map((value) => [...wishes, { kind, name, value }]));
  }
  return all;
}

/** A regular expression (RE2) of a `Cookie` header that holds this cookie among others. */
export function cookiePattern({ name, value }: Wish): string {
  return `^(.*; *)?${quoted(name)}=${quoted(value)}(;.*)?$`;
}

/** `premium-…` in words, for labels and for names of routes: `header x-user-segment=premium`. */
export function routeText(route: RouteInput): string {
  const words = (kind: string, names: RouteInput["header"]): readonly string[] =>
    Object.entries(names ?? {}).map(
      ([name, values]) =>
        `${kind} ${name}=${typeof values === "string" ? values : values.join("|")}`,
    );
  return [...words("header", route.header), ...words("cookie", route.cookie)].join(" and ");
}

/** A text for a regular expression that matches itself. */
export function quoted(value: string): string {
  return value.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`);
}

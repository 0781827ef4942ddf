import type { Action } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import type { Rule } from "../located-plan.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";
import { trafficWrittenTwice } from "./traffic-written-twice.ts";

/** The keys of each driver's input that say which thing is written, and those whose members are written one by one. */
const FIELDS: Readonly<
  Record<string, { readonly thing: readonly string[]; readonly each?: string }>
> = {
  "set-image": { thing: ["workload", "container", "namespace"] },
  scale: { thing: ["workload", "namespace"] },
  "set-env": { thing: ["workload", "container", "namespace"], each: "env" },
  annotate: { thing: ["resource", "namespace"], each: "set" },
  label: { thing: ["resource", "namespace"], each: "set" },
  "env-file": { thing: ["file"], each: "set" },
};
/** In one stage the second write of a value makes the first one pointless, and the share belongs to `traffic` alone. */
export const writtenTwice: Rule = (located) => {
  const { plan } = located;
  const lists = [...plan.stages.map(({ actions }) => actions), plan.finish];
  const found = lists.flatMap((actions): readonly Found[] => {
    const writers = new Map<string, Action>();
    return actions.flatMap((action) =>
      fieldsOf(action).flatMap((field) => {
        const other = writers.get(field);
        writers.set(field, action);
        if (other === undefined) return [];
        return [
          {
            code: "written-twice" as const,
            path: sourcePath(located, `action:${action.id}`),
            message: `the action ${action.title} writes what ${other.title} has written in the same stage`,
            fix: "keep one of the two",
          },
        ];
      }),
    );
  });
  return problemsAt(located, [...found, ...trafficWrittenTwice(located)]);
};

function fieldsOf({ driver, connection, input }: Action): readonly string[] {
  const fields = FIELDS[driver];
  if (fields === undefined) return [];
  const thing = JSON.stringify([
    driver,
    connection,
    ...fields.thing.map((key) => input[key] ?? null),
  ]);
  if (fields.each === undefined) return [thing];
  return keysOf(input[fields.each]).map((key) => `${thing}#${key}`);
}

function keysOf(json: Json | undefined): readonly string[] {
  return typeof json === "object" && json !== null && !Array.isArray(json) ? Object.keys(json) : [];
}

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";

import type { Change } from "../../../src/core/field.ts";
import type { Json } from "../../../src/core/units.ts";
import { editFlagdText } from "../../../src/drivers/flags/flagd-edit.ts";
import { valueOfEntry, type FlagdRef } from "../../../src/drivers/flags/flagd-flag.ts";
import { findFlagdEntry } from "../../../src/drivers/flags/flagd-text.ts";
import { must } from "../../support/must.ts";

const key = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }),
  fc.constantFrom("a", "b-c", "dö", "x y", "#", "~", "targeting", "state", "flags"),
);
const anything = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;

/** A definition with its keys in any order, and whatever else people keep in one. */
const definition = fc
  .record(
    {
      state: fc.constantFrom("ENABLED", "DISABLED"),
      targeting: fc.oneof(
        fc.constant({}),
        fc.integer({ min: 0, max: 100 }).map((on) => ({
          fractional: [
            ["on", on],
            ["off", 100 - on],
          ],
        })),
        fc.constant({ fractional: [{ var: "email" }, ["off", 1], ["on", 1]] }),
        anything,
      ),
      metadata: anything,
      description: fc.string(),
    },
    { requiredKeys: [] },
  )
  .chain((some) => {
    const all = { ...some, variants: { on: true, off: false }, defaultVariant: "off" };
    return fc
      .shuffledSubarray(Object.entries(all), { minLength: Object.keys(all).length })
      .map((entries) => Object.fromEntries(entries));
  });

const file = fc.record({
  checkout: definition,
  others: fc.dictionary(key, definition, { maxKeys: 2, noNullPrototype: true }),
  beside: fc.dictionary(key, anything, { maxKeys: 2, noNullPrototype: true }),
  first: fc.boolean(),
});

const print = fc.oneof(
  fc.constantFrom<(json: unknown) => string>(
    (json) => JSON.stringify(json),
    (json) => `${JSON.stringify(json, null, 2)}\n`,
    (json) => JSON.stringify(json, null, "\t"),
    (json) => `${JSON.stringify(json, null, 4)}\n`.replaceAll("\n", "\r\n"),
    (json) => `\n  ${JSON.stringify(json, null, 1)}  \n\n`,
  ),
  fc.constantFrom<(json: unknown) => string>(
    (json) => stringify(json, { lineWidth: 0 }),
    (json) => `# ours\n---\n${stringify(json, { lineWidth: 0, indent: 4 })}`,
    (json) => stringify(json, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" }),
    (json) => stringify(json, { collectionStyle: "flow", lineWidth: 0 }),
  ),
);

test("an edit changes the state and the targeting of one flag and nothing else, and its undo is exact to the byte", () => {
  let edited = 0;
  fc.assert(
    fc.property(file, print, fc.integer({ min: 0, max: 100 }), (parts, toText, share) => {
      const { checkout, others, beside, first } = parts;
      const flags = first ? { checkout, ...others } : { ...others, checkout };
      // Through JSON, so that nothing is the same object twice: YAML would write an alias for it.
      const whole = JSON.stringify({ ...beside, flags: { ...flags, checkout } });
      const text = toText(JSON.parse(whole));
      const entry = findFlagdEntry(text, "checkout");
      // Keys that YAML takes for one another, as `1` and `"1"`, are no flag file.
      if (entry.kind !== "ok") return;
      const field = fieldOf();
      const change = { field, value: { present: true, value: String(share) } } as const;
      const undo = { field, value: valueOfEntry(entry.value, field.ref) };
      const after = must(editFlagdText(text, "flags.yaml", [change]));
      const [was, is] = [text, after].map(
        (each) => parse(each) as { flags: Record<string, object> },
      );
      const { checkout: before, ...rest } = was?.flags ?? {};
      const { checkout: now, ...same } = is?.flags ?? {};
      expect({ ...is, flags: same }).toEqual({ ...was, flags: rest });
      const set = {
        fractional: [
          ["on", share],
          ["off", 100 - share],
        ],
      };
      expect(now).toEqual({ ...before, state: "ENABLED", targeting: set });
      const read = valueOfEntry(must(findFlagdEntry(after, "checkout")), field.ref);
      expect(read).toEqual(change.value);
      expect(must(editFlagdText(after, "flags.yaml", [change]))).toBe(after);
      const stored = JSON.parse(JSON.stringify(undo)) as Change;
      expect(must(editFlagdText(after, "flags.yaml", [stored]))).toBe(text);
      edited += 1;
    }),
    { numRuns: 200 },
  );
  expect(edited).toBeGreaterThan(100);
});

function fieldOf(): Change["field"] & { readonly ref: FlagdRef } {
  const ref: FlagdRef = {
    ...{ host: "h", file: "flags.yaml", flag: "checkout", part: "share" },
    ...{ serve: "on", instead: "off", serveFirst: true, by: null, routes: [] },
  };
  const target = "flagd/h/flags.yaml";
  return {
    ...{ key: `${target}#checkout/share`, target, driver: "flagd" },
    ...{ connection: null, label: "flag checkout", ref },
  };
}

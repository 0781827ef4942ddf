import { array, assert as check, constantFrom, property } from "fast-check";
import { describe, expect, it } from "vitest";

import {
  escapeText,
  fillJson,
  fillText,
  placeholders,
  prefillJson,
  prefillText,
  type Lookup,
} from "../../src/drivers/template.ts";

const values: Lookup = (name) =>
  ({ "env:TOKEN": "s3cret", traffic: 5, "outputs.id": "${env:TOKEN}" })[name];

describe("filling a text", () => {
  it("puts in what is known, in the type it has where it stands alone", () => {
    expect(fillText("a ${traffic} b ${unknown}", values)).toBe("a 5 b ${unknown}");
    expect(fillJson({ a: ["${traffic}", "${traffic}%"], b: null }, values)).toEqual({
      a: [5, "5%"],
      b: null,
    });
  });

  it("makes a literal ${ of $${, and looks for no placeholder there", () => {
    expect(fillText("echo $${HOME} $${env:TOKEN} ${env:TOKEN}", values)).toBe(
      "echo ${HOME} ${env:TOKEN} s3cret",
    );
    expect(fillJson("$${traffic}", values)).toBe("${traffic}");
    expect(placeholders("$${a} ${b} $$${c}")).toEqual(["b"]);
  });

  it("never looks at what it has put in", () => {
    expect(fillText("${outputs.id}", values)).toBe("${env:TOKEN}");
  });
});

describe("filling a text that is filled again", () => {
  const known: Lookup = (name) => (name.startsWith("outputs.") ? values(name) : undefined);

  it("leaves what is not known yet, and what is escaped", () => {
    expect(prefillText("$${HOME} ${env:TOKEN}", known)).toBe("$${HOME} ${env:TOKEN}");
  });

  it("lets no value smuggle in a reference to a secret", () => {
    for (const text of ["${outputs.id}", "a ${outputs.id}"]) {
      const first = prefillJson(text, known);
      expect(fillJson(first, values)).not.toContain("s3cret");
      expect(fillJson(first, values)).toContain("${env:TOKEN}");
    }
    const inside = prefillJson("${outputs.x}", () => ({ deep: ["${env:TOKEN}"] }));
    expect(fillJson(inside, values)).toEqual({ deep: ["${env:TOKEN}"] });
  });

  it("comes to the same as filling at once, whatever is put in", () => {
    const piece = constantFrom("${a}", "${b}", "$${", "}", "a", "$", "{", "x ");
    // A `$` right before a placeholder cannot be written: `$${` is the escape.
    const text = array(piece, { maxLength: 6 }).map((pieces) =>
      pieces.join("").replace(/\$+$/, ""),
    );
    check(
      property(text, text, text, (template, a, b) => {
        const first: Lookup = (name) => (name === "a" ? a : undefined);
        const both: Lookup = (name) => (name === "b" ? b : first(name));
        expect(fillText(prefillText(template, first), both)).toBe(fillText(template, both));
      }),
      { numRuns: 500 },
    );
  });

  it("makes a template of any text that stands for it", () => {
    check(
      property(array(constantFrom("$", "{", "}", "a", "${a}")), (pieces) => {
        const text = pieces.join("");
        expect(fillText(escapeText(text), () => "filled")).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});

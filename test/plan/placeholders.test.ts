import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { findPlaceholders } from "../../src/plan/placeholders.ts";

describe("findPlaceholders", () => {
  test.each([
    ["${params.version}", "params", "version"],
    ["${env:PROMETHEUS_URL}", "env", "PROMETHEUS_URL"],
    ["${file:/run/secrets/key}", "file", "/run/secrets/key"],
    ["${outputs.canary_key}", "outputs", "canary_key"],
    ["${stage.traffic}", "stage", "traffic"],
    ["${rollout.id}", "rollout", "id"],
    ["${event.reason}", "event", "reason"],
    ["${sandbox.url}", "sandbox", "url"],
    ["${window}", "window", ""],
    ["${traffic}", "traffic", ""],
    ["${arm}", "arm", ""],
    ["${value}", "value", ""],
  ])("%s", (text, kind, name) => {
    const { found, problems } = findPlaceholders(`a ${text} b`);
    expect(problems).toEqual([]);
    expect(found).toEqual([{ kind, name, offset: 2, length: text.length }]);
  });

  test("finds all of them with their places, and passes over escapes", () => {
    const { found, problems } = findPlaceholders("${traffic}$${HOME}${window}");
    expect(problems).toEqual([]);
    expect(found.map(({ kind, offset }) => [kind, offset])).toEqual([
      ["traffic", 0],
      ["window", 18],
    ]);
  });

  test.each([
    ["${version}", "did you mean ${params.version}?"],
    ["${DATABASE_URL}", "did you mean ${env:DATABASE_URL}?"],
    ["${env.TOKEN}", "did you mean ${env:TOKEN}?"],
    ["${secrets.TOKEN}", "did you mean ${env:TOKEN}?"],
    ["${param.version}", "did you mean ${params.version}?"],
    ["${inputs.parameters.version}", "did you mean ${params.version}?"],
    ["${parms.version}", "did you mean ${params.version}?"],
    ["${stage.nam}", "did you mean ${stage.name}?"],
    ["${stage.colour}", "there is ${stage.name}, ${stage.traffic}, ${stage.folder}"],
    ["${rollout.ID}", "did you mean ${rollout.id}?"],
    ["${windw}", "did you mean ${window}?"],
    ["${ window }", "write ${window}"],
    ["${env:X:-default}", "write ${env:X}, or a parameter with `default`"],
    ["${env:}", "write ${env:NAME}"],
    ["${file:}", "write ${file:/path/to/file}"],
    ["${enb:TOKEN}", "did you mean ${env:TOKEN}?"],
    ["${params.}", "write ${params.name}"],
    ["${}", "write ${params.x}, ${env:X}, ${file:/path} or $${ for a literal ${"],
    ["${params.version", "close it with }, or write $${ for a literal ${"],
    ["${a ${window}", "close it with }, or write $${ for a literal ${"],
  ])("%s is refused: %s", (text, fix) => {
    const [problem] = findPlaceholders(`at ${text}`).problems;
    expect(problem?.fix).toBe(fix);
    expect(problem?.offset).toBe(3);
  });

  test("never throws, and every place lies inside the text", () => {
    const piece = fc.constantFrom("${", "$${", "}", "params.", "env:", "x", " ", "$", "window");
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join("")),
        (text) => {
          const { found, problems } = findPlaceholders(text);
          for (const { offset, length } of [...found, ...problems]) {
            expect(text.slice(offset, offset + 2)).toBe("${");
            expect(offset + length).toBeLessThanOrEqual(text.length);
          }
        },
      ),
    );
  });
});

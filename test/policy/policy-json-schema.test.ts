import { join } from "node:path";

import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";

import { builtInDrivers } from "../../src/drivers/registry.ts";
import { policyJsonSchema } from "../../src/policy/policy-json-schema.ts";
import { COUNCIL } from "./support/council-policy.ts";

const schema = policyJsonSchema(builtInDrivers());
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
const validate = ajv.compile(schema);

test("schema/policy.schema.json is what the loader takes (write it anew with `npx vitest run test/policy -u`)", async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, "../../schema/policy.schema.json"),
  );
});

test("a policy is valid, and it refers to nothing outside itself", () => {
  validate(parse(COUNCIL));
  expect(validate.errors).toBeNull();
  const names = Object.keys(schema["definitions"] as object);
  const refs = [...JSON.stringify(schema).matchAll(/"\$ref":"#\/definitions\/([^"]*)"/gu)];
  expect(refs.length).toBeGreaterThan(2);
  for (const [, name] of refs) expect(names).toContain(name);
});

test.for([
  ["an unknown key", "resume:", "resumes:"],
  ["no tiers", "tiers:\n  low", "x-tiers:\n  low"],
  ["a number that is none", "{ council: 2 }", "{ council: two }"],
  ["a role that is no list", "roles: [ops]", "roles: ops"],
] as const)("%s is invalid", ([, text, other]) => {
  expect(validate(parse(COUNCIL.replace(text, other)))).toBe(false);
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";

import { builtInDrivers } from "../../src/drivers/registry.ts";
import { initTemplate } from "../../src/plan/init-template.ts";
import { planJsonSchema } from "../../src/plan/json-schema.ts";
import { fakeCatalog } from "./fake-catalog.ts";

const root = join(import.meta.dirname, "../..");
const schema = planJsonSchema(builtInDrivers());
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
const validate = ajv.compile(schema);
const validateFake = ajv.compile({ ...planJsonSchema(fakeCatalog), $id: "fake" });

test("schema/plan.schema.json is what the drivers say (write it anew with `npx vitest run test/plan/json-schema.test.ts -u`)", async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    join(root, "schema/plan.schema.json"),
  );
});

test("the schema refers to nothing outside itself", () => {
  const refs = [...JSON.stringify(schema).matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref]) => ref);
  expect(refs.length).toBeGreaterThan(10);
  expect(schema["definitions"]).toBeTypeOf("object");
  const names = Object.keys(schema["definitions"] as object);
  for (const ref of refs) expect(names).toContain(ref?.replace("#/definitions/", ""));
});

test("the plan of `canary init` is valid", () => {
  validate(parse(initTemplate()));
  expect(validate.errors).toBeNull();
});

test("example plans are valid", () => {
  const folder = join(root, "test/plan/good");
  const files = readdirSync(folder);
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) {
    const plan: unknown = parse(readFileSync(join(folder, file), "utf8"));
    validateFake(plan);
    expect({ file, errors: validateFake.errors }).toEqual({ file, errors: null });
  }
});

const good = { apiVersion: "canary/v1", name: "x", stages: [{ name: "a", soak: "1m" }] };

test.each([
  ["an unknown key", { ...good, stagez: [] }],
  ["no stages", { apiVersion: "canary/v1", name: "x" }],
  ["an empty list of stages", { ...good, stages: [] }],
  ["an unknown verb", { ...good, finish: [{ skale: {} }] }],
  ["two verbs", { ...good, finish: [{ run: ["a"], http: { GET: "/" } }] }],
  [
    "a wrong input",
    { ...good, finish: [{ scale: { workload: "deployment/a", replicas: "two" } }] },
  ],
  ["a command as text", { ...good, finish: [{ run: "gh run list" }] }],
  ["an unknown connection type", { ...good, connections: { a: { type: "promethues", url: "x" } } }],
  ["an `if` that compares nothing", { ...good, stages: [{ name: "a", if: "flag" }] }],
  ["traffic that shifts nothing", { ...good, traffic: [{ scale: {} }] }],
  ["a trigger without a group", { ...good, triggers: ["p95 > 1s"] }],
  ["another version", { ...good, apiVersion: "canary/v2" }],
])("%s is not valid", (_, plan) => {
  expect(validate(good)).toBe(true);
  expect(validate(plan)).toBe(false);
});

test("a reference may stand where a number or a word of a list is wanted", () => {
  const scale = { workload: "deployment/a", replicas: "${params.replicas}" };
  expect(validate({ ...good, finish: [{ scale }] })).toBe(true);
  expect(validate({ ...good, onRunnerLost: "${params.lost}" })).toBe(true);
});

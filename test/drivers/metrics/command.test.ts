import { expect, test } from "vitest";

import type { Sample } from "../../../src/core/sample.ts";
import { commandDriver, commandQuery } from "../../../src/drivers/metrics/command.ts";
import { fillText } from "../../../src/drivers/template.ts";
import { driverContext } from "../../support/driver-context.ts";

function printing(text: string, query: object = {}): Promise<Sample> {
  const run = [process.execPath, "-e", `process.stdout.write(${JSON.stringify(text)})`];
  return sampleOf({ run, ...query });
}

function sampleOf(query: object, window = 0, config: object = {}): Promise<Sample> {
  return commandDriver.open(config).sample(commandQuery.parse(query), window, driverContext());
}

test.each([
  ["12\n", 12],
  [" -0.5 ", -0.5],
  ["true", true],
  ["1e3", 1000],
])("printing %j gives %s", async (text, value) => {
  expect(await printing(text)).toEqual({ kind: "value", value, samples: null, observedAt: null });
});

test.each([
  ["", "noData", "printed nothing"],
  ["\n", "noData", "printed nothing"],
  ["null", "noData", "is null"],
  ["NaN", "noData", "is NaN"],
  ["Infinity", "error", "divides by zero"],
  ["12 ms", "error", "is 12 ms: that is not a number"],
  ["0x10", "error", "not a number"],
  ['{"p95":1}', "error", "not a number"],
])("printing %j is %s", async (text, kind, why) => {
  expect(await printing(text)).toMatchObject({ kind, why: expect.stringContaining(why) });
});

test("JSON is read by its paths", async () => {
  const query = { value: "a[0].v", time: "at", samples: "n" };
  expect(await printing('{"a":[{"v":3}],"at":1700000000,"n":7}', query)).toEqual({
    kind: "value",
    value: 3,
    samples: 7,
    observedAt: 1_700_000_000_000,
  });
  expect(await printing('{"a":[]}', query)).toMatchObject({ kind: "noData" });
  expect(await printing("oops", query)).toMatchObject({
    kind: "error",
    why: expect.stringContaining("did not print JSON: oops"),
  });
});

test("an exit code other than 0 is an error, whatever was printed", async () => {
  const script = "console.log(1); console.error('no route'); process.exit(3)";
  expect(await sampleOf({ run: [process.execPath, "-e", script] })).toMatchObject({
    kind: "error",
    why: expect.stringMatching(/ended with 3: no route/),
  });
});

test("a command that does not exist is an error", async () => {
  const sample = await sampleOf({ run: ["no-such-command-here"] });
  expect(sample).toMatchObject({ kind: "error", why: expect.stringContaining("not found") });
});

test("a command that hangs is cut by the signal", async () => {
  const query = commandQuery.parse({
    run: [process.execPath, "-e", "setInterval(() => {}, 1000)"],
  });
  const signal = AbortSignal.timeout(300);
  const sample = await commandDriver.open({}).sample(query, 0, driverContext({ signal }));
  expect(sample).toMatchObject({ kind: "error", why: expect.stringContaining("in time") });
});

test("output larger than the cap is an error", async () => {
  const script = "process.stdout.write('1'.repeat(6e6))";
  expect((await sampleOf({ run: [process.execPath, "-e", script] })).kind).toBe("error");
});

test("the window stands in the arguments, and the environment reaches the command", async () => {
  const script = "console.log(process.argv[1] === '90s' && process.env.FACTOR === '2' ? 1 : 0)";
  const run = [process.execPath, "-e", script, "${window}"];
  const sample = await sampleOf({ run }, 90_000, { env: { FACTOR: "2" } });
  expect(sample).toMatchObject({ kind: "value", value: 1 });
});

test("what was filled in before is not taken for a reference, nor is a secret of the connection", async () => {
  const script =
    "console.log([process.argv[1], process.env.KEY].join() === '${env:TOKEN},${x}' ? 1 : 0)";
  const escaped = script.replaceAll("${", () => "$${");
  const query = commandQuery.parse({ run: [process.execPath, "-e", escaped, "$${env:TOKEN}"] });
  const context = driverContext({
    connection: { env: { KEY: "${x}" } },
    references: { "env:TOKEN": "s3cret" },
  });
  const filled = { ...context, resolve: (text: string) => fillText(text, () => "s3cret") };
  expect(await commandDriver.open({}).sample(query, 0, filled)).toMatchObject({ value: 1 });
});

test("a reference without a value is an error that does not tell the others", async () => {
  const query = commandQuery.parse({ run: ["echo", "${env:MISSING}"] });
  const sample = await commandDriver.open({}).sample(query, 0, driverContext());
  expect(sample).toMatchObject({ kind: "error", why: expect.stringContaining("MISSING") });
});

test("a time without JSON is a mistake in the plan", () => {
  const parsed = commandQuery.safeParse({ run: ["x"], time: "at" });
  expect(parsed.error?.issues[0]?.message).toContain("state the path of the `value` too");
});

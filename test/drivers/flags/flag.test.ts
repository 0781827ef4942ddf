import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import type { Answer } from "../../../src/drivers/driver.ts";
import { flag } from "../../../src/drivers/flags/flag.ts";
import { contractOfActionDriver } from "../../support/contract-action-driver.ts";
import { contractOfFlagService } from "../../support/contract-flag-service.ts";
import { startDescribedService } from "../../support/described-service.ts";
import { driverContext } from "../../support/driver-context.ts";
import { startLoopbackServer } from "../../support/loopback-server.ts";
import { startRestWorld, type RestWorld } from "../../support/rest-world.ts";

const checkout = {
  set: { PUT: "/flags/checkout", json: { enabled: true, percentage: "${traffic}" } },
  read: { GET: "/flags/checkout", json: "percentage" },
  delete: { DELETE: "/flags/checkout" },
  kill: { POST: "/flags/checkout/kill" },
};

contractOfActionDriver("flag", async () => {
  const world = await startRestWorld();
  world.things.set("/flags/checkout", { enabled: true, percentage: 3 });
  const request = { input: flag.input.parse(checkout), share: 5, connectionName: "flags" };
  return {
    driver: flag,
    request,
    other: { ...request, share: 25 },
    foreign: { present: true, value: 77 },
    context: (signal) =>
      driverContext({ signal, connection: { url: world.url, bearer: "kept-to-itself" } }),
    secret: "kept-to-itself",
    truth: () => Promise.resolve(truth(world)),
    setLive(value) {
      if (value.present) world.things.set("/flags/checkout", { percentage: value.value });
      else world.things.delete("/flags/checkout");
      return Promise.resolve();
    },
    writes: () => Promise.resolve(world.seen.filter(({ method }) => method !== "GET").length),
    break: {
      hang: () => Promise.resolve(void (world.weather = "hangs")),
      fail: () => Promise.resolve(void (world.weather = "fails")),
      refuse: () => Promise.resolve(void (world.weather = "forbids")),
      ignoreWrites: () => Promise.resolve(void (world.weather = "ignores writes")),
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
});

function truth(world: RestWorld): Change["value"] {
  const thing = world.things.get("/flags/checkout");
  return thing === undefined
    ? { present: false }
    : { present: true, value: thing["percentage"] as number };
}

contractOfFlagService({
  driver: flag,
  input: {
    set: { PUT: "/flags/checkout", json: { percentage: "${traffic}" } },
    read: checkout.read,
  },
  connection: {},
  described: true,
  start: startDescribedService,
});

describe("a flag", () => {
  let world: RestWorld;
  beforeEach(async () => {
    world = await startRestWorld();
    world.things.set("/flags/checkout", { enabled: false, percentage: 0 });
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const context = (): ReturnType<typeof driverContext> =>
    driverContext({ connection: { url: world.url } });
  const changesOf = async (input: unknown, share = 5): Promise<readonly Change[]> => {
    const request = { input: flag.input.parse(input), share, connectionName: "flags" };
    return must(await flag.changes(request, context()));
  };
  const writeAll = async (changes: readonly Change[]): Promise<string> =>
    (await flag.write(changes, context())).kind;
  const lastBody = (): unknown => JSON.parse(world.seen.at(-1)?.body ?? "null");

  it("keeps the share a number where the plan writes exactly ${traffic}", async () => {
    expect(await writeAll(await changesOf(checkout))).toBe("ok");
    expect(lastBody()).toEqual({ enabled: true, percentage: 5 });
  });

  it("writes text where the plan writes text around it, and undoes to any text", async () => {
    const input = {
      ...checkout,
      set: { PUT: "/flags/checkout", json: { percentage: "${traffic}%" } },
    };
    const [change] = await changesOf(input);
    expect(change?.value).toEqual({ present: true, value: "5%" });
    expect(await writeAll([change as Change])).toBe("ok");
    expect(lastBody()).toEqual({ percentage: "5%" });
    const undo = {
      field: (change as Change).field,
      value: { present: true, value: "off" },
    } as const;
    expect(await writeAll([undo])).toBe("ok");
    expect(lastBody()).toEqual({ percentage: "off" });
  });

  it("puts the share into the address", async () => {
    world.things.set("/flags/checkout?p=5", {});
    const input = { set: { PUT: "/flags/checkout?p=${traffic}" }, read: checkout.read };
    expect(await writeAll(await changesOf(input))).toBe("ok");
    expect(world.seen.at(-1)?.path).toBe("/flags/checkout?p=5");
  });

  it("treats a number that the API answers as text as the number it is, where the plan says so", async () => {
    world.things.set("/flags/checkout", { percentage: "5" });
    const input = { ...checkout, read: { ...checkout.read, type: "number" } };
    const [change] = await changesOf(input);
    const [reading] = must(await flag.read([(change as Change).field], context()));
    expect(reading?.value).toEqual({ present: true, value: 5 });
  });

  it("restores companions along with the share, in one request", async () => {
    const input = {
      ...checkout,
      read: { GET: "/flags/checkout", json: ["percentage", "enabled"] },
    };
    const changes = await changesOf(input);
    const before = must(
      await flag.read(
        changes.map(({ field }) => field),
        context(),
      ),
    );
    expect(await writeAll(changes)).toBe("ok");
    expect(world.things.get("/flags/checkout")).toEqual({ enabled: true, percentage: 5 });
    const writes = world.seen.length;
    expect(await writeAll(before)).toBe("ok");
    expect(world.seen.length).toBe(writes + 1);
    expect(world.things.get("/flags/checkout")).toEqual({ enabled: false, percentage: 0 });
  });

  it("never takes a value that was read for a template", async () => {
    const [change] = await changesOf(checkout);
    const stolen = { present: true, value: "${env:HOME} ${value}" } as const;
    expect(await writeAll([{ field: (change as Change).field, value: stolen }])).toBe("ok");
    expect(lastBody()).toEqual({ enabled: true, percentage: "${env:HOME} ${value}" });
  });

  it("does not take a wrong path for an absent flag", async () => {
    const [change] = await changesOf({
      ...checkout,
      read: { GET: "/flags/checkout", json: "percent" },
    });
    const answer = await flag.read([(change as Change).field], context());
    expect(answer).toMatchObject({ kind: "failed" });
    expect(answer.kind === "ok" ? "" : answer.why).toContain(
      'no "percent" in the document, which has enabled, percentage',
    );
  });

  it("says before the rollout that it could not remove a flag that does not exist", async () => {
    world.things.clear();
    const { delete: _, ...input } = checkout;
    const request = { input: flag.input.parse(input), share: 5, connectionName: "flags" };
    expect(await flag.permissions(request, context())).toEqual([
      "flag checkout percentage does not exist yet: without a `delete` rollback can only set it to 0",
    ]);
    const [change] = await changesOf(input);
    expect(await writeAll([{ field: (change as Change).field, value: { present: false } }])).toBe(
      "ok",
    );
    expect(world.things.get("/flags/checkout")).toEqual({ enabled: true, percentage: 0 });
  });

  it("waits out a short rate limit", async () => {
    const [change] = await changesOf(checkout);
    await using limited = await startLoopbackServer(({ method }) => {
      const first = limited.seen.filter((seen) => seen.method === "PUT").length === 1;
      if (method === "PUT" && first) return { status: 429, headers: { "retry-after": "0.1" } };
      return { status: 200, body: "{}" };
    });
    const field = JSON.parse(
      JSON.stringify((change as Change).field).replaceAll(world.url, limited.url),
    ) as Change["field"];
    const at = driverContext({ connection: { url: limited.url } });
    const wrote = await flag.write([{ field, value: { present: true, value: 5 } }], at);
    expect(wrote.kind).toBe("ok");
    expect(limited.seen.map(({ method }) => method)).toEqual(["PUT", "PUT"]);
  });

  it("kills when setting it to 0 does not succeed, and only then", async () => {
    const input = { ...checkout, set: { POST: "/flags/checkout", json: checkout.set.json } };
    const [change] = await changesOf(input);
    world.things.delete("/flags/checkout");
    const write = async (value: number): Promise<string> =>
      await writeAll([{ field: (change as Change).field, value: { present: true, value } }]);
    expect(await write(5)).toBe("failed");
    expect(world.things.has("/flags/checkout")).toBe(false);
    expect(await write(0)).toBe("ok");
    expect(world.things.get("/flags/checkout")).toEqual({ enabled: false, percentage: 0 });
    expect(world.seen.filter(({ path }) => path.endsWith("/kill")).length).toBe(1);
  });

  it.each([
    [{ ...checkout, set: { PUT: "/f", json: { percentage: 5 } } }, "where the share goes"],
    [{ ...checkout, set: { json: { p: "${traffic}" } } }, "no method"],
    [{ ...checkout, set: { PUT: "/f", POST: "/g", json: { p: "${traffic}" } } }, "PUT"],
    [{ ...checkout, read: { GET: "/f", json: "a..b" } }, "not a path"],
    [{ ...checkout, read: { GET: "/f", json: ["percentage", "mode"] } }, 'restores \\"mode\\"'],
    [{ ...checkout, procent: 1 }, "procent"],
  ])("refuses %j", (input: unknown, words: string) => {
    const parsed = flag.input.safeParse(input);
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toContain(words);
  });
});

function must<T>(answer: Answer<T>): T {
  if (answer.kind !== "ok") throw new Error(answer.why);
  return answer.value;
}

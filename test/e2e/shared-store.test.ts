import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { postgresForFile, withoutPostgres, type RealPostgres } from "../support/real-postgres.ts";
import { folderForTest, runCanary, type Exit } from "./support/run-canary.ts";
import { expectBaseline, untilShare, worldForTest, type ListedRollout } from "./support/world.ts";

describe.skipIf(withoutPostgres)("a rollout whose journal is in PostgreSQL", () => {
  let server: RealPostgres;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    server = await postgresForFile();
    const store = `postgres://owner@127.0.0.1:${server.port}/postgres`;
    env = { CANARY_STORE: store, PGPASSWORD: server.password };
  }, 60_000);
  afterAll(() => server.stop());

  /** Another machine: no evidence, no index, no key of its own. */
  function elsewhere(): (args: readonly string[]) => Promise<Exit> {
    const folder = folderForTest();
    return (args) => runCanary(folder, args, { env });
  }

  test("is seen, held and aborted from another machine, whose evidence is whole", async () => {
    const world = await worldForTest();
    const runner = world.start("fast.yaml", [], env);
    await untilShare(world, 5);
    const other = elsewhere();
    const listed = JSON.parse((await other(["list", "--json"])).stdout) as ListedRollout[];
    const id = listed[0]?.id ?? "";
    expect(listed[0]).toMatchObject({ state: "running" });
    const held = await other(["hold", "--reason", "look at this"]);
    expect(held).toMatchObject({ code: 0 });
    expect((await other(["status", id, "--json"])).stdout).toContain('"state": "held"');
    const aborted = await other(["abort", "--reason", "from elsewhere"]);
    expect(aborted, aborted.stdout + aborted.stderr).toMatchObject({ code: 31 });
    expect((await runner.exit).code).toBe(31);
    await expectBaseline(world);
    const verified = await other(["verify", id]);
    expect(verified, verified.stdout + verified.stderr).toMatchObject({ code: 0 });
    const there = await world.verify();
    expect(there.code, there.text).toBe(0);
  }, 60_000);
});

import { afterAll, beforeAll, describe, test } from "vitest";

import { postgresForFile, withoutPostgres, type RealPostgres } from "../support/real-postgres.ts";
import { startTcpGate, type TcpGate } from "../support/tcp-gate.ts";
import { expectKillSwitch, expectKillSwitchWithoutStore } from "./shared-store-world.ts";

describe.skipIf(withoutPostgres)("the kill switch of rollouts in PostgreSQL", () => {
  let server: RealPostgres;
  let gate: TcpGate;
  let store: string;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    server = await postgresForFile();
    gate = await startTcpGate(`127.0.0.1:${server.port}`);
    store = `postgres://owner@${gate.address}/postgres`;
    env = { PGPASSWORD: server.password };
  }, 60_000);
  afterAll(async () => {
    await gate[Symbol.asyncDispose]();
    await server.stop();
  });

  test(
    "refuses who may not, and aborts for who may, on another machine",
    () => expectKillSwitch(store, env),
    60_000,
  );

  test("aborts from a copy of the bundle when the store is gone", async () => {
    await expectKillSwitchWithoutStore(store, env, {
      silence: () => void (gate.state = "mute"),
      open: () => void (gate.state = "open"),
    });
  }, 90_000);
});

import { expect } from "vitest";

import { folderForTest, runCanary, startCanary } from "../e2e/support/run-canary.ts";
import { expectBaseline, untilShare, worldForTest } from "../e2e/support/world.ts";
import { eventually } from "../support/sandbox-client.ts";
import { send, type Answer } from "./serve-world.ts";

type Env = Readonly<Record<string, string>>;

/** A kill switch on a machine that has nothing of the rollout but the address of its store. */
export interface Elsewhere {
  readonly folder: string;
  readonly abort: (token: string | null, body: object) => Promise<Answer>;
  readonly token: (person: string, roles: string) => Promise<string>;
  readonly said: () => string;
}

const ORDER = { reason: "High error rate detected", confirmed: true };

/** `store` by `--store`; what else it needs is in the environment. */
export async function serveElsewhere(store: string, env: Env): Promise<Elsewhere> {
  const folder = folderForTest();
  const serving = startCanary(folder, ["serve", "--port", "0", "--store", store], { env });
  const url = await eventually(
    () => Promise.resolve(serving.stdout().trim()),
    (text) => text.startsWith("http"),
  );
  return {
    folder,
    token: async (person, roles) => {
      const issued = await runCanary(folder, ["token", "--for", person, "--roles", roles]);
      return issued.stdout.trim();
    },
    abort: (token, body) =>
      send(`${url}/ops/canary/abort`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: {
          "content-type": "application/json",
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
      }),
    said: () => serving.stderr(),
  };
}

/** Whoever may not is refused, and the rollout goes on; whoever may aborts it, from a machine that never saw it. */
export async function expectKillSwitch(store: string, env: Env): Promise<void> {
  const world = await worldForTest();
  const runner = world.start("fast.yaml", [], { ...env, CANARY_STORE: store });
  await untilShare(world, 5);
  const id = await world.rolloutId();
  const there = await serveElsewhere(store, env);
  const [council, viewer] = [
    await there.token("ana", "council"),
    await there.token("eve", "viewer"),
  ];
  for (const [token, body, status] of [
    [null, ORDER, 401],
    ["canary_00000000_wrong", ORDER, 401],
    [viewer, ORDER, 403],
    [council, { ...ORDER, confirmed: false }, 400],
    [council, { ...ORDER, version: "v9.9.9" }, 404],
  ] as const)
    expect(await there.abort(token, body)).toMatchObject({ status });
  expect((await world.state()).traffic.canary).toBeGreaterThan(0);
  const accepted = await there.abort(council, ORDER);
  expect(accepted.status, JSON.stringify(accepted.json) + there.said()).toBe(202);
  expect(accepted.json["aborting"]).toBe(id);
  const { code, stdout, stderr } = await runner.exit;
  expect(code, stdout + stderr).toBe(31);
  await expectBaseline(world);
}

/** The runner is dead and the store silent: the undo is done from the copy of the bundle, and the store learns it later. */
export async function expectKillSwitchWithoutStore(
  store: string,
  env: Env,
  gate: { silence: () => void; open: () => void },
): Promise<void> {
  const world = await worldForTest();
  const runner = world.start("fast.yaml", [], { ...env, CANARY_STORE: store });
  await untilShare(world, 5);
  const id = await world.rolloutId();
  const there = await serveElsewhere(store, env);
  const council = await there.token("ana", "council");
  runner.signal("SIGKILL");
  await runner.exit;
  gate.silence();
  const accepted = await there.abort(council, { ...ORDER, rollout: id });
  expect([200, 202], JSON.stringify(accepted.json)).toContain(accepted.status);
  await eventually(
    world.state,
    ({ traffic, deploys }) => traffic.canary === 0 && deploys.canary.replicas === 1,
  );
  await expectBaseline(world);
  gate.open();
  const other = folderForTest();
  await eventually(
    () => runCanary(other, ["status", id, "--json", "--store", store], { env }),
    ({ stdout }) => stdout.includes('"exit": 31'),
  );
  expect((await runCanary(there.folder, ["verify", "--audit"])).code).toBe(0);
}

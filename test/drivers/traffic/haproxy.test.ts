import { join } from "node:path";

import { describe, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import type { DriverContext } from "../../../src/drivers/driver.ts";
import { haproxy } from "../../../src/drivers/traffic/haproxy/haproxy.ts";
import { contractOfActionDriver } from "../../support/contract-action-driver.ts";
import { driverContext } from "../../support/driver-context.ts";
import { freezeProcess } from "../../support/freeze-process.ts";
import { startHaproxy, type HaproxyWorld } from "../../support/haproxy-world.ts";
import { must } from "../../support/must.ts";
import { hasProgram, split } from "../../support/split-world.ts";
import { hasSshd, startSsh } from "../../support/ssh-world.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const missing = !hasProgram("haproxy");
const shop = { backend: "shop", canary: "canary-1", stable: ["stable-1", "stable-2"] };

function requestOf(share: number | null, more: object = {}) {
  return {
    input: haproxy.input.parse({ ...shop, ...more }),
    share,
    connectionName: "lb",
  };
}

function contextOf(world: HaproxyWorld, signal?: AbortSignal): DriverContext {
  const connection = { socket: world.socket };
  return driverContext(signal === undefined ? { connection } : { connection, signal });
}

async function apply(world: HaproxyWorld, share: number, more: object = {}): Promise<void> {
  const context = contextOf(world);
  const changes = must(await haproxy.changes(requestOf(share, more), context));
  must(await haproxy.write(changes, context));
  must(await haproxy.settle(changes, context));
}

/** The weights and states of the backend, read without the driver. */
async function truth(world: HaproxyWorld): Promise<Change["value"]> {
  const text = await world.tell("show servers state shop");
  const rows = text.split("\n").slice(2);
  return {
    present: true,
    value: Object.fromEntries(
      rows.map((line) => {
        const row = line.split(" ");
        const state = { "0": "ready", "1": "maint", "8": "drain" }[row[6] ?? ""] ?? "maint";
        return [row[3], { weight: Number(row[7]), state }];
      }),
    ) as never,
  };
}

describe.skipIf(missing)("a real HAProxy", () => {
  contractOfActionDriver(
    "haproxy",
    async () => {
      const world = await startHaproxy();
      return {
        driver: haproxy,
        request: requestOf(5),
        other: requestOf(25),
        foreign: {
          present: true,
          value: {
            "stable-1": { weight: 7, state: "ready" },
            "stable-2": { weight: 8, state: "drain" },
            "canary-1": { weight: 9, state: "maint" },
          },
        },
        context: (signal) => contextOf(world, signal),
        truth: () => truth(world),
        async setLive(value) {
          if (!value.present) return;
          const servers = Object.entries(
            value.value as Record<string, { weight: number; state: string }>,
          );
          for (const [name, { weight, state }] of servers) {
            await world.tell(`set server shop/${name} weight ${weight}`);
            await world.tell(`set server shop/${name} state ${state}`);
          }
        },
        writes: () => null,
        break: {
          hang: () => freezeProcess(world.pid),
          fail: () => world.breakSocket("cuts"),
          refuse: () => world.breakSocket("forbids"),
          ignoreWrites: () => world.breakSocket("ignores writes"),
        },
        [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
      };
    },
    { absence: false },
  );

  it("splits real requests as it was told, at each share and back", async () => {
    await using world = await startHaproxy();
    const context = contextOf(world);
    const before = await truth(world);
    const first = must(await haproxy.changes(requestOf(5), context));
    const baseline = must(
      await haproxy.read(
        first.map(({ field }) => field),
        context,
      ),
    );
    expect(await split(world.url, 100)).toEqual({ stable: 100 });
    for (const [share, canary] of [
      [5, 40],
      [25, 200],
      [50, 400],
      [100, 800],
    ] as const) {
      await apply(world, share);
      const counts = await split(world.url, 800);
      expect(Math.abs((counts["canary"] ?? 0) - canary)).toBeLessThanOrEqual(2);
      expect((counts["stable"] ?? 0) + (counts["canary"] ?? 0)).toBe(800);
    }
    must(await haproxy.write(baseline, context));
    expect(await truth(world)).toEqual(before);
    expect(await split(world.url, 100)).toEqual({ stable: 100 });
  });

  it("sends routes of their own to the canary while it has a share, and no longer", async () => {
    await using world = await startHaproxy();
    const context = contextOf(world);
    const routes = [{ map: world.map, key: "internal", to: "new" }];
    const changes = must(await haproxy.changes(requestOf(5, { routes }), context));
    expect(changes.length).toBe(2);
    const fields = changes.map(({ field }) => field);
    const baseline = must(await haproxy.read(fields, context));
    expect(baseline[1]?.value).toEqual({ present: false });
    await apply(world, 5, { routes });
    await apply(world, 5, { routes });
    expect(must(await haproxy.read(fields, context))[1]?.value).toEqual({
      present: true,
      value: "new",
    });
    expect(await split(world.url, 40, { "x-team": "internal" })).toEqual({ canary: 40 });
    expect((await world.tell(`show map ${world.map}`)).split("\n").length).toBe(1);
    must(await haproxy.write(baseline, context));
    must(await haproxy.write(baseline, context));
    expect(await world.tell(`show map ${world.map}`)).toBe("");
    expect(await split(world.url, 40, { "x-team": "internal" })).toEqual({ stable: 40 });
  });

  it("brings back who a cookie binds, where the canary was in maintenance before", async () => {
    await using world = await startHaproxy({
      backend: ["cookie SRV insert indirect nocache"],
      canary: "disabled",
    });
    const context = contextOf(world);
    expect(await haproxy.permissions(requestOf(5), context)).toEqual([]);
    const changes = must(await haproxy.changes(requestOf(5), context));
    const baseline = must(
      await haproxy.read(
        changes.map(({ field }) => field),
        context,
      ),
    );
    must(await haproxy.write(changes, context));
    const bound = { cookie: "SRV=c1" };
    expect(await split(world.url, 20, bound)).toEqual({ canary: 20 });
    must(await haproxy.write(baseline, context));
    expect(await split(world.url, 20, bound)).toEqual({ stable: 20 });
    await world.tell("set server shop/canary-1 state ready");
    expect(await haproxy.permissions(requestOf(5), context)).toEqual([
      expect.stringContaining("would keep its own after a rollback"),
    ]);
  });

  it("waits until a server that was down takes requests", async () => {
    await using world = await startHaproxy();
    const context = contextOf(world);
    await world.tell("set server shop/canary-1 health down");
    const changes = must(await haproxy.changes(requestOf(5), context));
    must(await haproxy.write(changes, context));
    const settling = haproxy.settle(changes, context);
    const soon = new Promise((resolve) => setTimeout(() => resolve("waits"), 300));
    expect(await Promise.race([settling, soon])).toBe("waits");
    await world.tell("set server shop/canary-1 health up");
    expect(await settling).toEqual({ kind: "ok", value: null });
  });

  it("says before the rollout what keeps weights from being a share", async () => {
    await using world = await startHaproxy();
    const context = contextOf(world);
    expect(await haproxy.permissions(requestOf(5, { stable: "stable-1" }), context)).toEqual([
      "server shop/stable-2 gets requests too: name it under `canary` or `stable`",
    ]);
    expect(await haproxy.permissions(requestOf(5, { canary: "canary-2" }), context)).toEqual([
      "backend shop has no server canary-2: it has stable-1, stable-2, canary-1",
    ]);
    expect(await haproxy.permissions(requestOf(5, { backend: "shoop" }), context)).toEqual([
      expect.stringContaining("Can't find backend"),
    ]);
    expect(await haproxy.permissions(requestOf(0.01), context)).toEqual([
      expect.stringContaining("use 0.195 %"),
    ]);
    expect(await haproxy.changes(requestOf(null), context)).toMatchObject({ kind: "failed" });
  });

  it("says failed where nothing listens, and unknown where nothing answers", async () => {
    await using world = await startHaproxy();
    const changes = must(await haproxy.changes(requestOf(5), contextOf(world)));
    await freezeProcess(world.pid);
    const cut = new AbortController();
    const writing = haproxy.write(changes, contextOf(world, cut.signal));
    const soon = new Promise((resolve) => setTimeout(() => resolve("waits"), 200));
    expect(await Promise.race([writing, soon])).toBe("waits");
    cut.abort();
    expect(await writing).toMatchObject({ kind: "unknown" });
    process.kill(world.pid, "SIGCONT");
    await using folder = await temporaryFolder();
    const nowhere = driverContext({ connection: { socket: join(folder.path, "none.sock") } });
    expect(await haproxy.read([], nowhere)).toEqual({ kind: "ok", value: [] });
    expect(await haproxy.changes(requestOf(5), nowhere)).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("no such socket"),
    });
  });

  it("is reached at an address from any machine", async () => {
    await using world = await startHaproxy();
    const context = driverContext({ connection: { socket: world.address } });
    expect(await haproxy.permissions(requestOf(5), context)).toEqual([]);
    const changes = must(await haproxy.changes(requestOf(5), context));
    expect(changes[0]?.field.target).toBe(`haproxy/${world.address}`);
    must(await haproxy.write(changes, context));
    expect((await split(world.url, 100))["canary"]).toBe(5);
    const nowhere = driverContext({ connection: { socket: "127.0.0.1:1" } });
    expect(await haproxy.changes(requestOf(5), nowhere)).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("nothing listens there"),
    });
  });

  it.skipIf(!hasSshd())(
    "is reached on another machine by the path of its socket there",
    async () => {
      await using world = await startHaproxy();
      await using ssh = await startSsh();
      const connection = { socket: world.socket, ...ssh.connection };
      const { host, port } = ssh.connection as { host: string; port: number };
      const context = driverContext({ connection });
      expect(await haproxy.permissions(requestOf(5), context)).toEqual([]);
      const changes = must(await haproxy.changes(requestOf(5), context));
      expect(changes[0]?.field.target).toBe(`haproxy/ssh/${host}:${port}${world.socket}`);
      const before = await truth(world);
      const fields = changes.map(({ field }) => field);
      const baseline = must(await haproxy.read(fields, context));
      must(await haproxy.write(changes, context));
      must(await haproxy.settle(changes, context));
      expect((await split(world.url, 100))["canary"]).toBe(5);
      must(await haproxy.write(baseline, context));
      expect(await truth(world)).toEqual(before);
      // This machine may have a socket of that path, too: it is another HAProxy.
      expect(await haproxy.read(fields, contextOf(world))).toMatchObject({ kind: "failed" });
      const nowhere = driverContext({ connection: { ...connection, socket: "/nowhere.sock" } });
      expect(await haproxy.changes(requestOf(5), nowhere)).toMatchObject({
        kind: "failed",
        why: expect.stringContaining("add `stats socket … level admin`"),
      });
      await freezeProcess(world.pid);
      const hung = driverContext({ connection, signal: AbortSignal.timeout(1500) });
      expect(await haproxy.write(changes, hung)).toMatchObject({ kind: "unknown" });
      process.kill(world.pid, "SIGCONT");
      await ssh.forbid();
      expect(await haproxy.write(changes, context)).toMatchObject({
        kind: "failed",
        why: expect.stringContaining("Permission denied"),
      });
    },
  );

  it("is of this machine: elsewhere the same path is another HAProxy", async () => {
    await using world = await startHaproxy();
    const [change] = must(await haproxy.changes(requestOf(5), contextOf(world)));
    const ref = { ...(change?.field.ref as object), host: "elsewhere" };
    const field = { ...(change as Change).field, ref };
    expect(await haproxy.read([field], contextOf(world))).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("run this there"),
    });
  });
});

import { link, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import type { DriverContext } from "../../../src/drivers/driver.ts";
import { nginx } from "../../../src/drivers/traffic/nginx/nginx.ts";
import { contractOfActionDriver } from "../../support/contract-action-driver.ts";
import { driverContext } from "../../support/driver-context.ts";
import { must } from "../../support/must.ts";
import { startNginx, type NginxWorld } from "../../support/nginx-world.ts";
import { eventually } from "../../support/sandbox-client.ts";
import { ask, hasProgram, split } from "../../support/split-world.ts";
import { hasSshd, startSsh } from "../../support/ssh-world.ts";

const missing = !hasProgram("nginx");

function requestOf(world: NginxWorld, share: number | null, more: object = {}) {
  const { file, addresses, handling } = world;
  const servers = { upstream: "shop", canary: addresses.canary, stable: addresses.stable };
  const input = nginx.input.parse({ file, ...servers, ...handling, ...more });
  return { input, share, connectionName: null };
}

function bySplit(world: NginxWorld, share: number, more: object = {}) {
  const { file, handling } = world;
  const input = nginx.input.parse({ file, split: "$side", canary: "new", ...handling, ...more });
  return { input, share, connectionName: null };
}

const calm = (): DriverContext => driverContext();

async function apply(request: Parameters<typeof nginx.changes>[0]): Promise<readonly Change[]> {
  const changes = must(await nginx.changes(request, calm()));
  must(await nginx.write(changes, calm()));
  must(await nginx.settle(changes, calm()));
  return changes;
}

async function baselineOf(request: Parameters<typeof nginx.changes>[0]) {
  const changes = must(await nginx.changes(request, calm()));
  return must(
    await nginx.read(
      changes.map(({ field }) => field),
      calm(),
    ),
  );
}

/** What stands behind each server of the upstream, read without the driver. */
async function truth(world: NginxWorld): Promise<Change["value"]> {
  const block = /^upstream shop \{([^}]*)\}/m.exec(await world.text())?.[1] ?? "";
  const servers = block.matchAll(/server "?([\d.:]+)"?([^;]*);/g);
  return {
    present: true,
    value: Object.fromEntries(
      Array.from(servers, ([, address, rest]) => [`upstream shop ${address ?? ""}`, rest ?? ""]),
    ),
  };
}

describe.skipIf(missing)("a real nginx", () => {
  contractOfActionDriver(
    "nginx",
    async () => {
      const world = await startNginx();
      const { stable, canary } = world.addresses;
      const foreign = {
        [`upstream shop ${canary}`]: " weight=9 backup",
        [`upstream shop ${stable[0]}`]: " weight=11",
        [`upstream shop ${stable[1]}`]: "",
      };
      return {
        driver: nginx,
        request: requestOf(world, 5),
        other: requestOf(world, 25),
        foreign: { present: true, value: foreign },
        context: (signal) => driverContext({ signal }),
        truth: () => truth(world),
        async setLive(value) {
          if (!value.present) return;
          const texts = value.value as Record<string, string>;
          const [before = "", rest = ""] = (await world.text()).split(/(?<=^upstream shop \{)/m);
          const end = rest.indexOf("}");
          const block = rest
            .slice(0, end)
            .replaceAll(/server ("?)([\d.:]+)\1[^;]*;/g, (_, quote: string, address: string) => {
              return `server ${quote}${address}${quote}${texts[`upstream shop ${address}`] ?? ""};`;
            });
          await world.setText(before + block + rest.slice(end));
        },
        writes: () => stat(world.file).then(({ ino, mtimeMs }) => ino + mtimeMs),
        break: {
          fail: () => world.setReload("fails"),
          refuse: () => link(world.file, join(world.folder, "twin.conf")),
        },
        [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
      };
    },
    { absence: false },
  );

  it("splits real requests as it was told, at each share, and is back to the byte", async () => {
    await using world = await startNginx();
    const before = await world.text();
    expect(await nginx.permissions(requestOf(world, 5), calm())).toEqual([]);
    const baseline = await baselineOf(requestOf(world, 5));
    expect(await split(world.url, 100)).toEqual({ stable: 100 });
    for (const [share, canary] of [
      [5, 40],
      [25, 200],
      [50, 400],
      [100, 800],
    ] as const) {
      await apply(requestOf(world, share));
      const counts = await split(world.url, 800);
      expect(Math.abs((counts["canary"] ?? 0) - canary)).toBeLessThanOrEqual(4);
      expect((counts["stable"] ?? 0) + (counts["canary"] ?? 0)).toBe(800);
    }
    expect(await world.text()).toContain("max_fails=2 down;   # the old one");
    must(await nginx.write(baseline, calm()));
    must(await nginx.settle(baseline, calm()));
    expect(await world.text()).toBe(before);
    expect(await split(world.url, 100)).toEqual({ stable: 100 });
  });

  it("splits visitors by split_clients, each always to the same side, with a route of their own", async () => {
    await using world = await startNginx();
    const before = await world.text();
    const routes = [{ map: "$route", key: "internal", to: "new" }];
    expect(await nginx.permissions(bySplit(world, 20, { routes }), calm())).toEqual([]);
    const baseline = await baselineOf(bySplit(world, 20, { routes }));
    await apply(bySplit(world, 20, { routes }));
    const url = `${world.url}/split`;
    // A worker of before may still answer what was sent to it.
    await eventually(
      () => split(url, 20, { "x-team": "internal" }),
      ({ canary }) => canary === 20,
    );
    const sides = async (): Promise<readonly string[]> => {
      const found: string[] = [];
      for (let visitor = 0; visitor < 400; visitor += 1)
        found.push(await ask(url, { "x-visitor": `v${visitor}` }));
      return found;
    };
    const [first] = await eventually(
      async () => [await sides(), await sides()] as const,
      ([before, after]) => before.join() === after.join(),
    );
    const chosen = first.filter((side) => side === "canary").length;
    // A hash of 400 names: 80 are expected, and four standard deviations allowed.
    expect(Math.abs(chosen - 80)).toBeLessThan(32);
    expect(await split(url, 20, { "x-team": "internal" })).toEqual({ canary: 20 });
    await apply(bySplit(world, 50, { routes }));
    for (const [visitor, side] of first.entries()) {
      if (side === "canary" && visitor % 10 === 7)
        expect(await ask(url, { "x-visitor": `v${visitor}` })).toBe("canary");
    }
    await apply(bySplit(world, 100, { routes }));
    await eventually(
      () => split(url, 40),
      ({ canary }) => canary === 40,
    );
    must(await nginx.write(baseline, calm()));
    must(await nginx.settle(baseline, calm()));
    expect(await world.text()).toBe(before);
    await eventually(
      () => split(url, 20, { "x-team": "internal" }),
      ({ stable }) => stable === 20,
    );
  });

  it("takes back what nginx refuses, and never loads it", async () => {
    await using world = await startNginx();
    const changes = must(await nginx.changes(requestOf(world, 5), calm()));
    const broken = `${await world.text()}upstream broken { server ; }\n`;
    await world.setText(broken);
    expect(await nginx.permissions(requestOf(world, 5), calm())).toEqual([
      expect.stringContaining("broken already"),
    ]);
    expect(await nginx.write(changes, calm())).toMatchObject({
      kind: "failed",
      why: expect.stringMatching(/invalid number of arguments.*the file is as before/),
    });
    expect(await world.text()).toBe(broken);
    expect(await split(world.url, 20)).toEqual({ stable: 20 });
    expect((await readdir(world.folder)).filter((name) => name.includes("canary.tmp"))).toEqual([]);
  });

  it("does not take a reload for done that did not happen", async () => {
    await using world = await startNginx();
    // Workers of the start must be older than the edit by more than the clocks can err.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await world.setReload("lies");
    const changes = must(await nginx.changes(requestOf(world, 5), calm()));
    must(await nginx.write(changes, calm()));
    const settling = nginx.settle(changes, calm());
    const soon = new Promise((resolve) => setTimeout(() => resolve("waits"), 400));
    expect(await Promise.race([settling, soon])).toBe("waits");
    await world.setReload("works");
    must(await nginx.write(changes, calm()));
    expect(await settling).toEqual({ kind: "ok", value: null });
    expect((await split(world.url, 100))["canary"]).toBe(5);
  });

  it("says unknown of a reload that hangs", async () => {
    await using world = await startNginx();
    await world.setReload("hangs");
    const changes = must(await nginx.changes(requestOf(world, 5), calm()));
    const cut = new AbortController();
    const writing = nginx.write(changes, driverContext({ signal: cut.signal }));
    await expect.poll(() => readdir(world.folder)).toContain("hanging");
    cut.abort();
    expect(await writing).toMatchObject({ kind: "unknown" });
    expect(await world.text()).toContain("weight=4");
  });

  it("says failed of a test that hangs, and takes the text back", async () => {
    await using world = await startNginx();
    const before = await world.text();
    const slow = { test: ["sh", "-c", 'echo > "$0/hanging"; exec sleep 600', world.folder] };
    const changes = must(await nginx.changes(requestOf(world, 5, slow), calm()));
    const cut = new AbortController();
    const writing = nginx.write(changes, driverContext({ signal: cut.signal }));
    await expect.poll(() => readdir(world.folder)).toContain("hanging");
    expect(await world.text()).not.toBe(before);
    cut.abort();
    expect(await writing).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("as before"),
    });
    expect(await world.text()).toBe(before);
  });

  it.skipIf(!hasSshd())("works through ssh as it does here", async () => {
    await using world = await startNginx();
    await using ssh = await startSsh();
    const there = driverContext({ connection: ssh.connection });
    const before = await world.text();
    const request = { ...requestOf(world, 25), connectionName: "web" };
    expect(await nginx.permissions(request, there)).toEqual([]);
    const changes = must(await nginx.changes(request, there));
    const fields = changes.map(({ field }) => field);
    expect(fields[0]?.target).toMatch(/^nginx\/ssh\//);
    const baseline = must(await nginx.read(fields, there));
    must(await nginx.write(changes, there));
    must(await nginx.settle(changes, there));
    expect((await split(world.url, 200))["canary"]).toBe(50);
    expect(await nginx.write(changes, calm())).toMatchObject({ kind: "failed" });
    must(await nginx.write(baseline, there));
    must(await nginx.settle(baseline, there));
    expect(await world.text()).toBe(before);
    expect(await split(world.url, 100)).toEqual({ stable: 100 });
  });

  it("leaves what others wrote alone, and tells it apart", async () => {
    await using world = await startNginx();
    const [change] = await apply(requestOf(world, 5));
    const text = (await world.text()).replace(/weight=4;/, "weight=50;");
    await world.setText(`${text}# theirs\n`);
    const [live] = must(await nginx.read([(change as Change).field], calm()));
    expect(live?.value).not.toEqual(change?.value);
    const baseline = await baselineOf(requestOf(world, 25));
    await apply(requestOf(world, 25));
    must(await nginx.write(baseline, calm()));
    expect(await world.text()).toBe(`${text}# theirs\n`);
  });

  it("says before the rollout what keeps it from working", async () => {
    await using world = await startNginx();
    const [first] = world.addresses.stable;
    const ask = (more: object) => nginx.permissions(requestOf(world, 5, more), calm());
    expect(await ask({ stable: first })).toEqual([
      expect.stringContaining("gets requests too: name it"),
    ]);
    expect(await ask({ upstream: "shoop" })).toEqual([
      expect.stringContaining("there is no block `upstream shoop`"),
    ]);
    expect(await ask({ canary: "127.0.0.1:1" })).toEqual([
      expect.stringContaining("there is no server 127.0.0.1:1 in upstream shop"),
    ]);
    expect(await ask({ file: join(world.folder, "none.conf") })).toEqual([
      expect.stringContaining("there is no file"),
    ]);
    expect(await ask({ reload: ["no-such-program"] })).toEqual([
      "no-such-program was not found on the PATH",
    ]);
    await rm(join(world.folder, "nginx.pid"));
    expect(await ask({})).toEqual([expect.stringContaining("is nginx running?")]);
    expect(await nginx.permissions(bySplit(world, 0.001), calm())).toEqual([
      expect.stringContaining("two decimals"),
    ]);
  });

  it("refuses input that means two things", () => {
    const parse = (input: object) => nginx.input.safeParse({ file: "/x", canary: "a", ...input });
    const wrong = [
      {},
      { upstream: "u", split: "$s" },
      { upstream: "u" },
      { split: "$s", stable: "b" },
    ];
    for (const input of wrong) expect(parse(input).success).toBe(false);
    expect(parse({ upstream: "u", stable: "a" }).error?.message).toContain("keep one");
    expect(parse({ upstream: "u", stable: "b;" }).success).toBe(false);
  });
});

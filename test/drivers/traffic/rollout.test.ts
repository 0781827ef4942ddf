import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { folderForTest, runCanary, startCanary } from "../../e2e/support/run-canary.ts";
import { afterTest } from "../../support/after-test.ts";
import { startHaproxy } from "../../support/haproxy-world.ts";
import { startLoad } from "../../support/load.ts";
import { startNginx } from "../../support/nginx-world.ts";
import { eventually } from "../../support/sandbox-client.ts";
import { hasProgram } from "../../support/split-world.ts";

const missing = !hasProgram("haproxy") || !hasProgram("nginx");
const PLAN = join(import.meta.dirname, "plans/routers.yaml");

async function world() {
  const stack = new AsyncDisposableStack();
  // Also where the test runs out of time: no router is left behind.
  afterTest(() => stack.disposeAsync());
  const haproxy = stack.use(await startHaproxy());
  const nginx = stack.use(await startNginx());
  const load = stack.use(await startLoad({ haproxy: haproxy.url, nginx: nginx.url }));
  const folder = folderForTest();
  const set = {
    file: nginx.file,
    canary: nginx.addresses.canary,
    stable: nginx.addresses.stable[0],
    second: nginx.addresses.stable[1],
    nginx: nginx.folder,
  };
  const params = Object.entries(set).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  const env = { HAPROXY_SOCKET: haproxy.socket, LOAD_URL: load.url };
  const state = async () => ({
    haproxy: (await haproxy.tell("show servers state shop"))
      .split("\n")
      .map((line) => line.split(" ").slice(3, 8).join(" ")),
    nginx: await nginx.text(),
  });
  const args = ["start", "--plan", PLAN, ...params, "--evidence", join(folder, "evidence")];
  return { haproxy, nginx, load, folder, env, state, args };
}

describe.skipIf(missing)("a rollout through a real HAProxy and a real nginx, under load", () => {
  it("promotes on the split of real requests, measured at each stage", async () => {
    const { folder, env, args, load } = await world();
    const exit = await runCanary(folder, args, { env });
    expect(exit.code, exit.stdout + exit.stderr).toBe(0);
    expect([load.shareOf("haproxy"), load.shareOf("nginx")]).toEqual([1, 1]);
  });

  it("brings everybody back when it is aborted, and every byte", async () => {
    const { folder, env, args, load, state } = await world();
    const before = await state();
    const start = startCanary(folder, args, { env });
    await eventually(
      () => Promise.resolve(load.shareOf("nginx")),
      (share) => share > 0.4,
    );
    const abort = await runCanary(folder, ["abort", "--reason", "the test says so"], { env });
    expect(abort.code, abort.stdout + abort.stderr).toBe(31);
    expect((await start.exit).code).toBe(31);
    expect(await state()).toEqual(before);
    expect([load.shareOf("haproxy"), load.shareOf("nginx")]).toEqual([0, 0]);
  });

  it("goes back on errors", async () => {
    const { folder, env, args, load, state } = await world();
    const before = await state();
    const start = startCanary(folder, args, { env });
    await eventually(
      () => Promise.resolve(load.shareOf("haproxy")),
      (share) => share > 0.04,
    );
    load.errors = 0.5;
    await eventually(
      () => Promise.resolve(start.stdout()),
      (text) => text.includes("rolling back"),
    );
    load.errors = 0;
    const { code } = await start.exit;
    expect(code, start.stdout() + start.stderr()).toBe(30);
    expect(await state()).toEqual(before);
  });

  it("holds when somebody else moves a weight", async () => {
    const { folder, env, args, load, haproxy } = await world();
    const start = startCanary(folder, args, { env });
    await eventually(
      () => Promise.resolve(load.shareOf("haproxy")),
      (share) => share > 0.04,
    );
    // Too little for a gate to see: only reading back does.
    await haproxy.tell("set server shop/stable-2 weight 37");
    await eventually(
      () => Promise.resolve(start.stdout()),
      (text) => text.includes("backend shop") && text.includes("HELD"),
    );
    expect(start.stdout()).toContain('"weight":37');
    expect(await haproxy.tell("get weight shop/stable-2")).toBe("37 (initial 100)");
  });
});

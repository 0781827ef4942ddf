import { describe, expect, test } from "vitest";

import { ask, sandboxForTest } from "../support/sandbox-client.ts";

describe("the router", () => {
  test("starts at 0, takes an absolute weight, and takes it twice", async () => {
    const { url } = await sandboxForTest();
    expect((await ask(`${url}/router`)).json).toEqual({ stable: 100, canary: 0 });
    for (let time = 0; time < 2; time += 1) {
      const put = await ask(`${url}/router`, "PUT", { canary: 25 });
      expect(put).toMatchObject({ status: 200, json: { stable: 75, canary: 25 } });
    }
    expect((await ask(`${url}/router`)).json).toEqual({ stable: 75, canary: 25 });
    expect((await ask(`${url}/state`)).json.traffic).toEqual({ stable: 75, canary: 25 });
  });

  test.each([
    [{ canary: 101 }, "canary is 101"],
    [{ canary: -1 }, "canary is -1"],
    [{ canary: "10" }, 'canary is "10"'],
    [{ canary: 10, stable: 80 }, 'unknown field "stable"'],
    [{}, "canary is missing"],
    [[10], "the body is no JSON object"],
    [undefined, "the body is no JSON object"],
  ])("refuses %j, says what to send, and changes nothing", async (body, message) => {
    const { url } = await sandboxForTest();
    await ask(`${url}/router`, "PUT", { canary: 5 });
    const refused = await ask(`${url}/router`, "PUT", body);
    expect(refused.status).toBe(400);
    expect(refused.json.error).toContain(message);
    expect(refused.json.error).toContain('send { "canary": 0 to 100 }');
    const state = (await ask(`${url}/state`)).json;
    expect(state.traffic.canary).toBe(5);
    expect(state.writes).toHaveLength(1);
  });

  test("says no to broken JSON, a giant body, another method, another path", async () => {
    const { url } = await sandboxForTest();
    const broken = await fetch(`${url}/router`, { method: "PUT", body: "{canary:" });
    expect(broken.status).toBe(400);
    expect(await broken.text()).toContain("the body is no JSON");
    const giant = await fetch(`${url}/router`, { method: "PUT", body: "x".repeat(70_000) });
    expect(giant.status).toBe(413);
    const wrong = await fetch(`${url}/router`, { method: "DELETE" });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("allow")).toBe("GET, PUT");
    expect((await ask(`${url}/rooter`)).json.error).toBe("no endpoint /rooter: GET / lists them");
    expect((await ask(`${url}/flags/%E0%A4%A`)).status).toBe(404);
  });
});

describe("the deployments", () => {
  test("change by field and show in the state", async () => {
    const { url } = await sandboxForTest();
    const before = (await ask(`${url}/deploy/canary`)).json;
    expect(before).toEqual({ image: "shop:1.0.0", replicas: 1 });
    await ask(`${url}/deploy/canary`, "PUT", { image: "shop:1.1.0" });
    await ask(`${url}/deploy/stable`, "PUT", { replicas: 5 });
    expect((await ask(`${url}/state`)).json.deploys).toEqual({
      stable: { image: "shop:1.0.0", replicas: 5 },
      canary: { image: "shop:1.1.0", replicas: 1 },
    });
    expect((await ask(`${url}/canary/healthz`)).json).toMatchObject({
      status: "ok",
      arm: "canary",
      version: "1.1.0",
    });
  });

  test("refuse what no cluster would take", async () => {
    const { url } = await sandboxForTest();
    for (const body of [{ replicas: 1.5 }, { replicas: -1 }, { image: "" }, { tag: "1" }]) {
      expect((await ask(`${url}/deploy/canary`, "PUT", body)).status).toBe(400);
    }
    expect((await ask(`${url}/deploy/green`)).json.error).toContain("there are stable and canary");
    expect((await ask(`${url}/deploy/green`, "PUT", {})).status).toBe(404);
    expect((await ask(`${url}/state`)).json.writes).toEqual([]);
  });

  test("with 0 replicas a version answers 503", async () => {
    const { url } = await sandboxForTest();
    await ask(`${url}/deploy/stable`, "PUT", { replicas: 0 });
    expect((await ask(`${url}/stable/healthz`)).status).toBe(503);
    expect((await ask(`${url}/app`)).status).toBe(503);
    expect((await ask(`${url}/canary/healthz`)).status).toBe(200);
  });
});

describe("the flags", () => {
  test("new-checkout is there, off", async () => {
    const { url } = await sandboxForTest();
    const off = { enabled: false, percentage: 0 };
    expect((await ask(`${url}/flags/new-checkout`)).json).toEqual({ key: "new-checkout", ...off });
    expect((await ask(`${url}/flags`)).json).toEqual({ "new-checkout": off });
  });

  test("are set by field, made, killed and removed", async () => {
    const { url } = await sandboxForTest();
    expect((await ask(`${url}/flags/dark-mode`)).status).toBe(404);
    expect((await ask(`${url}/flags/dark-mode/kill`, "POST")).status).toBe(404);
    await ask(`${url}/flags/dark-mode`, "PUT", { percentage: 30 });
    const made = await ask(`${url}/flags/dark-mode`, "PUT", { enabled: true });
    expect(made.json).toEqual({ key: "dark-mode", enabled: true, percentage: 30 });
    const killed = await ask(`${url}/flags/dark-mode/kill`, "POST");
    expect(killed.json).toEqual({ key: "dark-mode", enabled: false, percentage: 0 });
    for (let time = 0; time < 2; time += 1) {
      expect((await ask(`${url}/flags/dark-mode`, "DELETE")).status).toBe(204);
    }
    expect((await ask(`${url}/flags/dark-mode`)).status).toBe(404);
  });

  test("refuse what is no share", async () => {
    const { url } = await sandboxForTest();
    for (const body of [{ percentage: 101 }, { enabled: "yes" }, { on: true }]) {
      expect((await ask(`${url}/flags/new-checkout`, "PUT", body)).status).toBe(400);
    }
  });

  test("new-checkout sends its percentage to the canary, once it is enabled", async () => {
    const { url } = await sandboxForTest();
    await ask(`${url}/flags/new-checkout`, "PUT", { percentage: 100 });
    expect((await ask(`${url}/app`)).json.arm).toBe("stable");
    await ask(`${url}/flags/new-checkout`, "PUT", { enabled: true });
    expect((await ask(`${url}/app`)).json.arm).toBe("canary");
    expect((await ask(`${url}/state`)).json.traffic).toEqual({ stable: 100, canary: 0 });
  });
});

describe("the writes", () => {
  test("are told in order, with their writer", async () => {
    const { url } = await sandboxForTest();
    const headers = { "X-Canary-Rollout": "r1", "X-Canary-Epoch": "3" };
    await ask(`${url}/router`, "PUT", { canary: 10 }, { headers });
    await ask(`${url}/flags/new-checkout`, "PUT", { enabled: true });
    await ask(`${url}/deploy/canary`, "PUT", { replicas: 2 }, { headers });
    await ask(`${url}/flags/new-checkout`, "DELETE", undefined, {
      headers: { "X-Canary-Epoch": "later" },
    });
    const { writes } = (await ask(`${url}/state`)).json;
    const by = { rollout: "r1", epoch: 3 };
    const nobody = { rollout: null, epoch: null };
    expect(writes.map(({ at: _at, ...rest }: { at: string }) => rest)).toEqual([
      { what: "router.canary", value: 10, ...by },
      { what: "flag.new-checkout", value: { enabled: true, percentage: 0 }, ...nobody },
      { what: "deploy.canary", value: { image: "shop:1.0.0", replicas: 2 }, ...by },
      { what: "flag.new-checkout", value: null, ...nobody },
    ]);
    for (const { at } of writes) expect(new Date(at).toISOString()).toBe(at);
  });
});

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { fence, release } from "../../src/drivers/kubectl/fence.ts";
import { fieldAt } from "../../src/drivers/kubectl/kube-field.ts";
import { objectWayBack } from "../../src/drivers/kubectl/object-way-back.ts";
import { readFields } from "../../src/drivers/kubectl/read-fields.ts";
import { writeEach } from "../../src/drivers/kubectl/write-each.ts";
import { builtInDrivers } from "../../src/drivers/registry.ts";
import { wayBackDrivers } from "../../src/drivers/way-back-drivers.ts";
import type { DriverCatalog } from "../../src/plan/driver-catalog.ts";
import { driverContext } from "../support/driver-context.ts";
import { must } from "../support/must.ts";
import { startRestWorld } from "../support/rest-world.ts";
import { actionNotes } from "./docs/drivers-page.ts";

const DRIVERS = resolve(import.meta.dirname, "../../src/drivers");
const all: DriverCatalog = builtInDrivers();
const back: DriverCatalog = wayBackDrivers();

describe("the drivers of the way back", () => {
  it("are all drivers that there are", () => {
    for (const list of ["actions", "metrics", "checks", "evidence"] as const)
      expect([...back[list].keys()].toSorted()).toEqual([...all[list].keys()].toSorted());
  });

  it.each([...all.actions.keys()])(
    "%s fences, releases and switches off as the whole driver does",
    (kind) => {
      const [lazy, whole] = [back.actions.get(kind), all.actions.get(kind)];
      expect(lazy?.kind).toBe(kind);
      expect(lazy?.fence === undefined).toBe(whole?.fence === undefined);
      expect(lazy?.release === undefined).toBe(whole?.release === undefined);
      expect(lazy?.off === undefined).toBe(whole?.off === undefined);
      for (const input of [
        { flag: "f", share: "5%" },
        { flag: "f", enabled: true },
      ])
        expect(lazy?.off?.(input)).toEqual(whole?.off?.(input));
    },
  );

  it.each([...all.actions.keys()])(
    "%s has the style of the whole driver for its example",
    (kind) => {
      const item = parse(actionNotes[kind]?.example ?? "") as Record<string, unknown>;
      const given = item[kind];
      const own =
        typeof given === "object" && given !== null && !Array.isArray(given)
          ? Object.fromEntries(Object.entries(given).filter(([key]) => key !== "connection"))
          : given;
      const whole = all.actions.get(kind);
      const input = whole?.input.parse(own);
      expect(back.actions.get(kind)?.style(input)).toBe(whole?.style(input));
    },
  );

  it.each([
    ["run", { argv: ["true"] }],
    ["http", { PUT: "/x" }],
    ["http", { PUT: "/x", json: { a: 1 }, read: { GET: "/x", json: "a" } }],
    ["service", { name: "x", state: "started" }],
    ["service", { name: "x", state: "stopped" }],
    ["service", { name: "x", state: "restarted" }],
    ["service", { name: "x", state: "reloaded" }],
    ["kubectl", { argv: ["get", "pods"] }],
    ["env-file", { file: "/x", set: { A: "1" } }],
    ["scale", { workload: "deployment/x", replicas: 1 }],
    ["flag", { set: { PUT: "/x", json: "${traffic}" }, read: { GET: "/x", json: "a" } }],
  ])("%s has the style of the whole driver for %j", (kind, given) => {
    const whole = all.actions.get(kind);
    const input = whole?.input.parse(given);
    expect(back.actions.get(kind)?.style(input)).toBe(whole?.style(input));
  });

  it("write back as the verbs of kubectl do", () => {
    const same = [...all.actions.values()].filter((driver) => driver.write === writeEach);
    expect(same.length).toBeGreaterThan(8);
    for (const verb of same)
      expect([verb.read === readFields, verb.fence === fence, verb.release === release]).toEqual([
        true,
        true,
        true,
      ]);
    expect(objectWayBack).toEqual({ read: readFields, write: writeEach, fence, release });
    const text = readFileSync(resolve(DRIVERS, "way-back-drivers.ts"), "utf8");
    const verbs = [...text.matchAll(/^ {2}"?([\w-]+)"?: verb\(/gm)].map(([, kind]) => kind);
    expect(new Set(verbs)).toEqual(new Set(same.map(({ kind }) => kind)));
  });

  it("wait for what has to be taken up as the verbs of kubectl do", async () => {
    const live = {
      ...{ apiVersion: "apps/v1", kind: "Deployment", spec: { replicas: 0 } },
      metadata: { name: "api", namespace: "shop", uid: "1", resourceVersion: "1", generation: 2 },
      status: { observedGeneration: 2 },
    };
    const owner = { connection: null, rollout: "r", cluster: "c" };
    const verbs = [...all.actions.values()].filter((driver) => driver.write === writeEach);
    const looks = async (catalog: DriverCatalog, driver: string): Promise<number> => {
      let count = 0;
      const field = fieldAt({ ...owner, driver }, live, ["spec", "replicas"], { label: "x" });
      const answer = await catalog.actions
        .get(driver)
        ?.settle([{ field, value: { present: true, value: 0 } }], {
          ...driverContext(),
          exec: () => {
            count += 1;
            const stdout = JSON.stringify(live);
            return Promise.resolve({ exitCode: 0, stdout, stderr: "", why: null, started: true });
          },
        });
      expect(answer).toMatchObject({ kind: "ok" });
      return count;
    };
    const found = await Promise.all(verbs.map(({ kind }) => looks(back, kind)));
    expect(found).toEqual(await Promise.all(verbs.map(({ kind }) => looks(all, kind))));
    expect(new Set(found)).toEqual(new Set([0, 1]));
  });

  it("undo what the whole drivers did", async () => {
    await using world = await startRestWorld();
    world.things.set("/router", { canary: 0 });
    const context = driverContext({ connection: { url: world.url } });
    const whole = must(found(all.actions.get("http")));
    const read = { GET: "/router", json: "canary" };
    const input = whole.input.parse({ PUT: "/router", json: { canary: 5 }, read });
    const request = { input, share: null, connectionName: "shop" };
    const changes = must(await whole.changes(request, context));
    const lazy = must(found(back.actions.get("http")));
    const baseline = must(
      await lazy.read(
        changes.map(({ field }) => field),
        context,
      ),
    );
    must(await whole.write(changes, context));
    expect(world.things.get("/router")).toEqual({ canary: 5 });
    must(await lazy.write(baseline, context));
    expect(world.things.get("/router")).toEqual({ canary: 0 });
    const kill = { ...request, input: { POST: "/flags/x/kill" } };
    must(await lazy.call(kill, context));
    expect(world.things.has("/flags/x")).toBe(true);
    expect(() => lazy.preview(request)).toThrow("not loaded on the way back");
  });

  it("load their checks, evidence and metric sources when they are asked", async () => {
    const context = driverContext();
    const run = ["node", "-e", "console.log('{\"up\": 1}')"];
    expect(await back.checks.get("run")?.run({ run }, context)).toMatchObject({ kind: "pass" });
    expect(await back.evidence.get("run")?.take({ run }, context)).toMatchObject({ kind: "taken" });
    const source = back.metrics.get("command")?.open({});
    const query = all.metrics.get("command")?.query.parse({ run, value: "up" });
    expect(await source?.sample(query, 0, context)).toMatchObject({ kind: "value", value: 1 });
    source?.close();
  });

  it.each([
    "http",
    "flag",
    "unleash",
    "set-image",
    "ingress-nginx",
    "haproxy",
    "nginx",
    "env-file",
    "service",
  ])("load no schema for what %s wrote", (kind) => {
    const script = `
      import { registerHooks } from "node:module";
      registerHooks({ load(url, context, next) {
        if (url.includes("/node_modules/zod/")) { console.log("zod"); process.exit(1); }
        return next(url, context);
      } });
      const { wayBackDrivers } = await import(process.argv[1]);
      const driver = wayBackDrivers().actions.get(process.argv[2]);
      const answer = await driver.read([], { connection: {} });
      console.log(answer.kind);`;
    const file = resolve(DRIVERS, "way-back-drivers.ts");
    const ran = spawnSync(process.execPath, ["--input-type=module", "-e", script, file, kind], {
      encoding: "utf8",
    });
    expect(ran.stdout.trim()).toBe("ok");
  });
});

function found<T>(value: T | undefined): { kind: "ok"; value: T } {
  if (value === undefined) throw new Error("there is no such driver");
  return { kind: "ok", value };
}

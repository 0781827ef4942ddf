import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";
import { stringify } from "yaml";

import { builtInDrivers } from "../../src/drivers/registry.ts";
import { everySource } from "../drivers/metrics/no-data/every-source.ts";
import { startSmtpServer } from "../sinks/support/smtp-server.ts";
import { afterTest } from "../support/after-test.ts";
import { startLoopbackServer, type Seen } from "../support/loopback-server.ts";
import { connectionsFor } from "./support/planted-connections.ts";
import { credentialsOf, Garden, type Planted } from "./support/planted.ts";
import { folderForTest, runCanary } from "./support/run-canary.ts";

const catalog = builtInDrivers();

interface World {
  readonly garden: Garden;
  readonly folder: string;
  readonly url: string;
  readonly smtp: number;
  /** The secrets that reached somebody: what is never sent cannot leak. */
  readonly used: Set<Planted>;
  /** What every process on the machine showed of itself meanwhile. */
  readonly processes: Set<string>;
}

/** Servers and programs that repeat every secret that they are given, in their answers and errors. */
async function spillingWorld(): Promise<World> {
  const garden = new Garden();
  const folder = folderForTest();
  const used = new Set<Planted>();
  const server = await startLoopbackServer((seen) => {
    const told = garden.foundIn(textOf(seen));
    for (const each of told) used.add(each);
    const words = told.map(({ secret }) => `${secret} ${Buffer.from(secret).toString("base64")}`);
    return { status: 401, body: `no entry with ${words.join(" ")}; ${textOf(seen)}` };
  });
  const smtp = await startSmtpServer({
    spills: (text) => garden.foundIn(text).forEach((each) => used.add(each)),
  });
  afterTest(async () => {
    await server[Symbol.asyncDispose]();
    await smtp[Symbol.asyncDispose]();
  });
  const spill = join(folderForTest(), "spilled");
  for (const name of ["spill", "psql"]) {
    writeFileSync(join(folder, name), `#!/bin/sh\nenv | tee -a '${spill}'\nenv >&2\nexit 2\n`);
    chmodSync(join(folder, name), 0o700);
  }
  const processes = new Set<string>();
  const watch = setInterval(() => {
    if (existsSync(spill)) garden.foundIn(spilled(spill)).forEach((each) => used.add(each));
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/u.test(name)))
      processes.add(commandLine(pid));
  }, 20);
  afterTest(() => clearInterval(watch));
  return { garden, folder, url: server.url, smtp: smtp.port, used, processes };
}

/** What a program was given beside the whole environment of canary, which it has too. */
function spilled(file: string): string {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => !line.startsWith("PLANTED_")).join("\n");
}

function textOf({ path, headers, body }: Seen): string {
  const { authorization = "", ...others } = headers;
  const decoded = Buffer.from(authorization.replace(/^Basic /u, ""), "base64").toString("latin1");
  return `${authorization} ${decoded} ${path} ${JSON.stringify(others)} ${body}`;
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** What is never sent, and why. */
const NEVER_SENT = new Set(["http: tls.key", "webhook: secret"]);

const BASE = { apiVersion: "canary/v1", kind: "Plan" };
const CHECKS = { fine: { run: ["true"] } };
const STAGES = [
  {
    name: "one",
    soak: "200ms",
    within: "5s",
    interval: "100ms",
    traffic: "100%",
    checks: ["fine"],
  },
];
const TRAFFIC = [{ stated: "everybody gets it" }];

/** Plans that use every connection: what is measured, what is told, and what is changed. */
function plansFor(
  connections: ReturnType<typeof connectionsFor>,
): Readonly<Record<string, object>> {
  const named = Object.entries(connections);
  const where = (fits: (type: string) => boolean) =>
    named.filter(([, { type }]) => fits(String(type)));
  const queries = new Map(everySource.map(({ source, http }) => [source, http?.query]));
  const metrics = where((type) => catalog.metrics.has(type)).map(([name, { type }]) => {
    const query =
      queries.get(String(type)) ??
      { command: { run: ["spill"] }, sql: { query: "select 1" } }[String(type)];
    const window = type === "graphite" ? { window: "1m" } : {};
    return [
      name.replaceAll("-", "_"),
      { connection: name, unit: "count", ...window, ...query },
    ] as const;
  });
  const gates = metrics.map(([name]) => `${name} < 1`);
  // Queries look back for minutes, and lint wants a stage to be as long; none of them gets that far.
  const stage = { name: "one", soak: "6m", within: "10m", interval: "1s", traffic: "100%" };
  const told = where((type) => catalog.sinks.has(type)).map(([name, { type }]) =>
    type === "statuspage" ? { to: name, status: "investigating" } : { to: name },
  );
  const flag = { flag: "checkout" };
  const get = { GET: "/flag", json: "share" };
  const acts = where((type) => ["http", "unleash", "launchdarkly"].includes(type)).map(
    ([connection, { type }]) =>
      type === "http"
        ? { http: { connection, PUT: "/flag", json: { share: "${traffic}" }, read: get } }
        : { [String(type)]: { connection, ...flag } },
  );
  const only = (fits: (type: string) => boolean) => Object.fromEntries(where(fits));
  return {
    measures: {
      ...BASE,
      name: "measures",
      maxBlind: "1s",
      connections: only((type) => catalog.metrics.has(type)),
      metrics: Object.fromEntries(
        metrics.map(([name, metric]) => [name.replaceAll("-", "_"), metric]),
      ),
      traffic: TRAFFIC,
      stages: [{ ...stage, gates }],
    },
    tells: {
      ...BASE,
      name: "tells",
      checks: CHECKS,
      connections: only((type) => catalog.sinks.has(type)),
      traffic: TRAFFIC,
      stages: STAGES,
      on: { started: told, promoted: told.filter((line) => !("status" in line)) },
    },
    changes: {
      ...BASE,
      name: "changes",
      checks: CHECKS,
      connections: only((type) => ["http", "unleash", "launchdarkly"].includes(type)),
      traffic: acts,
      stages: STAGES,
    },
  };
}

test(
  "a secret in any credential of any connection stands nowhere",
  { timeout: 120_000 },
  async () => {
    const world = await spillingWorld();
    const { garden, folder, used, processes } = world;
    const plans = plansFor(connectionsFor(world));
    // Every place that the registry has is planted: one of a new connection type fails here.
    expect(new Set(garden.planted.map(({ place }) => place))).toEqual(credentialsOf(catalog));
    const env = { ...garden.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` };
    let printed = "";
    const exits: Record<string, number | null> = {};
    for (const [name, plan] of Object.entries(plans)) {
      writeFileSync(join(folder, `${name}.yaml`), stringify(plan));
      for (const args of [
        ["lint", `${name}.yaml`],
        ["plan", `${name}.yaml`],
        ["start", "--plan", `${name}.yaml`],
        ["doctor", "--plan", `${name}.yaml`],
        ["report"],
        ["status"],
      ]) {
        const { code, stdout, stderr } = await runCanary(folder, args, { env });
        printed += `${stdout}\n${stderr}\n`;
        exits[`${name} ${args[0]}`] = code;
      }
    }
    expect(exits).toMatchObject({ "measures start": 20, "tells start": 0, "changes start": 20 });
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const everywhere = [
      ["what was printed", printed],
      ["the process list", [...processes].join("\n")],
      ...files.map((path) => [path, readFileSync(path, "latin1")] as const),
    ] as const;
    const leaks = everywhere.flatMap(([where, text]) =>
      garden.foundIn(text).map(({ place }) => `${place} in ${where}`),
    );
    expect(leaks).toEqual([]);
    const unused = garden.planted.filter((each) => !used.has(each)).map(({ place }) => place);
    expect(new Set(unused)).toEqual(NEVER_SENT);
    expect(files.length).toBeGreaterThan(15);
  },
);

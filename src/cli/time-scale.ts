import { execFileSync } from "node:child_process";

import type { Connection, Plan } from "../core/plan.ts";
import type { Json } from "../core/units.ts";
import { UsageError } from "./usage-error.ts";

/** `--time-scale 1/60`: what durations are multiplied with; more than 0, at most 1. */
export function parseTimeScale(text: string): number {
  const [, over, under = "1"] = /^(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?))?$/u.exec(text) ?? [];
  const value = Number(over) / Number(under);
  if (!(value > 0 && value <= 1))
    throw new UsageError(`--time-scale ${text}`, "write a ratio of at most 1, as 1/60");
  return value;
}

/** A rollout in shortened time proves nothing about production: every address of the plan must be on this machine. */
export function requireLoopback(plan: Plan): void {
  const { connections, ...rest } = plan;
  const text = JSON.stringify(rest);
  for (const connection of Object.values(connections)) {
    const { name, type, config } = connection;
    // One that only another choice of a parameter would use is never asked.
    if (!["connection", "to"].some((key) => text.includes(`"${key}":${JSON.stringify(name)}`)))
      continue;
    const urls = type === "kubectl" ? [apiServer(connection)] : addresses(config);
    const hosts = urls.flatMap((url) => URL.parse(url)?.hostname ?? []);
    if (type === "ssh" && typeof config["host"] === "string")
      hosts.push(config["host"].replace(/^.*@/u, ""));
    const away = hosts.find((host) => !isLoopback(host));
    if (away !== undefined)
      throw new UsageError(
        `--time-scale with the connection ${name} to ${away}`,
        "durations are shortened for a sandbox or loopback targets only",
      );
  }
}

function isLoopback(host: string): boolean {
  return (
    host === "localhost" || host === "[::1]" || host === "::1" || /^127(?:\.\d+){3}$/u.test(host)
  );
}

/** The address that kubectl would talk to; one that cannot be told is not on this machine. */
function apiServer({ config }: Connection): string {
  const flags = ["kubeconfig", "context"].flatMap((key) => {
    const value = config[key];
    return typeof value === "string" ? [`--${key}=${filled(value)}`] : [];
  });
  const asked = ["config", "view", "--minify", "--output=jsonpath={.clusters[0].cluster.server}"];
  try {
    return execFileSync("kubectl", [...flags, ...asked], {
      timeout: 10_000,
      stdio: "pipe",
    }).toString();
  } catch {
    return "https://an-unknown-cluster";
  }
}

function addresses(value: Json): readonly string[] {
  if (typeof value === "string") {
    const text = filled(value);
    return /^https?:/iu.test(text) ? [text] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap((each: Json) => addresses(each));
}

/** An address may stand in the environment. */
function filled(text: string): string {
  return text.replaceAll(/\$\{env:([^}]+)\}/gu, (_, name: string) => process.env[name] ?? "");
}

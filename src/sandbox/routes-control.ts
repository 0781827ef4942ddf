import type { Arm } from "./knobs.ts";
import { answer, refuse, type Ask, type Reply, type Route } from "./reply.ts";
import { withFaults } from "./with-faults.ts";
import type { Deployment, Flag, World } from "./world.ts";
import { performWrite } from "./write.ts";

const off: Flag = { enabled: false, percentage: 0 };

/**
 * What a rollout changes: the router's weight, the deployments, the flags. All writes are absolute. The answer to a
 * write says what was asked for, also when `ignoreWrites` kept it from happening: only a read tells.
 */
export const controlRoutes: readonly Route[] = [
  ...[
    route("GET", "/router", "the router's weight", ({ world }) => answer(200, routerOf(world))),
    route("PUT", "/router", "set it: { canary: 0 to 100 }", putRouter),
  ].map((each) => withFaults("router", each)),
  ...[
    route("GET", "/deploy/:version", "what runs as stable or canary", getDeploy),
    route("PUT", "/deploy/:version", "set it: { image?, replicas? }", putDeploy),
  ].map((each) => withFaults("deploy", each)),
  ...[
    route("GET", "/flags", "all flags", ({ world }) =>
      answer(200, Object.fromEntries(world.flags)),
    ),
    route("GET", "/flags/:key", "one flag, 404 when absent", ({ world, params }) =>
      showFlag(world, keyOf(params)),
    ),
    route("PUT", "/flags/:key", "set or make it: { enabled?, percentage? }", putFlag),
    route("POST", "/flags/:key/kill", "off and 0 %", killFlag),
    route("DELETE", "/flags/:key", "remove it; absent is fine", deleteFlag),
  ].map((each) => withFaults("flags", each)),
];

function route(method: Route["method"], path: string, about: string, run: Route["answer"]): Route {
  return { method, path, about, answer: run };
}

function routerOf(world: World): { stable: number; canary: number } {
  return { stable: 100 - world.canaryWeight, canary: world.canaryWeight };
}

async function putRouter({ world, body, headers, signal }: Ask): Promise<Reply> {
  const read = readFields(body, { canary: isPercentage });
  if (typeof read === "string") return refuse(`${read}: send { "canary": 0 to 100 }`);
  const { canary } = read;
  if (typeof canary !== "number") return refuse('canary is missing: send { "canary": 0 to 100 }');
  const apply = (): unknown => (world.canaryWeight = canary);
  await performWrite(world, { what: "router.canary", headers, apply }, signal);
  return answer(200, { stable: 100 - canary, canary });
}

function getDeploy({ world, params }: Ask): Reply {
  const arm = armOf(params);
  return arm === null ? noVersion(params) : answer(200, world.deploys[arm]);
}

async function putDeploy({ world, params, body, headers, signal }: Ask): Promise<Reply> {
  const arm = armOf(params);
  if (arm === null) return noVersion(params);
  const read = readFields(body, { image: isImage, replicas: isReplicas });
  if (typeof read === "string")
    return refuse(`${read}: send { "image": "name:tag", "replicas": 0 to 100 }`);
  const change = read as Partial<Deployment>;
  const apply = (): unknown => (world.deploys[arm] = { ...world.deploys[arm], ...change });
  await performWrite(world, { what: `deploy.${arm}`, headers, apply }, signal);
  return answer(200, { ...world.deploys[arm], ...change });
}

function showFlag(world: World, key: string): Reply {
  const flag = world.flags.get(key);
  return flag === undefined ? noFlag(key) : answer(200, { key, ...flag });
}

async function putFlag({ world, params, body, headers, signal }: Ask): Promise<Reply> {
  const key = keyOf(params);
  const read = readFields(body, { enabled: isBoolean, percentage: isPercentage });
  if (typeof read === "string")
    return refuse(`${read}: send { "enabled": true, "percentage": 0 to 100 }`);
  const change = read as Partial<Flag>;
  const apply = (): unknown => setFlag(world, key, { ...(world.flags.get(key) ?? off), ...change });
  await performWrite(world, { what: `flag.${key}`, headers, apply }, signal);
  return answer(200, { key, ...off, ...world.flags.get(key), ...change });
}

async function killFlag({ world, params, headers, signal }: Ask): Promise<Reply> {
  const key = keyOf(params);
  if (!world.flags.has(key)) return noFlag(key);
  const apply = (): unknown => setFlag(world, key, off);
  await performWrite(world, { what: `flag.${key}`, headers, apply }, signal);
  return answer(200, { key, ...off });
}

async function deleteFlag({ world, params, headers, signal }: Ask): Promise<Reply> {
  const key = keyOf(params);
  const apply = (): unknown => {
    world.flags.delete(key);
    return null;
  };
  await performWrite(world, { what: `flag.${key}`, headers, apply }, signal);
  return answer(204, null);
}

function setFlag(world: World, key: string, flag: Flag): Flag {
  world.flags.set(key, flag);
  return flag;
}

function keyOf(params: Ask["params"]): string {
  return params["key"] ?? "";
}

function armOf(params: Ask["params"]): Arm | null {
  const name = params["version"];
  return name === "stable" || name === "canary" ? name : null;
}

function noVersion(params: Ask["params"]): Reply {
  return refuse(`no version "${params["version"] ?? ""}": there are stable and canary`, 404);
}

function noFlag(key: string): Reply {
  return refuse(`no flag "${key}": PUT /flags/${key} makes it`, 404);
}

/** The body's fields, each tested; a text is what is wrong with them. */
function readFields(
  body: unknown,
  known: Readonly<Record<string, (value: unknown) => boolean>>,
): Record<string, unknown> | string {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    return "the body is no JSON object";
  for (const [name, value] of Object.entries(body)) {
    const test = Object.hasOwn(known, name) ? known[name] : undefined;
    if (test === undefined) return `unknown field "${name}"`;
    if (!test(value)) return `${name} is ${JSON.stringify(value)}`;
  }
  return body as Record<string, unknown>;
}

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}

function isPercentage(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= 100;
}

function isReplicas(value: unknown): boolean {
  return Number.isInteger(value) && isPercentage(value);
}

function isImage(value: unknown): boolean {
  return typeof value === "string" && /^\S+$/.test(value);
}

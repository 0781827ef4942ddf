import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
  type Seen,
} from "../../../support/loopback-server.ts";

// A contract fake: nobody can run LaunchDarkly itself. It enforces what its documentation and its OpenAPI say of
// `GET /api/v2/flags/{project}/{flag}` and of semantic patches to it, and nothing that was only guessed:
// the content type, the token without `Bearer`, all instructions or none, weights that sum to 100,000, ids of variations,
// 405 under approval with the words that users reported, 409 on a concurrent change, and the headers of 429.

export interface FakeFlag {
  archived?: boolean;
  tags: string[];
  variations: { _id: string; name?: string; value: unknown }[];
  environments: Record<string, FakeEnvironment>;
}

export interface FakeEnvironment {
  on: boolean;
  version: number;
  offVariation: number | null;
  fallthrough: {
    variation?: number;
    rollout?: {
      variations: { variation: number; weight: number }[];
      contextKind?: string;
      bucketBy?: string;
      experimentAllocation?: unknown;
    };
  };
  targets: { values: string[]; variation: number }[];
  contextTargets: { values: string[]; variation: number; contextKind: string }[];
  rules: { _id: string; clauses: unknown[]; variation?: number }[];
  prerequisites: { key: string; variation: number }[];
}

export interface FakeLaunchDarkly extends LoopbackServer {
  readonly token: string;
  readonly flags: Map<string, FakeFlag>;
  /** Answers before the service does; null lets it answer. */
  weather: ((seen: Seen) => Reply | "cut" | "hang" | null) | null;
  /** What the environment asks of every change; `dryRun` is not asked for it where it is "writes". */
  approvals: "none" | "required" | "writes";
  /** Runs between reading and keeping a patch, as a concurrent writer does. */
  meanwhile: ((flag: FakeFlag) => void) | null;
}

/** A flag with variations true and false that is off and serves false, as LaunchDarkly makes it. */
export function fakeFlag(more: Partial<FakeEnvironment> = {}): FakeFlag {
  const environment = (): FakeEnvironment => ({
    on: false,
    version: 1,
    offVariation: 1,
    fallthrough: { variation: 1 },
    targets: [],
    contextTargets: [],
    rules: [],
    prerequisites: [],
  });
  return {
    tags: [],
    variations: [
      { _id: "id-true", value: true },
      { _id: "id-false", value: false },
    ],
    environments: { production: { ...environment(), ...more }, test: environment() },
  };
}

/** Starts it with one project, `shop`. */
export async function startFakeLaunchDarkly(): Promise<FakeLaunchDarkly> {
  const state: Pick<FakeLaunchDarkly, "weather" | "approvals" | "meanwhile"> = {
    weather: null,
    approvals: "none",
    meanwhile: null,
  };
  const token = "api-0123456789abcdef";
  const flags = new Map<string, FakeFlag>();
  const server = await startLoopbackServer((seen) => {
    const weather = state.weather?.(seen) ?? null;
    if (weather === "hang") return null;
    if (weather !== null) return weather;
    if (seen.headers.authorization !== token) return error(401, "unauthorized", "Invalid token");
    const url = new URL(seen.path, "http://fake");
    const parts = url.pathname.split("/").slice(1).map(decodeURIComponent);
    if (seen.method === "GET" && parts[2] === "projects" && parts[4] === "environments")
      return json({ key: parts[5], approvalSettings: { required: state.approvals !== "none" } });
    const flag =
      parts[2] === "flags" && parts[3] === "shop" ? flags.get(parts[4] ?? "") : undefined;
    if (flag === undefined) return error(404, "not_found", "Unknown feature flag key");
    if (seen.method === "GET") return read(flag, url.searchParams.get("env"));
    return patch(flag, seen, url.searchParams, state);
  });
  return Object.assign(state, {
    url: server.url,
    seen: server.seen,
    token,
    flags,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  });
}

function read(flag: FakeFlag, environment: string | null): Reply {
  const chosen =
    environment === null
      ? flag.environments
      : Object.fromEntries(
          Object.entries(flag.environments).filter(([key]) => key === environment),
        );
  return json({ ...flag, environments: chosen });
}

interface Body {
  environmentKey?: string;
  instructions?: ({ kind: string } & Record<string, unknown>)[];
}

function patch(
  flag: FakeFlag,
  seen: Seen,
  query: URLSearchParams,
  state: Pick<FakeLaunchDarkly, "approvals" | "meanwhile">,
): Reply {
  const type = seen.headers["content-type"] ?? "";
  if (!type.includes("domain-model=launchdarkly.semanticpatch"))
    return error(400, "invalid_request", "the body is no JSON patch");
  const { environmentKey, instructions } = JSON.parse(seen.body) as Body;
  const key = environmentKey ?? "";
  const live = flag.environments[key];
  if (live === undefined) return error(400, "invalid_request", `unknown environment ${key}`);
  const dryRun = query.get("dryRun") === "true";
  if (state.approvals === "required" || (state.approvals === "writes" && !dryRun))
    return error(
      405,
      "method_not_allowed",
      "Flag configuration updates require approval: action 'updateOn' not allowed",
    );
  const before = live.version;
  const next = structuredClone(live);
  for (const instruction of instructions ?? []) {
    const problem = apply(flag, next, instruction);
    if (problem !== null) return error(400, "invalid_request", problem);
  }
  if (!dryRun) state.meanwhile?.(flag);
  if (flag.environments[key]?.version !== before)
    return error(409, "optimistic_locking_error", "Conflict. Optimistic lock error. Try again.");
  if (JSON.stringify(next) !== JSON.stringify(live)) next.version += 1;
  const changed = { ...flag, environments: { ...flag.environments, [key]: next } };
  if (!dryRun) flag.environments[key] = next;
  return json(changed);
}

/** Applies one instruction; a text says why it cannot be. */
function apply(
  flag: FakeFlag,
  next: FakeEnvironment,
  instruction: { kind: string } & Record<string, unknown>,
): string | null {
  switch (instruction.kind) {
    case "turnFlagOn":
      next.on = true;
      return null;
    case "turnFlagOff":
      next.on = false;
      return null;
    case "updateFallthroughVariationOrRollout":
      return fallthrough(flag, next, instruction);
    default:
      return `unknown instruction ${instruction.kind}`;
  }
}

function fallthrough(
  flag: FakeFlag,
  next: FakeEnvironment,
  given: Record<string, unknown>,
): string | null {
  const indexOf = (id: string): number => flag.variations.findIndex(({ _id }) => _id === id);
  const { variationId, rolloutWeights, rolloutContextKind, rolloutBucketBy } = given;
  if (typeof variationId === "string") {
    const variation = indexOf(variationId);
    if (variation === -1) return `unknown variation ${variationId}`;
    next.fallthrough = { variation };
    return null;
  }
  const weights = Object.entries((rolloutWeights ?? {}) as Record<string, number>);
  if (weights.some(([id]) => indexOf(id) === -1)) return "unknown variation in rolloutWeights";
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  if (sum !== 100_000) return `rolloutWeights must sum to 100000, and sum to ${sum}`;
  next.fallthrough = {
    rollout: {
      variations: weights
        .map(([id, weight]) => ({ variation: indexOf(id), weight }))
        .toSorted((a, b) => a.variation - b.variation),
      contextKind: typeof rolloutContextKind === "string" ? rolloutContextKind : "user",
      ...(typeof rolloutBucketBy === "string" ? { bucketBy: rolloutBucketBy } : {}),
    },
  };
  return null;
}

function json(body: unknown): Reply {
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

function error(status: number, code: string, message: string): Reply {
  return { ...json({ code, message }), status };
}

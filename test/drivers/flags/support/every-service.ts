import type { Json } from "../../../../src/core/units.ts";
import { startRestWorld } from "../../../support/rest-world.ts";
import { fakeFlag, startFakeLaunchDarkly } from "./fake-launchdarkly.ts";
import { POSTHOG_TOKEN, startFakePosthog } from "./fake-posthog.ts";
import { startSmallUnleash, UNLEASH_TOKEN } from "./small-unleash.ts";

/** A service with a flag that serves some users. */
export interface FlagService extends AsyncDisposable {
  readonly url: string;
  /** Whether the flag serves nobody now, asked without the driver. */
  servesNobody(): boolean;
}

export interface ServiceCase {
  /** The verb of the driver. */
  readonly kind: string;
  readonly input: object;
  /** The connection beside its address. */
  readonly connection: Readonly<Record<string, Json>>;
  /** Whether the driver is told by the plan what an answer means, so that a success of a write is in its status alone. */
  readonly described: boolean;
  readonly start: () => Promise<FlagService>;
}

const router = {
  PUT: "/flags/checkout",
  json: { percentage: "${traffic}" },
  read: { GET: "/flags/checkout", json: "percentage" },
};

async function startDescribed(): Promise<FlagService> {
  const world = await startRestWorld();
  world.things.set("/flags/checkout", { percentage: 25 });
  return {
    url: world.url,
    servesNobody: () => world.things.get("/flags/checkout")?.["percentage"] === 0,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** Every driver that shifts a share through a service's HTTP API, with a service that works. */
export const everyService: readonly ServiceCase[] = [
  { kind: "http", input: router, connection: {}, described: true, start: startDescribed },
  {
    kind: "flag",
    input: { set: { PUT: router.PUT, json: router.json }, read: router.read },
    connection: {},
    described: true,
    start: startDescribed,
  },
  {
    kind: "unleash",
    input: { flag: "checkout" },
    connection: { token: UNLEASH_TOKEN, project: "default", environment: "production" },
    described: false,
    async start() {
      const server = await startSmallUnleash();
      return {
        url: server.url,
        servesNobody: () => !server.flag.enabled || server.flag.rollout === "0",
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
  },
  {
    kind: "launchdarkly",
    input: { flag: "checkout" },
    connection: { token: "api-0123456789abcdef", project: "shop", environment: "production" },
    described: false,
    async start() {
      const server = await startFakeLaunchDarkly();
      const flag = fakeFlag({ on: true, fallthrough: { variation: 0 } });
      server.flags.set("checkout", flag);
      return {
        url: server.url,
        servesNobody() {
          const { on, fallthrough } = flag.environments["production"] ?? {};
          return on === false || fallthrough?.variation === 1;
        },
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
  },
  {
    kind: "posthog",
    input: { flag: "checkout", project: 1 },
    connection: { bearer: POSTHOG_TOKEN },
    described: false,
    async start() {
      const server = await startFakePosthog();
      const [group] = server.flag.filters.groups;
      if (group !== undefined) group["rollout_percentage"] = 25;
      return {
        url: server.url,
        servesNobody: () =>
          !server.flag.active || server.flag.filters.groups[0]?.["rollout_percentage"] === 0,
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
  },
];

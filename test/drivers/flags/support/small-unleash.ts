import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
} from "../../../support/loopback-server.ts";

/** The token that it takes. */
export const UNLEASH_TOKEN = "user:0123456789abcdef";

export interface SmallUnleash extends LoopbackServer {
  readonly flag: { enabled: boolean; rollout: string };
}

/**
 * As much of Unleash's API as one flag with one strategy takes, for what a real one cannot be made to do in a moment:
 * `unleash.test.ts` is against a real one.
 */
export async function startSmallUnleash(): Promise<SmallUnleash> {
  const flag = { enabled: true, rollout: "25" };
  const environment = "/api/admin/projects/default/features/checkout/environments/production";
  const strategy = () => ({
    id: "s-1",
    name: "flexibleRollout",
    parameters: { rollout: flag.rollout, stickiness: "default", groupId: "checkout" },
  });
  const server = await startLoopbackServer(({ method, path, headers, body }) => {
    if (headers.authorization !== UNLEASH_TOKEN) return { status: 401, body: "{}" };
    switch (`${method} ${path}`) {
      case "GET /api/admin/user":
        return json({ permissions: [{ permission: "ADMIN" }] });
      case `GET ${environment}`:
        return json({ enabled: flag.enabled, strategies: [strategy()] });
      case `GET ${environment}/strategies`:
        return json([strategy()]);
      case `POST ${environment}/on`:
      case `POST ${environment}/off`:
        flag.enabled = path.endsWith("/on");
        return { status: 200 };
      case `PATCH ${environment}/strategies/s-1`:
        for (const { op, value } of JSON.parse(body) as { op: string; value: string }[])
          if (op === "replace") flag.rollout = value;
        return json(strategy());
      default:
        return { status: 404, body: '{"message":"not found"}' };
    }
  });
  return { ...server, flag };
}

function json(body: unknown): Reply {
  return { status: 200, body: JSON.stringify(body) };
}

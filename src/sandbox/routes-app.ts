import { setTimeout as sleep } from "node:timers/promises";

import { emitLog, recordRequest } from "./advance.ts";
import type { Arm } from "./knobs.ts";
import { answer, refuse, type Ask, type Reply, type Route } from "./reply.ts";
import { chooseArm, serveRequest } from "./serve-request.ts";

/** The service itself: real requests, which take as long and fail as often as the generated ones. */
export const appRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/app",
    about: "the service, through the router; counts as a request",
    answer: (ask) => serveApp(ask),
  },
  {
    method: "GET",
    path: "/app/healthz",
    about: "health, through the router",
    answer: (ask) => probe(ask, chooseArm(ask.world, ask.world.probeRng)),
  },
  {
    method: "GET",
    path: "/stable/healthz",
    about: "health of stable",
    answer: (ask) => probe(ask, "stable"),
  },
  {
    method: "GET",
    path: "/canary/healthz",
    about: "health of the canary",
    answer: (ask) => probe(ask, "canary"),
  },
];

async function serveApp(ask: Ask): Promise<Reply> {
  const { world } = ask;
  const served = serveRequest(world, chooseArm(world, world.probeRng), world.probeRng, ask.now);
  if (served.kind === "dropped") return refuse("bad gateway: the canary does not answer", 502);
  await wait(served.latencyMs, ask.signal);
  const line = recordRequest(world, served, Date.now(), "/app");
  if (line !== null) emitLog(world, [line]);
  if (served.kind === "unavailable") return unavailable(served.arm);
  return answer(served.status, bodyOf(ask, served.arm, served.status));
}

/** A probe is no request of a user: it shows in no metric. */
async function probe(ask: Ask, arm: Arm): Promise<Reply> {
  const served = serveRequest(ask.world, arm, ask.world.probeRng, ask.now);
  if (served.kind === "dropped") return refuse("bad gateway: the canary does not answer", 502);
  await wait(served.latencyMs, ask.signal);
  if (served.kind === "unavailable") return unavailable(arm);
  return answer(served.status, bodyOf(ask, arm, served.status));
}

function unavailable(arm: Arm): Reply {
  return refuse(`service unavailable: ${arm} has 0 replicas`, 503);
}

function bodyOf({ world }: Ask, arm: Arm, status: number): unknown {
  const { image } = world.deploys[arm];
  return {
    status: status === 200 ? "ok" : "failing",
    arm,
    image,
    version: image.slice(image.lastIndexOf(":") + 1),
  };
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  // The one rejection is the abort, and then nobody waits for the answer any more.
  await sleep(ms, undefined, { signal }).catch(() => {});
}

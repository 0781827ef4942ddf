import type { Arm } from "./knobs.ts";
import type { Rng } from "./rng.ts";
import { serviceFlag, type World } from "./world.ts";

/** What became of one request: `dropped` met a dead version, and nobody counted it. */
export type Served =
  | { kind: "answered"; arm: Arm; status: number; latencyMs: number }
  | { kind: "unavailable"; arm: Arm; status: 503; latencyMs: number }
  | { kind: "dropped"; arm: Arm };

/** Sends one request to a version: by the router's weight, or because its user is in the flag's percentage. */
export function chooseArm(world: World, rng: Rng): Arm {
  const routed = rng() * 100 < world.canaryWeight;
  const flag = world.flags.get(serviceFlag);
  // Drawn always, so that a flag which is off does not shift the draws that follow.
  const flagged = rng() * 100 < (flag?.enabled === true ? flag.percentage : 0);
  return routed || flagged ? "canary" : "stable";
}

/** What `arm` answers at `now` (epoch milliseconds). Always three draws, so that no knob shifts the draws that follow. */
export function serveRequest(world: World, arm: Arm, rng: Rng, now: number): Served {
  const failing = rng();
  const noise = normal(rng);
  if (arm === "canary" && world.knobs.deadTarget) return { kind: "dropped", arm };
  if (world.deploys[arm].replicas === 0) {
    return { kind: "unavailable", arm, status: 503, latencyMs: 1 };
  }
  const { errorRate, latencyMs } = behaviourOf(world, arm, now);
  return {
    kind: "answered",
    arm,
    status: failing < errorRate ? 500 : 200,
    latencyMs: Math.max(1, Math.round(latencyMs * Math.exp(0.25 * noise))),
  };
}

/** The version's knobs, with the spike in force at `now` on top. */
function behaviourOf(
  world: World,
  arm: Arm,
  now: number,
): { errorRate: number; latencyMs: number } {
  const { errorRate, latencyMs } = world.knobs[arm];
  const { spike } = world.knobs;
  if (spike === null || spike.arm !== arm || now > spike.until) return { errorRate, latencyMs };
  return { errorRate: spike.errorRate ?? errorRate, latencyMs: spike.latencyMs ?? latencyMs };
}

/** Standard normal by Box and Muller, cut at 3, so that the p95 of a few samples stays near 1.5 times the median. */
function normal(rng: Rng): number {
  const radius = Math.sqrt(-2 * Math.log(1 - rng()));
  return Math.max(-3, Math.min(3, radius * Math.cos(2 * Math.PI * rng())));
}

import { chooseArm, serveRequest, type Served } from "./serve-request.ts";
import { countRequest, forgetOldSamples } from "./traffic.ts";
import type { World } from "./world.ts";

const stepMs = 100;
const maxGapMs = 60_000;
const maxLogLines = 10_000;

/**
 * Lets the generated load run up to `now` (epoch milliseconds), in fixed steps of 100 ms: what happens depends on the
 * seed and the time, not on when somebody asks. After a suspend or a turned-back clock it goes on from `now`.
 */
export function advance(world: World, now: number): void {
  const { traffic } = world;
  if (now - traffic.at > maxGapMs || traffic.at - now > stepMs) traffic.at = now;
  const lines: string[] = [];
  while (traffic.at + stepMs <= now) {
    traffic.at += stepMs;
    traffic.owed += (world.knobs.load * stepMs) / 1000;
    const count = Math.floor(traffic.owed);
    traffic.owed -= count;
    runStep(world, count, lines);
  }
  forgetOldSamples(traffic.arms.stable, traffic.at);
  forgetOldSamples(traffic.arms.canary, traffic.at);
  emitLog(world, lines);
}

function runStep(world: World, count: number, lines: string[]): void {
  const { traffic, loadRng } = world;
  let busyMs = 0;
  for (let index = 0; index < count; index += 1) {
    const at = traffic.at - stepMs + Math.floor(((index + 1) * stepMs) / count);
    const served = serveRequest(world, chooseArm(world, loadRng), loadRng, at);
    const line = recordRequest(world, served, at, "/checkout");
    if (line !== null) lines.push(line);
    if (served.kind === "answered") busyMs += served.latencyMs;
  }
  // Little's law: connections in use = arrivals per millisecond × milliseconds each is held.
  traffic.dbActive = Math.min(traffic.dbSize, Math.round(busyMs / stepMs));
}

/** Counts one request and gives its log line; `null` for one that nobody answered. */
export function recordRequest(
  world: World,
  served: Served,
  at: number,
  path: string,
): string | null {
  if (served.kind === "dropped") return null;
  const { arm, status, latencyMs } = served;
  countRequest(world.traffic.arms[arm], { at, status, latencyMs }, served.kind === "answered");
  const level = status >= 500 ? "ERROR" : "INFO";
  return `${new Date(at).toISOString()} ${level} request path=${path} version=${arm} status=${status} latency=${latencyMs}`;
}

/** Adds lines to the log: to the file, and to what `GET /logs` shows. */
export function emitLog(world: World, lines: readonly string[]): void {
  if (lines.length === 0) return;
  world.logLines.push(...lines);
  if (world.logLines.length > 2 * maxLogLines) {
    world.logLines.splice(0, world.logLines.length - maxLogLines);
  }
  world.onLog(lines);
}

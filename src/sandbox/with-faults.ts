import type { Hang, Knobs } from "./knobs.ts";
import { refuse, type Ask, type Reply, type Route } from "./reply.ts";

/** The part of the sandbox that a pair of knobs can break. */
export type Area = "router" | "flags" | "deploy" | "metrics";

/** The route under the area's knobs: it hangs, or answers with a set status, or does its work. */
export function withFaults(area: Area, route: Route): Route {
  return { ...route, answer: (ask) => answerFaulty(area, route, ask) };
}

async function answerFaulty(area: Area, route: Route, ask: Ask): Promise<Reply> {
  const { hang, status } = faultOf(area, ask.world.knobs);
  if (hang === true) return { kind: "hang" };
  if (status !== null) return refuse(`the sandbox was told to answer ${status} here`, status);
  const reply = await route.answer(ask);
  return hang === "applied" ? { kind: "hang" } : reply;
}

function faultOf(area: Area, knobs: Knobs): { hang: Hang; status: number | null } {
  switch (area) {
    case "router":
      return { hang: knobs.hangRouter, status: knobs.routerStatus };
    case "flags":
      return { hang: knobs.hangFlags, status: knobs.flagsStatus };
    case "deploy":
      return { hang: knobs.hangDeploy, status: knobs.deployStatus };
    case "metrics":
      return { hang: knobs.hangMetrics, status: knobs.metricsStatus };
  }
}

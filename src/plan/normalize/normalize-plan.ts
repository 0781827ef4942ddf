import type { Check, Plan } from "../../core/plan.ts";
import type { Json } from "../../core/units.ts";
import { decodeMap, expectMap } from "../decode/decode-map.ts";
import { isMap, type JsonMap } from "../decode/is-map.ts";
import type { Loading } from "../loading.ts";
import { aboutShape } from "../schema/about-shape.ts";
import { planSections, planShape } from "../schema/plan-shape.ts";
import { normalizeActions } from "./actions.ts";
import { resolveAnnouncements } from "./announcements.ts";
import { checkList } from "./check-list.ts";
import { normalizeChecks } from "./checks.ts";
import { normalizeConnections } from "./connections.ts";
import { normalizeDuring, withDuring } from "./during.ts";
import { listItems } from "./list-items.ts";
import { normalizeMessages } from "./messages.ts";
import { normalizeMetrics } from "./metrics.ts";
import type { Names } from "./names.ts";
import { normalizePlaybooks, type PlaybookContext } from "./playbooks.ts";
import { normalizeReactions } from "./reactions.ts";
import { normalizeRollback } from "./rollback.ts";
import { scaleInterval } from "./scale-interval.ts";
import { normalizeStages } from "./stages.ts";
import { normalizeTriggers } from "./triggers.ts";

const MAX_BLIND = 600_000;
const INTERVAL = 10_000;

/**
 * Turns the substituted document into a plan. What is wrong is reported and left out, so that the rest is still judged;
 * the plan is good for use only when nothing was reported. Null where the document is no map.
 */
export function normalizePlan(
  loading: Loading,
  root: Json,
  playbooks: PlaybookContext,
): Plan | null {
  const map = expectMap(loading, root, []);
  if (map === null) return null;
  const values = decodeMap(loading, planShape, map, [], Object.keys(planSections));
  const { connections, names: byType } = normalizeConnections(loading, map["connections"]);
  const metrics = normalizeMetrics(loading, map["metrics"], byType);
  const { checks, names: byKind, off } = normalizeChecks(loading, map["checks"], byType);
  const names: Names = {
    connections: byType,
    metrics: metrics.names,
    checks: byKind,
    offChecks: off,
    playbooks: new Set(isMap(map["playbooks"]) ? Object.keys(map["playbooks"]) : []),
  };
  const traffic = listItems(loading, map["traffic"], ["traffic"]);
  loading.sourceOf.set("traffic", ["traffic"]);
  const interval = scaleInterval(values.interval ?? INTERVAL, loading.timeScale);
  const sections = { stages: map["stages"], everyStage: map["everyStage"], traffic, interval };
  const before = { list: map["preflight"], path: ["preflight"], prefix: "preflight", waits: true };
  const preflight = checkList(loading, before, names, checks);
  const during = normalizeDuring(loading, map["during"], names);
  const stages = withDuring(normalizeStages(loading, sections, names, checks), during);
  const last = { list: map["finish"], path: ["finish"], owner: "finish" };
  return {
    apiVersion: "canary/v1",
    kind: "Plan",
    name: values.name ?? "plan",
    about: aboutOf(loading, map),
    params: Object.fromEntries(loading.params),
    connections,
    metrics: metrics.metrics,
    preflight,
    stages,
    finish: [...normalizeActions(loading, last, names, traffic), ...during.end],
    triggers: normalizeTriggers(loading, map["triggers"], names),
    rollback: normalizeRollback(loading, map["rollback"], interval, names, checks),
    ...reactionsOf(loading, map, names, checks),
    ...playbooksOf(loading, map, names, playbooks),
    // After everything that may stand inline: those checks are in the library by now.
    checks: Object.fromEntries(checks),
    ...(values.store === undefined ? {} : { store: values.store }),
    onRunnerLost: values.onRunnerLost ?? "rollback",
    maxBlind: (values.maxBlind ?? MAX_BLIND) * loading.timeScale,
    interval,
  };
}

/** A plan without `on` has none, so that its digest is that of the plan before there was `on`. */
function reactionsOf(
  loading: Loading,
  map: JsonMap,
  names: Names,
  checks: Map<string, Check>,
): Pick<Plan, "reactions"> {
  const messages = normalizeMessages(loading, map["messages"]);
  const announced = resolveAnnouncements(loading, checks, messages, names);
  const reactions = normalizeReactions(loading, map["on"], names, { messages, announced });
  return reactions.length === 0 ? {} : { reactions };
}

function playbooksOf(
  loading: Loading,
  map: JsonMap,
  names: Names,
  context: PlaybookContext,
): Pick<Plan, "playbooks"> {
  const playbooks = normalizePlaybooks(loading, map["playbooks"], names, context);
  return Object.keys(playbooks).length === 0 ? {} : { playbooks };
}

function aboutOf(loading: Loading, map: JsonMap): Plan["about"] {
  const given = map["about"];
  const about = given === undefined ? {} : decodeMap(loading, aboutShape, given, ["about"]);
  return { owner: about.owner ?? null, tier: about.tier ?? null, links: about.links ?? {} };
}

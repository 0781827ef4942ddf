import { z } from "zod";

import type { Json } from "../core/units.ts";
import { callJson, textAt, type Answered, type Call } from "./http-delivery.ts";
import {
  OPEN,
  type Delivery,
  type Notice,
  type SinkContext,
  type SinkDriver,
  type StageNotice,
} from "./sink.ts";

const config = z.strictObject({
  url: z.string().min(1).describe("address of Grafana"),
  token: z
    .string()
    .min(1)
    .describe("a service account token that may write annotations, as a reference"),
  dashboard: z
    .string()
    .min(1)
    .optional()
    .describe("uid of the dashboard; without it every dashboard that asks for the tags shows them"),
  panel: z.int().min(0).optional().describe("id of the one panel that shows them"),
  tags: z.array(z.string().min(1)).optional().describe("further tags of every annotation"),
});

type Config = z.infer<typeof config>;

/**
 * A region for each stage, from its beginning to its end, and a mark for everything else. Their tags say how they went
 * (`canary:passed`, `canary:rolled-back`, …), which is what Grafana colours by.
 */
export const grafana: SinkDriver<Config> = {
  type: "grafana",
  description: "annotates Grafana: a region for each stage, tagged by how it went, and marks",
  config,
  secrets: ["token"],
  options: null,
  closes: "end",
  async deliver(notice, context) {
    const { stage, event } = notice;
    const open = context.receipt[OPEN];
    if (event === "stage-started" && stage !== null) return beginRegion(notice, stage, context);
    const ends = event === "stage-passed" || event === "rolling-back" || notice.isEnd;
    if (ends && open !== undefined && stage !== null && context.receipt["stage"] === stage.name)
      return endRegion(notice, stage, context, open);
    if (!notice.asked) return { kind: "delivered" };
    const whole = (event === "stage-passed" || event === "rolling-back") && stage?.began != null;
    const json: Json = whole
      ? { ...region(notice, stage, context), timeEnd: notice.at }
      : { ...mark(notice, context) };
    const answer = await ask(context, "POST", "", json);
    return answer.kind === "accepted" ? { kind: "delivered" } : answer;
  },
};

/** A region that was made but not journalled is found again by its tags: there is one for each stage of a rollout. */
async function beginRegion(
  notice: Notice,
  stage: StageNotice,
  context: SinkContext<Config>,
): Promise<Delivery> {
  const own = [`rollout:${notice.rollout}`, `stage:${stage.name}`, "canary:stage"];
  const query = own.map((tag) => `tags=${encodeURIComponent(tag)}`).join("&");
  const found = await ask(context, "GET", `?${query}&limit=1`);
  if (found.kind !== "accepted") return found;
  const known = Array.isArray(found.json) ? textAt(found.json[0] ?? null, "id") : null;
  if (known !== null) return { kind: "delivered", receipt: { [OPEN]: known, stage: stage.name } };
  const made = await ask(context, "POST", "", { ...region(notice, stage, context) });
  if (made.kind !== "accepted") return made;
  const id = textAt(made.json, "id");
  if (id === null) return { kind: "refused", why: "Grafana answered without an id" };
  return { kind: "delivered", receipt: { [OPEN]: id, stage: stage.name } };
}

async function endRegion(
  notice: Notice,
  stage: StageNotice,
  context: SinkContext<Config>,
  id: string,
): Promise<Delivery> {
  const { text, tags } = region(notice, stage, context);
  const json = { timeEnd: notice.at, text, tags };
  const answer = await ask(context, "PATCH", `/${encodeURIComponent(id)}`, json);
  // Somebody removed it: there is nothing left to end.
  if (answer.kind === "refused" && answer.why.startsWith("status 404"))
    return { kind: "delivered", receipt: {} };
  return answer.kind === "accepted" ? { kind: "delivered", receipt: {} } : answer;
}

function ask(
  { config, http, signal, now }: SinkContext<Config>,
  method: Call["method"],
  path: string,
  json?: Json,
): Promise<Answered> {
  const url = `${config.url.replace(/\/$/u, "")}/api/annotations${path}`;
  const headers = { authorization: `Bearer ${config.token}`, accept: "application/json" };
  const body = json === undefined ? {} : { json };
  return callJson({ http, signal, now, method, url, headers, ...body });
}

interface Annotation {
  readonly time: number;
  readonly tags: readonly string[];
  readonly text: string;
  readonly dashboardUID?: string;
  readonly panelId?: number;
}

/** A mark is tagged by its event. */
function mark(notice: Notice, { config }: SinkContext<Config>): Annotation {
  const { plan, rollout, subject, text, at, event } = notice;
  return {
    time: at,
    tags: [
      "canary",
      `canary:${event}`,
      `plan:${plan}`,
      `rollout:${rollout}`,
      ...(config.tags ?? []),
    ],
    text: text === "" ? subject : `${subject}\n${text}`,
    ...(config.dashboard === undefined ? {} : { dashboardUID: config.dashboard }),
    ...(config.panel === undefined ? {} : { panelId: config.panel }),
  };
}

/** A region is tagged by its stage, and by how that went so far. */
function region(notice: Notice, stage: StageNotice, context: SinkContext<Config>): Annotation {
  const { tags, ...rest } = mark(notice, context);
  const [first = "canary", , ...others] = tags;
  const outcome = stage.state.replaceAll(" ", "-");
  const time = stage.began ?? notice.at;
  return {
    ...rest,
    time,
    tags: [first, `canary:${outcome}`, "canary:stage", `stage:${stage.name}`, ...others],
  };
}

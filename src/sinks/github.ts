import { z } from "zod";

import type { Json, Millis, WallTime } from "../core/units.ts";
import { cutText } from "./cut-text.ts";
import {
  callJson,
  retryAfter,
  textAt,
  type Answered,
  type Call,
  type HttpAnswer,
} from "./http-delivery.ts";
import type { Delivery, Notice, SinkContext, SinkDriver } from "./sink.ts";
import { webLinks } from "./web-links.ts";

const config = z.strictObject({
  repo: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/u, "write owner/name")
    .describe("the repository, as owner/name"),
  token: z.string().min(1).describe("a token that may write deployments, as a reference"),
  ref: z.string().min(1).describe("the commit, tag or branch that is rolled out"),
  environment: z.string().min(1).optional().describe("its name; without it production"),
  production: z.boolean().optional().describe("whether users work in it; without it yes"),
  status: z
    .string()
    .min(1)
    .optional()
    .describe("the context of a commit status beside the deployment, like canary/production"),
  url: z.string().min(1).optional().describe("address of the API; without it GitHub's"),
});

type Config = z.infer<typeof config>;

const URL = "https://api.github.com";
/** GitHub's own bound of a description. */
const DESCRIPTION = 140;

/** A deployment for each rollout and its state as it goes on; with `status` also the state of the commit. */
export const github: SinkDriver<Config> = {
  type: "github",
  description: "records the rollout as a GitHub deployment, and as a commit status where asked",
  config,
  secrets: ["token"],
  options: null,
  closes: "end",
  async deliver(notice, context) {
    const deployment = await deploymentOf(notice, context);
    if (deployment.kind !== "found") return deployment;
    const { id, sha } = deployment;
    const receipt = { open: id, sha };
    const states = `deployments/${encodeURIComponent(id)}/statuses`;
    const told = await ask(context, "POST", states, deploymentState(notice));
    if (told.kind !== "accepted") return { ...told, receipt };
    const { status } = context.config;
    if (status === undefined) return over(notice, receipt);
    const path = `statuses/${encodeURIComponent(sha)}`;
    const shown = await ask(context, "POST", path, { ...commitState(notice), context: status });
    return shown.kind === "accepted" ? over(notice, receipt) : { ...shown, receipt };
  },
};

function over(notice: Notice, receipt: Readonly<Record<string, string>>): Delivery {
  return { kind: "delivered", receipt: notice.isEnd ? {} : receipt };
}

type Deployment =
  | { readonly kind: "found"; readonly id: string; readonly sha: string }
  | Exclude<Delivery, { kind: "delivered" }>;

/** The deployment of this rollout: known, or made before by a process that died, or made now. */
async function deploymentOf(
  { rollout, plan }: Notice,
  context: SinkContext<Config>,
): Promise<Deployment> {
  const { config, receipt } = context;
  const { open, sha } = receipt;
  if (open !== undefined && sha !== undefined) return { kind: "found", id: open, sha };
  const environment = config.environment ?? "production";
  const query = `ref=${encodeURIComponent(config.ref)}&environment=${encodeURIComponent(environment)}`;
  const list = await ask(context, "GET", `deployments?${query}&per_page=20`);
  if (list.kind !== "accepted") return list;
  const all: readonly Json[] = Array.isArray(list.json) ? list.json : [];
  const known = all.find((each) => textAt(each, "payload", "rollout") === rollout);
  if (known !== undefined) return found(known);
  const made = await ask(context, "POST", "deployments", {
    ref: config.ref,
    environment,
    production_environment: config.production ?? true,
    // Without these two GitHub merges the branch, or waits for checks that may never come.
    auto_merge: false,
    required_contexts: [],
    description: cutText(`canary rollout of ${plan}`, DESCRIPTION),
    payload: { rollout, plan },
  });
  return made.kind === "accepted" ? found(made.json) : made;
}

function found(json: Json): Deployment {
  const [id, sha] = [textAt(json, "id"), textAt(json, "sha")];
  return id === null || sha === null
    ? { kind: "refused", why: "GitHub answered without a deployment" }
    : { kind: "found", id, sha };
}

function deploymentState(notice: Notice): Json {
  const [link] = webLinks(notice);
  return {
    state: stateOf(notice, "in_progress"),
    description: cutText(notice.subject, DESCRIPTION),
    auto_inactive: notice.event === "promoted",
    ...(link === undefined ? {} : { log_url: link.href }),
  };
}

function commitState(notice: Notice) {
  const [link] = webLinks(notice);
  return {
    state: stateOf(notice, "pending"),
    description: cutText(notice.subject, DESCRIPTION),
    ...(link === undefined ? {} : { target_url: link.href }),
  };
}

function stateOf({ event }: Notice, otherwise: "in_progress" | "pending"): string {
  switch (event) {
    case "promoted":
      return "success";
    case "rolled-back":
      return "failure";
    case "rollback-failed":
    case "halted":
      return "error";
    default:
      return otherwise;
  }
}

function ask(
  { config, http, signal, now }: SinkContext<Config>,
  method: Call["method"],
  path: string,
  json?: Json,
): Promise<Answered> {
  return callJson({
    http,
    signal,
    now,
    method,
    url: `${(config.url ?? URL).replace(/\/$/u, "")}/repos/${config.repo}/${path}`,
    headers: {
      authorization: `Bearer ${config.token}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
    },
    ...(json === undefined ? {} : { json }),
    isBusy: (answer) => limited(answer, now()),
  });
}

/** GitHub says 403 to a token without rights, and to one that asks too much: the headers tell which. */
function limited(
  { status, headers }: HttpAnswer,
  now: WallTime,
): { readonly after: Millis | null } | null {
  if (status !== 403) return null;
  const after = retryAfter(headers["retry-after"], now);
  if (after !== null) return { after };
  if (headers["x-ratelimit-remaining"] !== "0") return null;
  const reset = Number(headers["x-ratelimit-reset"]) * 1000;
  return { after: Number.isFinite(reset) ? Math.max(0, reset - now) : null };
}

import type { Json } from "../../../src/core/units.ts";
import { json, startFakeApi, type Asked, type FakeApi } from "./fake-api.ts";

export interface FakeGithub extends FakeApi {
  readonly deployments: readonly Readonly<Record<string, Json>>[];
  /** States of deployments and of the commit, in order. */
  readonly states: readonly string[];
}

export const SHA = "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d";
const STATES: ReadonlySet<Json> = new Set([
  "queued",
  "pending",
  "in_progress",
  "success",
  "failure",
  "error",
  "inactive",
]);
const COMMIT_STATES: ReadonlySet<Json> = new Set(["error", "failure", "pending", "success"]);

/** GitHub's deployments, their statuses, and commit statuses. */
export async function startFakeGithub(token: string): Promise<FakeGithub> {
  const deployments: Readonly<Record<string, Json>>[] = [];
  const states: string[] = [];
  function answer({ method, path, headers, json: body }: Asked) {
    if (headers.authorization !== `Bearer ${token}`)
      return json(401, { message: "Bad credentials" });
    if (headers["x-github-api-version"] !== "2022-11-28")
      return json(400, { message: "no version" });
    const url = new URL(path, "http://x");
    const place = url.pathname.replace("/repos/acme/shop/", "");
    const { description = "" } = body;
    if (typeof description !== "string" || description.length > 140)
      return json(422, { message: "Validation Failed" });
    if (place === "deployments" && method === "GET") {
      const wanted = [url.searchParams.get("ref"), url.searchParams.get("environment")];
      return json(
        200,
        deployments.filter(
          ({ ref, environment }) => ref === wanted[0] && environment === wanted[1],
        ),
      );
    }
    if (place === "deployments" && method === "POST") return deploy(body, deployments);
    const [, deployment] = /^deployments\/(\d+)\/statuses$/u.exec(place) ?? [];
    if (deployment !== undefined) {
      if (!deployments.some(({ id }) => word(id) === deployment))
        return json(404, { message: "Not Found" });
      if (!STATES.has(body["state"] ?? "")) return json(422, { message: "Validation Failed" });
      states.push(`deployment ${word(body["state"])}`);
      return json(201, { id: states.length });
    }
    if (place !== `statuses/${SHA}`) return json(404, { message: "Not Found" });
    if (!COMMIT_STATES.has(body["state"] ?? "")) return json(422, { message: "Validation Failed" });
    states.push(`${word(body["context"])} ${word(body["state"])}`);
    return json(201, { id: states.length });
  }
  return { ...(await startFakeApi(answer)), deployments, states };
}

function deploy(body: Asked["json"], deployments: Readonly<Record<string, Json>>[]) {
  // Without these two the real one merges the base branch, or refuses for want of green checks.
  if (body["auto_merge"] !== false) return json(202, { message: "Auto-merged main into it" });
  const contexts = body["required_contexts"];
  if (!Array.isArray(contexts) || contexts.length > 0)
    return json(409, { message: "Conflict: Commit status checks failed" });
  if (body["ref"] === "nowhere") return json(422, { message: "No ref found for: nowhere" });
  const made = { ...body, id: deployments.length + 1, sha: SHA };
  deployments.push(made);
  return json(201, made);
}

function word(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

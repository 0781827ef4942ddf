import { hostname, userInfo } from "node:os";

/** Who acts, for the journal: the CI's actor, `CANARY_BY`, or user and host. */
export function actingPerson(env: NodeJS.ProcessEnv = process.env): string {
  const stated = env["CANARY_BY"] ?? env["GITHUB_ACTOR"] ?? env["GITLAB_USER_LOGIN"];
  if (stated !== undefined && stated !== "") return stated;
  return `${userName(env)}@${hostname()}`;
}

function userName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id that has no name.
    return env["USER"] ?? `uid ${process.getuid?.() ?? "?"}`;
  }
}

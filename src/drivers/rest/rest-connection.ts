import type { HttpConnection } from "./http-connection.ts";

/** The connection types that requests go through. */
export const REST_CONNECTIONS: readonly string[] = ["http", "github"];

const GITHUB = "https://api.github.com";

/** A config as one of an HTTP API; null where it is none. That of GitHub leads to its repository, with its token. */
export function asHttpConnection(config: object): HttpConnection | null {
  if ("repo" in config && typeof config.repo === "string" && "token" in config)
    return {
      url: `${"url" in config && typeof config.url === "string" ? config.url.replace(/\/+$/, "") : GITHUB}/repos/${config.repo}`,
      bearer: String(config.token),
      header: { accept: "application/vnd.github+json" },
    };
  return isHttp(config) ? config : null;
}

function isHttp(config: object): config is HttpConnection {
  return "url" in config && typeof config.url === "string";
}

import type { IncomingMessage } from "node:http";

import { refuse, type Refusal } from "./refusal.ts";

/**
 * Refuses what a web page sends. No page of ours talks to this interface, so every `Origin` is a foreign one; that also
 * stops a page whose name was made to point here. Null when it is no page.
 */
export function crossSite(request: IncomingMessage): Refusal | null {
  const { origin } = request.headers;
  const site = request.headers["sec-fetch-site"];
  if (origin !== undefined)
    return refuse(403, "cross-site", "sent by a web page (it has an Origin): use a command line");
  if (site !== undefined && site !== "none")
    return refuse(403, "cross-site", "sent by a web page (Sec-Fetch-Site): use a command line");
  return null;
}

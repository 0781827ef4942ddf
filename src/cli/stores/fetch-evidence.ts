import { existsSync } from "node:fs";
import { join } from "node:path";

import { MANIFEST } from "../../evidence/manifest-names.ts";
import { composeEvidence } from "../compose.ts";
import type { Place } from "../known-evidence.ts";
import { tell } from "../print.ts";
import { isStoreError } from "./is-store-error.ts";
import { routeOf } from "./routes.ts";
import { sharedStoreAt } from "./shared-stores.ts";

/**
 * Completes the evidence on this machine from the store of a rollout that is over; of one under way a part would be copied.
 * Evidence that was sealed here needs no store.
 */
export async function fetchEvidence(place: Place): Promise<void> {
  const { evidence, id } = place;
  const store = routeOf(place);
  if (store === null || existsSync(join(evidence, id, MANIFEST))) return;
  try {
    const claim = await (await sharedStoreAt(store)).lastClaim(id);
    if (claim !== null && isEnd(claim)) await (await composeEvidence(evidence)).complete(id);
  } catch (error) {
    if (!isStoreError(error)) throw error;
    tell(`canary: ${error.message}\n  going by what is here`);
  }
}

function isEnd(claim: string): boolean {
  const { event } = JSON.parse(claim) as { readonly event?: { readonly end?: unknown } };
  return event?.end !== undefined && event.end !== null;
}

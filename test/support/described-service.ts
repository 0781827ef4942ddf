import type { FlagService } from "./contract-flag-service.ts";
import { startRestWorld } from "./rest-world.ts";

/** A service that a plan describes, with a flag at /flags/checkout. */
export async function startDescribedService(): Promise<FlagService> {
  const world = await startRestWorld();
  world.things.set("/flags/checkout", { percentage: 25 });
  return {
    url: world.url,
    servesNobody: () => world.things.get("/flags/checkout")?.["percentage"] === 0,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

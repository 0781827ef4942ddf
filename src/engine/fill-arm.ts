import type { Json } from "../core/units.ts";
import { prefillJson } from "../drivers/template.ts";

export type Arm = "canary" | "stable";

/**
 * `${arm}` in a query becomes what its connection calls that arm; the source fills the rest. Throws where the connection
 * does not name it or the query does not ask for it: a comparison with the stable arm must never compare the canary with
 * itself.
 */
export function fillArm(query: Json, connection: Readonly<Record<string, Json>>, arm: Arm): Json {
  const named = armsOf(connection)[arm];
  let asked = false;
  const filled = prefillJson(query, (name) => {
    if (name !== "arm" || typeof named !== "string") return undefined;
    asked = true;
    return named;
  });
  if (arm === "stable" && !asked)
    throw new Error(
      "the metric cannot tell the stable arm: `arms` on its connection, ${arm} in its query",
    );
  return filled;
}

function armsOf({ arms }: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const isMap = typeof arms === "object" && arms !== null && !Array.isArray(arms);
  return isMap ? (arms as Readonly<Record<string, Json>>) : {};
}

import type { Percent } from "../../../core/units.ts";
import { failed, ok } from "../../answer.ts";
import type { Answer } from "../../driver.ts";
import { splitWeights } from "../split-weights.ts";
import { placeName, type ConfPlace, type ConfValues } from "./conf-places.ts";
import type { NginxInput } from "./nginx-input.ts";

/** nginx takes any whole weight; more than this makes its rounds too long to be a share in. */
const MOST = 10_000;

/** Every place that a share is made of, in the order in which they are written. */
export function placesOf(input: NginxInput): readonly ConfPlace[] {
  const { upstream, split, canary, stable = [], routes = [] } = input;
  const places: ConfPlace[] = [];
  if (upstream !== undefined)
    for (const address of [...canary, ...stable])
      places.push({ kind: "server", upstream, address });
  if (split !== undefined) places.push({ kind: "part", variable: split, value: canary[0] ?? "" });
  for (const { map, key } of routes) places.push({ kind: "entry", variable: map, key });
  return places;
}

/** What stands at each place for a share. `live` is what stands there now: a server keeps its other parameters. */
export function wantedOf(input: NginxInput, share: Percent, live: ConfValues): Answer<ConfValues> {
  const { split, canary, stable = [], routes = [] } = input;
  if (split !== undefined && Number(share.toFixed(2)) !== share)
    return failed(`${share} % is too fine: split_clients takes two decimals`);
  const counts = { canary: canary.length, stable: Math.max(1, stable.length) };
  const weights = splitWeights(share, counts, MOST);
  if (weights.kind !== "ok") return weights;
  const wanted: Record<string, string | null> = {};
  for (const place of placesOf(input)) {
    const name = placeName(place);
    if (place.kind === "server") {
      const side = canary.includes(place.address) ? "canary" : "stable";
      wanted[name] = weighed(live[name] ?? "", weights.value[side]);
    } else if (place.kind === "part") {
      wanted[name] = share === 0 ? null : `${share}%`;
    } else {
      const route = routes.find(({ map, key }) => map === place.variable && key === place.key);
      wanted[name] = share === 0 ? null : (route?.to ?? null);
    }
  }
  return ok(wanted);
}

/** nginx knows no weight 0: who is to get nothing is `down`. */
function weighed(parameters: string, weight: number): string {
  const others = parameters
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "down" && !/^weight=\d+$/.test(word));
  return ["", ...others, weight === 0 ? "down" : `weight=${weight}`].join(" ");
}

import type { Change, FieldValue } from "../../../core/field.ts";
import { failed, ok, unknown } from "../../answer.ts";
import type { Answer, DriverContext } from "../../driver.ts";
import { askHaproxy } from "./ask-haproxy.ts";
import { backendValue, placeText, refOf, type HaproxyRef } from "./backend-field.ts";
import { readHaproxy } from "./read-haproxy.ts";

/** Says all of it in one line, so that no request sees half of a split. What HAProxy has against it, it says in words. */
export async function writeHaproxy(
  changes: readonly Change[],
  context: DriverContext,
): Promise<Answer<null>> {
  const places = Map.groupBy(changes, ({ field }) => placeText(refOf(field)));
  let wrote = false;
  for (const group of places.values()) {
    const answer = await writePlace(group, context);
    if (answer.kind !== "ok") return wrote ? unknown(answer.why) : answer;
    wrote = true;
  }
  return ok(null);
}

async function writePlace(
  changes: readonly Change[],
  context: DriverContext,
): Promise<Answer<null>> {
  const [first] = changes;
  if (first === undefined) return ok(null);
  const maps = changes.map(({ field }) => field).filter((field) => refOf(field).kind === "map");
  const live = await readHaproxy(maps, context);
  if (live.kind !== "ok") return failed(live.why);
  const commands = changes.flatMap(({ field, value }) => {
    const now = live.value.find((reading) => reading.field.key === field.key)?.value;
    return commandsOf(refOf(field), value, now ?? { present: false });
  });
  if (commands.length === 0) return ok(null);
  const said = await askHaproxy(refOf(first.field), commands, context);
  if (said.kind !== "ok") return said;
  const words = said.value.trim().replaceAll(/\s*\n\s*/g, " ");
  if (words === "") return ok(null);
  // One refusal for all of them; anything else may have let some of them through.
  return /^(?:Permission denied\W*)+$/.test(words) || commands.length === 1
    ? failed(`HAProxy says: ${words}`)
    : unknown(`HAProxy says: ${words}`);
}

function commandsOf(ref: HaproxyRef, value: FieldValue, live: FieldValue): readonly string[] {
  if (ref.kind === "map") return mapCommands(ref, value, live);
  // A server that stops is told so first, and one that starts last: nobody goes to it with the wrong weight.
  const servers = Object.entries(backendValue(value));
  const state = (wanted: boolean): readonly string[] =>
    servers
      .filter(([, server]) => (server.state === "ready") === wanted)
      .map(([name, server]) => `set server ${ref.backend}/${name} state ${server.state}`);
  const weights = servers.map(
    ([name, { weight }]) => `set server ${ref.backend}/${name} weight ${weight}`,
  );
  return [...state(false), ...weights, ...state(true)];
}

/** `add map` would make a second entry, and `set map` none. */
function mapCommands(
  { map, key }: HaproxyRef & { kind: "map" },
  value: FieldValue,
  live: FieldValue,
): readonly string[] {
  if (!value.present) return live.present ? [`del map ${map} ${key}`] : [];
  const text = typeof value.value === "string" ? value.value : JSON.stringify(value.value);
  return [`${live.present ? "set" : "add"} map ${map} ${key} ${text}`];
}

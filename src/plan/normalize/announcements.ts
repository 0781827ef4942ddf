import type { Check } from "../../core/plan.ts";
import { decodeMap } from "../decode/decode-map.ts";
import type { JsonMap } from "../decode/is-map.ts";
import { unknownName } from "../decode/unknown-name.ts";
import type { SourcePath } from "../diagnostic.ts";
import type { Loading } from "../loading.ts";
import { announcedShape } from "../schema/announced-shape.ts";
import type { Message } from "./messages.ts";
import type { Names } from "./names.ts";
import { sinksOf } from "./reaction-sinks.ts";

const VALID = 14 * 86_400_000;

/** A check that a message was sent in time, by its name; what the message says is added when all messages are read. */
export function announcedCheck(
  loading: Loading,
  map: JsonMap,
  path: SourcePath,
): Pick<Check, "connection" | "input"> | null {
  const common = ["if", "name", "as", "outputs", "services"];
  const { announced, ahead, valid } = decodeMap(loading, announcedShape, map, path, common);
  if (announced === undefined || ahead === undefined) return null;
  const input = {
    announced,
    ahead: ahead * loading.timeScale,
    valid: (valid ?? VALID) * loading.timeScale,
  };
  return { connection: null, input };
}

/** Adds to each of these checks what is announced and to whom; gives the names of the messages that they use. */
export function resolveAnnouncements(
  loading: Loading,
  checks: Map<string, Check>,
  messages: ReadonlyMap<string, Message>,
  names: Names,
): readonly string[] {
  const used: string[] = [];
  for (const [key, check] of checks) {
    const name = check.driver === "announced" ? check.input["announced"] : null;
    if (typeof name !== "string") continue;
    used.push(name);
    const path = loading.sourceOf.get(`check:${key}`) ?? ["checks", key];
    const message = messages.get(name);
    if (message === undefined) {
      const fix = unknownName(name, [...messages.keys()]) ?? "define it under `messages`";
      const about = `there is no message ${name}`;
      loading.report([...path, "announced"], { code: "unknown-message", message: about, fix });
      continue;
    }
    const to = sinksOf(loading, message.to, message.path, names).map((sink) => sink.name);
    if (message.to.length === 0)
      loading.report(message.path, {
        code: "missing-key",
        message: `the message ${name} is announced to nobody`,
        fix: "add to: [ … ] with the connections that are told",
        atKey: true,
      });
    const { subject, text } = message;
    checks.set(key, { ...check, input: { ...check.input, subject, text, to } });
  }
  return used;
}

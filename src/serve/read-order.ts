import { isRolloutId } from "../evidence/rollout-id.ts";
import { refuse, type Refusal } from "./refusal.ts";

/** What the body of an abort says. */
export interface Order {
  readonly kind: "order";
  readonly reason: string;
  /** Without a leading @; null when it is not stated. */
  readonly operator: string | null;
  readonly version: string | null;
  readonly rollout: string | null;
}

const KEYS = ["reason", "confirmed", "operator", "version", "rollout"];
const LONGEST = 1000;

/** Reads an order. Only the boolean `true` confirms, and a key that is not known is refused: it may be a misspelt version. */
export function readOrder(value: unknown): Order | Refusal {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return malformed("the body is no JSON object");
  const body = value as Readonly<Record<string, unknown>>;
  const odd = Object.keys(body).find((key) => !KEYS.includes(key));
  if (odd !== undefined)
    return malformed(
      `the body has an unknown key ${JSON.stringify(odd.slice(0, 40))}: it may have ${KEYS.join(", ")}`,
    );
  if (body["confirmed"] !== true)
    return refuse(
      400,
      "not-confirmed",
      'not confirmed: send "confirmed": true, without quotes around true',
    );
  const texts = { reason: "", operator: "", version: "", rollout: "" };
  for (const key of ["reason", "operator", "version", "rollout"] as const) {
    const text = textOf(body[key]);
    if (text === null) return malformed(`"${key}" is no text of 1 to ${LONGEST} characters`);
    texts[key] = text;
  }
  if (texts.reason === "") return malformed('"reason" is missing: say why, for the record');
  if (texts.rollout !== "" && !isRolloutId(texts.rollout))
    return malformed('"rollout" is no id of a rollout: `canary list` shows them');
  return {
    kind: "order",
    reason: texts.reason,
    operator: texts.operator.replace(/^@/u, "") || null,
    version: texts.version || null,
    rollout: texts.rollout || null,
  };
}

/** On one line; empty when it is absent, null when it is none. */
function textOf(value: unknown): string | null {
  if (value === undefined) return "";
  if (typeof value !== "string" || value.length > LONGEST) return null;
  const text = value.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]+/gu, " ").trim();
  return text === "" ? null : text;
}

function malformed(text: string): Refusal {
  return refuse(400, "malformed", text);
}

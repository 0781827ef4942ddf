import type { IncomingMessage } from "node:http";

import { findToken } from "./find-token.ts";
import { refuse, type Refusal } from "./refusal.ts";
import type { Token } from "./token.ts";

/** The bearer of a request's token, or why it is refused. The answer never repeats what was sent. */
export function authorize(
  request: IncomingMessage,
  tokens: readonly Token[],
  now: number,
): { readonly kind: "bearer"; readonly token: Token } | Refusal {
  const given = request.headersDistinct["authorization"] ?? [];
  const [only = ""] = given;
  const text = /^Bearer +([\w.~+/=-]{1,500})$/iu.exec(only)?.[1];
  if (given.length === 0)
    return refuse(401, "no-token", "no token: send the header Authorization: Bearer TOKEN");
  if (given.length > 1 || text === undefined)
    return refuse(401, "no-token", "the header Authorization is not of the form Bearer TOKEN");
  const token = findToken(tokens, text);
  if (token === null)
    return refuse(401, "unknown-token", "this token is not known: it was never issued, or revoked");
  if (Date.parse(token.expires) <= now)
    return refuse(
      401,
      "expired-token",
      `this token expired at ${token.expires}: ask for a new one`,
      {
        token: token.id,
      },
    );
  return { kind: "bearer", token };
}

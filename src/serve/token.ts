import { z } from "zod";

/** Who may use the HTTP interface until when. The token itself is nowhere: only its SHA-256 is kept. */
export interface Token {
  /** Names it in lists and in the audit trail; no secret. */
  readonly id: string;
  readonly person: string;
  readonly roles: readonly string[];
  /** Of the token's whole text, in hex. */
  readonly sha256: string;
  /** ISO 8601, UTC. */
  readonly issued: string;
  readonly expires: string;
}

const time = z.iso.datetime();

const schema = z.strictObject({
  v: z.literal(1),
  tokens: z.array(
    z.strictObject({
      id: z.string().regex(/^[0-9a-f]{8}$/u),
      person: z.string().min(1),
      roles: z.array(z.string().min(1)),
      sha256: z.string().regex(/^[0-9a-f]{64}$/u),
      issued: time,
      expires: time,
    }),
  ),
});

/** Reads what `showTokens` wrote. Throws with what is wrong, never with the text itself. */
export function parseTokens(text: string): readonly Token[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("the tokens are no JSON: write them with `canary token`");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data.tokens;
  const [issue] = parsed.error.issues;
  throw new Error(
    `the tokens are wrong at ${issue?.path.join(".") ?? ""}: write them with \`canary token\``,
  );
}

/** The file's text. */
export function showTokens(tokens: readonly Token[]): string {
  return `${JSON.stringify({ v: 1, tokens }, null, 2)}\n`;
}

/** Shorter values would hide ordinary words: such a secret is redacted only where a text is nothing else. */
export const SHORTEST = 4;
/** A shorter line of a secret with several lines (`}`, `---`) says nothing. */
const SHORTEST_LINE = 8;
/** A shorter stretch of base64 may be part of anything. */
const SHORTEST_STRETCH = 8;

/** What is at least this long in an address and holds a digit, or longer, is no word of a path. */
const SHORTEST_TOKEN = 16;
const LONGEST_WORD = 24;

/**
 * The texts in which a secret may stand in logs and answers: as it is, line by line, and as JSON (once and twice), URLs,
 * HTML, the shell, hex and base64 write it, base64 also in the middle of something longer. Of an address also what is
 * secret in it: a server that says what it did not find repeats the path, and not the host before it.
 */
export function secretForms(value: string): readonly string[] {
  const lines = value.split(/\r?\n/u).map((line) => line.trim());
  const wholes = [
    value,
    value.trim(),
    ...tokensOf(value),
    ...lines.filter((line) => line.length >= SHORTEST_LINE),
  ];
  const forms = wholes.flatMap(encodings);
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST);
}

/** Tokens in an address, as in that of an incoming webhook, and its password. */
function tokensOf(value: string): readonly string[] {
  const address = URL.parse(value.trim());
  if (address === null || address.host === "") return [];
  const parts = [...address.pathname.split("/"), ...address.searchParams.values()];
  return [...parts.filter(isToken), address.password];
}

function isToken(part: string): boolean {
  return part.length >= LONGEST_WORD || (part.length >= SHORTEST_TOKEN && /\d/u.test(part));
}

function encodings(text: string): readonly string[] {
  const bytes = Buffer.from(text, "utf8");
  const json = JSON.stringify(text).slice(1, -1);
  const url = encodeURIComponent(text.toWellFormed());
  const form = new URLSearchParams([["", text]]).toString().slice(1);
  return [
    text,
    json,
    JSON.stringify(json).slice(1, -1),
    // Go escapes these three in JSON, PHP the slash.
    json.replaceAll(/[<>&]/gu, (sign) => `\\u00${sign.codePointAt(0)?.toString(16)}`),
    json.replaceAll("/", String.raw`\/`),
    url,
    url.replaceAll(/%[\dA-F]{2}/gu, (code) => code.toLowerCase()),
    url.replaceAll("%20", "+"),
    form,
    text
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;"),
    text.replaceAll("'", String.raw`'\''`),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...base64Forms(bytes),
  ];
}

/** Base64 takes three bytes at a time, so inside something longer a value looks different at each of three offsets. */
function base64Forms(bytes: Buffer): readonly string[] {
  const stretches = [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    // The first and the last character also hold bits of the neighbours.
    const from = Math.ceil((offset * 4) / 3);
    const to = Math.floor((padded.length * 8) / 6);
    return padded.toString("base64").slice(from, to);
  });
  const plain = [bytes.toString("base64"), bytes.toString("base64").replace(/=+$/u, "")];
  const all = [...plain, ...stretches.filter((text) => text.length >= SHORTEST_STRETCH)];
  return [...all, ...all.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))];
}

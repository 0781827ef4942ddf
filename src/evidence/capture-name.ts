import { createHash } from "node:crypto";

/** Well below the 255 bytes of a file name, with room for a mark. */
const LONGEST = 120;
const UNSAFE = /[^\p{L}\p{N}._+=@,()-]+/gu;

/**
 * The file name of a capture: the runbook's own name where that is a plain one, else a cleaned one with a mark that keeps it
 * apart from others that clean to the same. Holds no `/` and no leading dot or dash, so that it never leaves its folder,
 * hides, or reads like an option. The name may come from an answer of a target.
 */
export function captureName(name: string): string {
  const clean = name
    .normalize("NFC")
    .replaceAll(UNSAFE, "_")
    .replace(/^[.-]+/u, "_");
  if (clean === name && Buffer.byteLength(clean) <= LONGEST && clean !== "") return clean;
  const mark = createHash("sha256").update(name).digest("hex").slice(0, 8);
  const dot = clean.lastIndexOf(".");
  const extension = dot > 0 && clean.length - dot <= 9 ? clean.slice(dot) : "";
  return `${cut(clean.slice(0, clean.length - extension.length))}-${mark}${extension}`;
}

/** The beginning of a text that takes at most so many bytes, never with half a character. */
function cut(text: string): string {
  let bytes = 0;
  let kept = "";
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > LONGEST) break;
    kept += character;
  }
  return kept;
}

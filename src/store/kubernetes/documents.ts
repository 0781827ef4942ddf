import { createHash } from "node:crypto";

import { unreachable } from "../unreachable.ts";
import type { ConfigMaps } from "./config-maps.ts";
import { documentName, labelsOf } from "./names.ts";

/** How much of a document one ConfigMap holds, in UTF-16 units: at most three bytes each, and 1 MiB is the limit. */
const PART = 256 * 1024;

export interface Documents {
  keep(rollout: string, name: string, text: string): Promise<void>;
  kept(rollout: string, name: string): Promise<string | null>;
}

/** Documents in parts, the first of which is written last and says what the whole is. */
export function createDocuments(maps: ConfigMaps, where: string): Documents {
  async function put(
    rollout: string,
    name: string,
    data: Readonly<Record<string, string>>,
  ): Promise<void> {
    const labels = labelsOf("document", rollout);
    if ((await maps.merge(name, data)) !== "gone") return;
    if ((await maps.create(name, labels, data)) === null) await maps.merge(name, data);
  }
  return {
    async keep(rollout, name, text) {
      const parts = split(text);
      for (const [part, own] of [...parts.entries()].toReversed())
        await put(rollout, documentName(rollout, name, part), {
          name,
          text: own,
          ...(part === 0 ? { parts: String(parts.length), sha256: hash(text) } : {}),
        });
    },
    async kept(rollout, name) {
      const first = (await maps.get(documentName(rollout, name, 0)))?.data;
      if (first === undefined) return null;
      const rest = await Promise.all(
        Array.from({ length: Number(first["parts"]) - 1 }, (_, part) =>
          maps.get(documentName(rollout, name, part + 1)),
        ),
      );
      const text = [first["text"], ...rest.map((part) => part?.data?.["text"])].join("");
      if (hash(text) !== first["sha256"])
        throw unreachable(where, `${name} of rollout ${rollout} is not whole there`);
      return text;
    },
  };
}

function split(text: string): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length || parts.length === 0;) {
    let end = Math.min(at + PART, text.length);
    // Two halves of one character would each be no text.
    if (end < text.length && /[\uD800-\uDBFF]/u.test(text.charAt(end - 1))) end -= 1;
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { fingerprint } from "../../src/evidence/dsse.ts";
import { writeHead } from "../../src/evidence/journal-head.ts";
import { createChain, type Link } from "../../src/evidence/journal-line.ts";
import { writeManifest } from "../../src/evidence/manifest.ts";
import { signingKey, type SigningKey } from "../../src/evidence/signing-key.ts";
import { writeFileAtomic } from "../../src/evidence/write-file.ts";
import { createFileStore } from "../../src/store/file-store.ts";
import { afterTest } from "./after-test.ts";

export const ROLLOUT = "01jf0000000000000000000001";
const AT = Date.UTC(2026, 0, 1);

export interface SealedRollout {
  /** The folder of the rollout. */
  readonly folder: string;
  readonly key: SigningKey;
  /** Fingerprint of the key. */
  readonly keyid: string;
}

/**
 * Evidence as a real rollout leaves it: two epochs, of which the first added a line after the takeover had read it, an
 * end, signed heads, captures, a bundle, a word, and the manifest. `sealed: false` stops before the manifest.
 */
export async function sealedRollout({
  sealed = true,
  rollout = ROLLOUT,
}: { readonly sealed?: boolean; readonly rollout?: string } = {}): Promise<SealedRollout> {
  const root = mkdtempSync(join(tmpdir(), "canary-evidence-"));
  afterTest(() => rmSync(root, { recursive: true, force: true }));
  const key = await signingKey(join(root, "state"));
  const store = createFileStore(root);
  const folder = join(root, rollout);
  const write = async (epoch: number, previous: Link | null, texts: readonly string[]) => {
    const chain = createChain(previous);
    let last = previous;
    for (const [index, text] of texts.entries()) {
      const kind = index === 0 ? "claimed" : "noted";
      const event = { kind, text, ...(index === 0 ? { rollout } : {}) };
      const line = chain.line({ at: AT + index, mono: index, epoch, actor: "ana", event });
      if (index === 0) await store.claim(rollout, epoch, line);
      else await store.append(rollout, epoch, [line]);
      last = { seq: (last?.seq ?? 0) + 1, line };
    }
    return last ?? { seq: 0, line: "" };
  };
  const head = (epoch: number, { seq, line }: Link, why: string) =>
    writeHead(folder, key, { rollout, epoch, seq, line, why, at: new Date(AT).toISOString() });
  const first = await write(1, null, ["start", "one", "two", "three"]);
  await head(1, first, "stage-passed");
  await store.append(rollout, 1, [
    createChain(first).line({ at: AT, mono: 9, epoch: 1, actor: "ana", event: { kind: "late" } }),
  ]);
  const second = await write(2, first, ["abort", "undone"]);
  await head(2, second, "restored");
  await write(3, second, ["end"]);
  await store.post(rollout, '{"kind":"hold"}');
  await store.beat(rollout, 1, 3);
  await writeFileAtomic(join(folder, "plan.yaml"), "name: x\n");
  await writeFileAtomic(join(folder, "rollback.json"), "{}\n", { mode: 0o600 });
  await writeFileAtomic(join(folder, "stages", "01-pilot", "smoke.txt"), "ok\n");
  await writeFileAtomic(join(folder, "stages", "01-pilot", "empty.txt"), "");
  if (sealed) await writeManifest(folder, rollout, key, new Date(AT).toISOString());
  return { folder, key, keyid: fingerprint(key.publicKey) };
}

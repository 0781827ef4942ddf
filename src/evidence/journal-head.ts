import { join } from "node:path";

import { signStatement, type Statement } from "./dsse.ts";
import { hashLine } from "./journal-line.ts";
import type { SigningKey } from "./signing-key.ts";
import { writeFileAtomic } from "./write-file.ts";

/** What a signed head says: this line stood at the end of this journal, so nothing before it can be cut off unseen. */
export const HEAD = "https://canary-rollout.dev/journal-head/v1";

export interface Head {
  readonly rollout: string;
  readonly epoch: number;
  readonly seq: number;
  readonly line: string;
  /** What had just happened: `claimed`, `stage-passed`, … */
  readonly why: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Signs a head and writes it as `heads/<epoch>.<seq>.json` into the folder of the rollout. */
export async function writeHead(folder: string, key: SigningKey, head: Head): Promise<void> {
  const { rollout, epoch, seq, line, why, at } = head;
  const statement: Statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: `journal.${epoch}.ndjson#${seq}`, digest: { sha256: hashLine(line) } }],
    predicateType: HEAD,
    predicate: { rollout, epoch, seq, why, at },
  };
  const envelope = signStatement(key, statement);
  await writeFileAtomic(
    join(folder, "heads", `${epoch}.${seq}.json`),
    `${JSON.stringify(envelope, null, 2)}\n`,
  );
}

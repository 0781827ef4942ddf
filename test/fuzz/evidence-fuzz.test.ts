import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { verifyEvidence } from "../../src/evidence/verify.ts";
import { createRandom } from "../simulation/random.ts";
import { sealedRollout } from "../support/sealed-rollout.ts";
import { mutate } from "./mutate.ts";

const FILES = ["journal.1.ndjson", "journal.2.ndjson", "heads/1.4.json", "manifest.json"] as const;

test("whatever happens to a file of the evidence, verify says that it was changed, and never throws", async () => {
  const { folder } = await sealedRollout();
  let changed = 0;
  for (let seed = 1; seed <= 30; seed += 1) {
    const random = createRandom(seed);
    const path = join(folder, random.pick(FILES));
    const before = readFileSync(path);
    const { text, how } = mutate(before, random);
    writeFileSync(path, text);
    const { ok } = await verifyEvidence(folder);
    writeFileSync(path, before);
    const isChanged = !text.equals(before);
    changed += isChanged ? 1 : 0;
    expect(ok, `seed ${seed}: ${path}: ${how}`).toBe(!isChanged);
  }
  expect(changed).toBeGreaterThan(25);
});

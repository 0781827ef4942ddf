import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { onTestFinished } from "vitest";

import { createFileStore } from "../../src/store/file-store.ts";
import { storeAttacks } from "../support/attack-store.ts";

storeAttacks("file", { claims: 150, targets: 100, words: 60, kills: 12 }, () => {
  const root = mkdtempSync(join(tmpdir(), "canary-race-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return Promise.resolve({ address: pathToFileURL(root).href, store: createFileStore(root) });
});

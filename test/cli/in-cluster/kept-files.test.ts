import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, test } from "vitest";

import { keepFiles, keptFile, keptFiles } from "../../../src/cli/in-cluster/kept-files.ts";
import type { SharedStore } from "../../../src/store/shared-store.ts";
import { folderForTest } from "../../support/real-server.ts";

const ROLLOUT = "01jf0000000000000000000001";

/** The documents of a store, and the names that were written, in order. */
function documents(): {
  readonly store: SharedStore;
  readonly written: string[];
  readonly put: (name: string, text: string) => void;
} {
  const kept = new Map<string, string>();
  const written: string[] = [];
  const store = {
    keep: (_: string, name: string, text: string) => {
      written.push(name);
      kept.set(name, text);
      return Promise.resolve();
    },
    kept: (_: string, name: string) => Promise.resolve(kept.get(name) ?? null),
  };
  return {
    store: store as unknown as SharedStore,
    written,
    put: (name, text) => kept.set(name, text),
  };
}

test("files are kept byte for byte, and again only when they changed; journals and bundle are not", async () => {
  const { store, written } = documents();
  const folder = await folderForTest();
  await mkdir(join(folder, "stages/01-pilot"), { recursive: true });
  const picture = Buffer.from([0, 255, 137, 80]);
  await writeFile(join(folder, "stages/01-pilot/panel.png"), picture);
  for (const name of ["journal.1.ndjson", "rollback.json", ".store", "manifest.json"])
    await writeFile(join(folder, name), "{}");
  await keepFiles(store, folder, ROLLOUT);
  await keepFiles(store, folder, ROLLOUT);
  expect(written.filter((name) => name !== "evidence.json")).toEqual([
    "evidence/stages/01-pilot/panel.png",
    "evidence/manifest.json",
  ]);
  expect(await keptFile(store, ROLLOUT, "stages/01-pilot/panel.png")).toEqual(picture);
});

test("a path that leads out of the evidence is no file of it", async () => {
  const { store, put } = documents();
  const paths = ["../../.bashrc", "/etc/passwd", "stages/../../x", "report.md"];
  put(
    "evidence.json",
    JSON.stringify({ v: 1, files: paths.map((path) => ({ path, sha256: "" })) }),
  );
  expect((await keptFiles(store, ROLLOUT)).map(({ path }) => path)).toEqual(["report.md"]);
});

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { listHeads } from "../../src/evidence/list-heads.ts";
import { folderForTest } from "../support/real-server.ts";

test("the lines that were signed for are told by the names of the heads, and nothing else is one", async () => {
  const folder = await folderForTest();
  expect(await listHeads(folder)).toEqual([]);
  mkdirSync(join(folder, "heads"));
  for (const name of ["1.4.json", "2.19.json", "1.x.json", "notes.txt", "3.7.json.tmp"])
    writeFileSync(join(folder, "heads", name), "{}");
  const found = await listHeads(folder);
  expect(found.toSorted((a, b) => a.epoch - b.epoch)).toEqual([
    { epoch: 1, seq: 4 },
    { epoch: 2, seq: 19 },
  ]);
});
